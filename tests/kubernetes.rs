//! The object layer against a real API server: apply, drift, and trying at plan.
//!
//! The numbers in the tests' comments are those of the cases that the behaviour was specified by
//! (`docs`: drift). What people do by hand is done by the requests that kubectl sends, under
//! kubectl's names.

mod access;
mod additions;
mod connection;
mod edits;
mod manifests;
mod place;
mod takeover;
mod trial;
mod unchanged;
mod webhook;
