//! The policies that the form shows.

/// The policies that the form shows, as the document names them.
pub(crate) const POLICIES: [&str; 8] = [
    "existing",
    "update",
    "conflict",
    "removed",
    "leftScope",
    "disabled",
    "agents",
    "organizationalContacts",
];
