//! What differs between a release's objects and their manifests.
//!
//! A server-side dry run of the manifest says what an apply would change; it does not see what
//! somebody added, for that is nobody's business of ours to the server. Additions are found in
//! `metadata.managedFields`, taken out, and the result dry-run again: its difference to the live
//! object is the whole drift, in the server's own form, defaults included.

pub use crate::kubernetes::drift::refresh::refresh;
pub use crate::kubernetes::drift::refreshed::Change;
pub use crate::kubernetes::drift::refreshed::Outcome;
pub use crate::kubernetes::drift::refreshed::Recorded;
pub use crate::kubernetes::drift::refreshed::Refresh;
pub use crate::kubernetes::drift::refreshed::RefreshOptions;
pub use crate::kubernetes::drift::refreshed::Refreshed;
pub use crate::kubernetes::drift::validate::Expected;
pub use crate::kubernetes::drift::validate::Finding;
pub use crate::kubernetes::drift::validate::Severity;
pub use crate::kubernetes::drift::validate::ValidateOptions;
pub use crate::kubernetes::drift::validate::validate;

mod compare;
mod immutable;
mod look;
mod overlay;
mod preview;
mod refresh;
mod refreshed;
mod supply;
mod validate;
mod warnings;
