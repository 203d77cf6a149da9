//! The policies that the form shows.

/// The policies that the form shows, as the document names them.
pub(crate) const POLICIES: [&str; 7] = [
    "existing",
    "update",
    "conflict",
    "removed",
    "leftScope",
    "disabled",
    "agents",
];
