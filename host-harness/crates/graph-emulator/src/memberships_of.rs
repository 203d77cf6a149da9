//! Which memberships a path asks for.

/// Of whom, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MembershipsOf {
    /// Object id or user principal name.
    pub(super) user: String,
    /// The only kind that is wanted.
    pub(super) cast: Option<Kind>,
}

/// What somebody can be a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A group.
    Group,
    /// A role of the directory.
    Role,
}

impl Kind {
    /// The kind of a type, in lower case and without its schema.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "group" => Some(Self::Group),
            "directoryrole" => Some(Self::Role),
            _ => None,
        }
    }
}
