//! The S3 layer against a real MinIO, one server per test process.

mod bucket;
mod connection;
mod directory;
mod key;
mod object;
pub mod server;
mod upload;
