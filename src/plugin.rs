//! The wire: everything between a Terraform client and the provider's types.
//!
//! A client starts the provider as a process, shakes hands over its environment
//! and standard output ([`handshake`]), connects to a socket ([`listener`]) with
//! mutual TLS ([`tls`]) and calls the provider protocol's service ([`server`]).
//! [`process`] holds that together from start to end.
//!
//! Values arrive as MessagePack ([`msgpack`]) and are read by the schema's type
//! ([`schema`], [`types`]) into [`dynamic::Dynamic`]; the [`bridge`] turns them
//! into the serde types of the resources, which implement `tf-provider`'s traits
//! ([`resource`], [`data_source`]) and are collected in a [`registry`].
//!
//! Nothing here knows of Kubernetes or S3.

pub mod bridge;
pub mod data_source;
pub mod diagnostics;
pub mod dynamic;
pub mod handshake;
pub mod listener;
pub mod logging;
pub mod msgpack;
pub mod process;
pub mod proto;
pub mod registry;
pub mod resource;
pub mod schema;
pub mod server;
pub mod state_json;
pub mod tls;
pub mod types;
