//! The S3 side: buckets and objects on MinIO (or any other S3 server), made to exist and to be
//! equal to what is wanted, and read back without a download.
//!
//! ```text
//! object ──┬─ upload ──┐
//!          └─ copy     ├─ client ── transport (TCP or a given tunnel, TLS)
//! directory · listing ─┤
//! bucket ──┬─ empty ───┘
//!          └─ lifecycle, policy, tags (pure)
//! folder, file (what is read from the disk) · download (content from a URL) · key, content_type, checksum (pure) · error (one place that reads what a server answered)
//! ```
//!
//! Nothing here knows of Terraform or Kubernetes. What is wanted is a plain value ([`ObjectSpec`],
//! [`BucketSpec`]), what is there is another ([`ObjectState`], [`BucketState`]), and create and
//! update are one operation ([`ensure_object`], [`ensure_bucket`]).
//!
//! "Gone" ([`Observed::Gone`]) is only ever said when the server itself says so for that very
//! bucket or key; everything else is an [`S3Error`], so that a wrong password or a proxy's 404 page
//! never makes anybody create things anew.

mod breaker;
pub mod bucket;
pub mod checksum;
pub mod client;
pub mod content_type;
pub mod directory;
pub mod download;
pub mod error;
pub mod file;
pub mod folder;
pub mod key;
pub mod lifecycle;
pub mod listing;
pub mod object;
pub mod policy;
mod signing;
pub mod tags;
mod transport;

pub use bucket::BucketSpec;
pub use bucket::BucketState;
pub use bucket::ensure_bucket;
pub use bucket::observe_bucket;
pub use bucket::remove_bucket;
pub use client::Client;
pub use client::Endpoint;
pub use error::ErrorKind;
pub use error::Gone;
pub use error::Observed;
pub use error::S3Error;
pub use object::Expectation;
pub use object::ObjectSpec;
pub use object::ObjectState;
pub use object::Source;
pub use object::ensure_object;
pub use object::observe_object;
pub use object::remove_object;
pub use object::remove_object_versions;
