//! Why a directory is not changed.

/// Why the directory was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Nobody has that object id or user principal name.
    #[error("no user '{0}' in that state; give an object id or a user principal name")]
    NoSuchUser(String),
    /// No group has that object id, or none in the state that the change needs.
    #[error("no group '{0}' in that state; give an object id")]
    NoSuchGroup(String),
    /// No organisational contact has that object id.
    #[error("no organisational contact '{0}'; give an object id")]
    NoSuchContact(String),
    /// Nothing has that object id, and nobody that user principal name.
    #[error(
        "nothing is '{0}', which is to be a member; give an object id or a user principal name"
    )]
    NoSuchMember(String),
    /// Another object has the object id of a group or of something else that can be a member.
    #[error("another object has the id '{0}'; choose another")]
    IdTaken(String),
    /// The user or group is not an object, or says something about its identity that cannot be.
    #[error("{0}")]
    Invalid(String),
    /// Another user has the object id or the user principal name.
    #[error("another user has the {property} '{value}'; choose another")]
    Taken {
        /// `id` or `userPrincipalName`.
        property: &'static str,
        /// The value that is taken.
        value: String,
    },
}
