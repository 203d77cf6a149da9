//! What a request is for: the words an error or a log event uses for it, and the permission it
//! needs.

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An access token.
    SignIn,
    /// The tenant's name and id.
    Organization,
    /// A page of the list of users.
    Users,
    /// A page of a partition of the list of users.
    Partition,
    /// A page of the change feed of users.
    Changes {
        /// The URL carries a token that an earlier page gave.
        resumed: bool,
    },
    /// The number of users.
    Count,
    /// What became of some users.
    Lookup,
    /// Whether deleted users can be read.
    DeletedItems,
    /// To be told of changes.
    Subscriptions,
}

impl Purpose {
    /// What is being done, for the middle of a sentence.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::Organization => "read the organisation",
            Self::Users | Self::Partition => "list the users",
            Self::Changes { .. } => "read the changes of users",
            Self::Count => "count the users",
            Self::Lookup => "look users up",
            Self::DeletedItems => "read deleted users",
            Self::Subscriptions => "subscribe to changes",
        }
    }

    /// A stable code, for log events.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::SignIn => "token",
            Self::Organization => "organization",
            Self::Users => "users",
            Self::Partition => "users-partition",
            Self::Changes { .. } => "users-delta",
            Self::Count => "users-count",
            Self::Lookup => "batch",
            Self::DeletedItems => "deleted-items",
            Self::Subscriptions => "subscriptions",
        }
    }

    /// The least application permission that allows it
    /// (<https://learn.microsoft.com/graph/permissions-reference>).
    pub(super) fn permission(self) -> &'static str {
        match self {
            Self::Organization => "Organization.Read.All",
            _ => "User.Read.All",
        }
    }
}
