//! What asking the directory for one user by id has shown.

/// The code of a question that the directory did not answer.
pub const LOOKUP_FAILED: &str = "lookup-failed";

/// What asking for one user by id has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The user is there.
    Present,
    /// Not among the users; among the deleted items.
    Deleted,
    /// Neither among the users nor among the deleted items.
    Nowhere,
    /// Nowhere, and invited so short a while ago that the directory need not show them yet.
    InvitedLately,
    /// Nobody was asked: it is known to be of a kind that the configuration does not take.
    OtherKind,
    /// The question was not answered; the code says why. Nobody is removed for that.
    Unknown(String),
}

impl Finding {
    /// Whether nothing shows that the directory ever had the user.
    #[must_use]
    pub fn shows_nobody(&self) -> bool {
        match self {
            Self::Nowhere => true,
            Self::Unknown(code) => code == LOOKUP_FAILED,
            Self::Present | Self::Deleted | Self::InvitedLately | Self::OtherKind => false,
        }
    }
}
