//! The S3 layer against a real MinIO, one server per test process.

mod bucket;
mod connection;
mod key;
mod object;
mod server;
mod upload;
