//! Application permissions of Microsoft Graph
//! (<https://learn.microsoft.com/graph/permissions-reference>), as the `roles` of a token name them.

use super::user::Selection;

/// Permissions of which one suffices to read users, the least first
/// (<https://learn.microsoft.com/graph/api/user-delta>).
const READS_USERS: [&str; 4] = [
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Permissions of which one suffices to read groups and their members, the least first
/// (<https://learn.microsoft.com/graph/api/group-delta>).
const READS_GROUPS: [&str; 6] = [
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Those that suffice to read the organisation's name, beside those that read users
/// (<https://learn.microsoft.com/graph/api/organization-list>).
const READS_ORGANIZATION: [&str; 2] = ["Organization.Read.All", "Organization.ReadWrite.All"];

/// A property that needs a permission beside the one that reads users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// The attribute, as a configuration names it.
    pub attribute: &'static str,
    /// The property that `$select` names.
    pub property: &'static str,
    /// The least application permission that reads it.
    pub permission: &'static str,
}

impl Guarded {
    /// Whether the permission, or the one that may write as well, is among the roles of a token.
    #[must_use]
    pub fn is_granted(&self, roles: &[String]) -> bool {
        let writing = self.permission.replace(".Read.", ".ReadWrite.");
        roles
            .iter()
            .any(|role| role == self.permission || *role == writing)
    }

    /// Whether a request for these properties asks for this one.
    #[must_use]
    pub fn is_in(&self, selection: &Selection) -> bool {
        selection.position(self.property).is_some()
    }
}

/// Whether the roles of a token allow to read users.
#[must_use]
pub fn reads_users(roles: &[String]) -> bool {
    roles
        .iter()
        .any(|role| READS_USERS.contains(&role.as_str()))
}

/// Whether the roles of a token allow to read groups and their members.
#[must_use]
pub fn reads_groups(roles: &[String]) -> bool {
    roles
        .iter()
        .any(|role| READS_GROUPS.contains(&role.as_str()))
}

/// Whether the roles of a token allow to read the organisation's name.
#[must_use]
pub fn reads_organization(roles: &[String]) -> bool {
    reads_users(roles)
        || roles
            .iter()
            .any(|role| READS_ORGANIZATION.contains(&role.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn one_permission_that_reads_users_suffices() {
        for role in READS_USERS {
            assert!(reads_users(&roles(&[role])), "{role}");
            assert!(reads_organization(&roles(&[role])), "{role}");
        }
        assert!(!reads_users(&roles(&[
            "Organization.Read.All",
            "User.Read"
        ])));
        assert!(reads_organization(&roles(&["Organization.Read.All"])));
        assert!(!reads_users(&[]));
    }

    #[test]
    fn a_guarded_property_is_read_with_its_permission_or_the_writing_one() {
        let guarded = Guarded {
            attribute: "employeeLeaveDateTime",
            property: "employeeLeaveDateTime",
            permission: "User-LifeCycleInfo.Read.All",
        };
        assert!(guarded.is_granted(&roles(&["User-LifeCycleInfo.Read.All"])));
        assert!(guarded.is_granted(&roles(&["User-LifeCycleInfo.ReadWrite.All"])));
        assert!(!guarded.is_granted(&roles(&["User.Read.All", "Directory.ReadWrite.All"])));
    }
}
