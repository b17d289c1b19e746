//! The object layer against a real API server: apply, drift, and trying at plan.
//!
//! What people do by hand is done by the requests that kubectl sends, under kubectl's names. The
//! numbers in the tests' comments ("Drift case 7") are those of docs/drift-cases.md.

mod access;
mod additions;
mod connection;
mod edits;
mod manifests;
mod normalised;
mod place;
mod takeover;
mod trial;
mod unchanged;
mod webhook;
