//! Which Helm the engine imitates where Helm 3 and Helm 4 differ.

/// Names the Helm whose behaviour is reproduced.
///
/// The two differ in about ten small spots: how rendered files are split into
/// manifests, what nulls in default values do, what `.Chart` is, and a dozen
/// functions that only Helm 4 has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compatibility {
    /// Helm 3.22.
    Helm3,
    /// Helm 4.3, the reference.
    #[default]
    Helm4,
}
