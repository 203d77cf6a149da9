//! What the host allows beyond the document's say.

/// The host's consent, asked for in each call.
pub trait Consent {
    /// Whether this root, which the document names in the place of Microsoft's, may be used now.
    fn endpoint(&self, root: &str) -> bool;
}
