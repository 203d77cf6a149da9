//! What can be a member of a group.

use serde::{Deserialize, Serialize};

/// The type of a user who is nothing more.
pub const USER_TYPE: &str = "#microsoft.graph.user";

/// The type of a group.
pub const GROUP_TYPE: &str = "#microsoft.graph.group";

/// One member, by its place in the directory. The order is the one in which members are listed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Member {
    /// A group: its ordinal among the groups.
    Group(u64),
    /// A device, a service principal or an organisational contact: its place among those.
    Other(u64),
    /// A user: the ordinal among the users.
    User(u64),
}

/// What a member is (<https://learn.microsoft.com/graph/api/group-list-members>).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberKind {
    /// A person, or another account.
    User,
    /// A nested group.
    Group,
    /// A device.
    Device,
    /// An application's identity in the tenant.
    ServicePrincipal,
    /// A contact of the organisation.
    OrgContact,
}

impl MemberKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::User,
        Self::Group,
        Self::Device,
        Self::ServicePrincipal,
        Self::OrgContact,
    ];

    /// The value of `@odata.type`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::User => USER_TYPE,
            Self::Group => GROUP_TYPE,
            Self::Device => "#microsoft.graph.device",
            Self::ServicePrincipal => "#microsoft.graph.servicePrincipal",
            Self::OrgContact => "#microsoft.graph.orgContact",
        }
    }

    /// The kind of a type, in any case, with `#microsoft.graph.` or without.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| {
            let full = kind.type_name();
            let short = full.rsplit('.').next().unwrap_or(full);
            [full, full.trim_start_matches('#'), short]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }
}
