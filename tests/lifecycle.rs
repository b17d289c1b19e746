//! Releases on a real cluster: what is applied, recorded, waited for, recovered and removed.
//!
//! Every test has a namespace of its own, in which Pod Security `restricted` is enforced.

mod failures;
mod fixture;
mod hooks;
mod interoperation;
mod operations;
mod recovery;
mod tunnel;
