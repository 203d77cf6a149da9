//! What a request is for: the words an error or a log event uses for it, and the permission it
//! needs.

use entra_users::permission;

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
    /// A page of groups with their members.
    GroupChanges {
        /// The URL carries a token that an earlier page gave.
        resumed: bool,
    },
    /// What became of some groups.
    GroupLookup,
    /// A page of the list of organisational contacts.
    OrgContacts,
    /// A page of the change feed of organisational contacts.
    OrgContactChanges {
        /// The URL carries a token that an earlier page gave.
        resumed: bool,
    },
    /// The number of organisational contacts.
    OrgContactCount,
    /// The number of users.
    Count,
    /// What became of some users.
    Lookup,
    /// Whether deleted users can be read.
    DeletedItems,
    /// To be told of changes of users.
    Subscriptions,
    /// To be told of changes of groups.
    GroupSubscriptions,
    /// Whether groups can be read.
    Groups,
    /// To write values of users.
    Updates,
    /// Who has an address.
    Accounts,
    /// To invite guests.
    Invitations,
}

impl Purpose {
    /// What is being done, for the middle of a sentence.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::Organization => "read the organisation",
            Self::Users | Self::Partition => "list the users",
            Self::Changes { .. } => "read the changes of users",
            Self::GroupChanges { .. } => "read the groups and their members",
            Self::GroupLookup => "look groups up",
            Self::OrgContacts => "list the organisational contacts",
            Self::OrgContactChanges { .. } => "read the changes of organisational contacts",
            Self::OrgContactCount => "count the organisational contacts",
            Self::Count => "count the users",
            Self::Lookup => "look users up",
            Self::DeletedItems => "read deleted users",
            Self::Subscriptions => "subscribe to changes of users",
            Self::GroupSubscriptions => "subscribe to changes of groups",
            Self::Groups => "read the groups",
            Self::Updates => "write users",
            Self::Accounts => "look for whoever has an address",
            Self::Invitations => "invite guests",
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
            Self::GroupChanges { .. } => "groups-delta",
            Self::GroupLookup => "groups-batch",
            Self::OrgContacts => "contacts",
            Self::OrgContactChanges { .. } => "contacts-delta",
            Self::OrgContactCount => "contacts-count",
            Self::Count => "users-count",
            Self::Lookup => "batch",
            Self::DeletedItems => "deleted-items",
            Self::Subscriptions | Self::GroupSubscriptions => "subscriptions",
            Self::Groups => "groups",
            Self::Updates => "users-update",
            Self::Accounts => "accounts",
            Self::Invitations => "invitations",
        }
    }

    /// The least application permission that allows it
    /// (<https://learn.microsoft.com/graph/permissions-reference>).
    pub(super) fn permission(self) -> &'static str {
        match self {
            Self::Organization => "Organization.Read.All",
            Self::Groups | Self::GroupChanges { .. } | Self::GroupLookup => permission::GROUPS,
            Self::OrgContacts | Self::OrgContactChanges { .. } | Self::OrgContactCount => {
                permission::ORG_CONTACTS
            }
            // The permissions for members alone are documented for reading, and not for this.
            Self::GroupSubscriptions => "Group.Read.All",
            Self::Updates => permission::least(&permission::WRITES_USERS),
            Self::Invitations => permission::least(&permission::INVITES),
            _ => "User.Read.All",
        }
    }

    /// Whether it changes something about people, so that it must not be sent again before it is known what
    /// became of it.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Updates | Self::Invitations)
    }
}
