//! Helm without Helm: charts in, Kubernetes manifests out.
//!
//! The layer is pure: it knows no cluster, no network and no Terraform. It reads
//! chart folders, and nothing else, from the disk ([`chart::directory`]); the time,
//! random bytes and the objects of a cluster come in through [`render::RenderRequest`].
//! Its reference is Helm 4.3.1; where Helm 3.22.0 differs,
//! [`compatibility::Compatibility`] is the switch.
//!
//! From the bottom up:
//!
//! - [`value`] is what templates compute with: Go's values, shared and mutable.
//! - [`yaml`], [`json`], [`toml`], [`strconv`], [`printf`], [`unicode`] read and write text
//!   as Go and its libraries do, byte for byte.
//! - [`template`] is Go's `text/template`; [`function`] says what a function is,
//!   [`functions`] has all of Helm's and sprig's.
//! - [`chart`] loads a chart; [`values`] merges values; [`dependencies`] decides
//!   which subcharts take part; [`schema`] checks values.
//! - [`capabilities`] and [`files`] are `.Capabilities` and `.Files`.
//! - [`manifest`] cuts rendered text into objects and hooks and orders them.
//! - [`render`] puts all of that together: [`render::render`] is the entrance.
//! - [`release`] is the record that a release leaves in the cluster.

pub mod capabilities;
pub mod chart;
pub mod compatibility;
pub mod dependencies;
pub mod files;
pub mod function;
pub mod functions;
pub mod json;
pub mod manifest;
pub mod printf;
pub mod release;
pub mod render;
pub mod schema;
pub mod strconv;
pub mod template;
pub mod toml;
pub mod unicode;
pub mod value;
pub mod values;
pub mod yaml;
