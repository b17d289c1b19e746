//! The cluster: everything that talks to a Kubernetes API server.
//!
//! Two layers. The lower one knows objects, the upper one releases.
//!
//! | module | what it is about |
//! |---|---|
//! | [`client`] | a connection to a cluster, made from the provider block, a kubeconfig or a pod's own account |
//! | [`error`] | what can go wrong, read as the API server means it |
//! | [`reference`], [`resource`] | what objects are called, and the REST paths of their kinds |
//! | [`object`], [`manifest`] | objects as live ones, and as a chart renders them |
//! | [`discovery`] | which kinds the cluster has |
//! | [`request`] | the REST calls |
//! | [`normalise`], [`managed_fields`], [`managers`] | what is sent, and who has set which field |
//! | [`ignore`] | what the user leaves to others |
//! | [`apply`], [`claim`], [`autoscaler`] | server-side apply, with earlier selves, people and autoscalers taken into account |
//! | [`drift`], [`flatten`] | what differs between a manifest and the live object, as paths and values |
//! | [`status`] | whether an object is ready |
//! | [`wait`] | waiting until a release is ready, or certain that it never will be |
//! | [`explain`] | why something is not ready, in the words of the cluster |
//! | [`sensitive`] | what must not be shown in any text |
//! | [`release_store`] | Helm's release records, which are also the lock |
//! | [`namespace`] | making a namespace |
//! | [`lifecycle`] | install, upgrade and uninstall of a release |
//! | [`port_forward`] | a connection to a pod of a Service, through the API server |

pub mod apply;
pub mod autoscaler;
pub(crate) mod cancel;
pub mod claim;
pub mod client;
pub mod discovery;
pub mod drift;
pub mod error;
pub mod explain;
pub mod flatten;
pub mod ignore;
pub mod lifecycle;
pub mod managed_fields;
pub mod managers;
pub mod manifest;
pub mod namespace;
pub mod normalise;
pub mod object;
pub mod port_forward;
pub mod reference;
pub mod release_store;
pub mod request;
pub mod resource;
pub mod sensitive;
pub mod status;
pub mod wait;
