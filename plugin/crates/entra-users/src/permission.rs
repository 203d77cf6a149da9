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

/// Those that suffice to read the organisation's name, beside those that read users
/// (<https://learn.microsoft.com/graph/api/organization-list>).
const READS_ORGANIZATION: [&str; 2] = ["Organization.Read.All", "Organization.ReadWrite.All"];

/// Permissions of which one suffices to write what is not sensitive about users, the least first
/// (<https://learn.microsoft.com/graph/api/user-update#permissions>).
pub const WRITES_USERS: [&str; 3] = [
    "User.ReadUpdate.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// Those that write telephone numbers, and those that write other addresses
/// (<https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions>).
pub const WRITES_PHONES: [&str; 3] = [
    "User-Phone.ReadWrite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
/// See [`WRITES_PHONES`].
pub const WRITES_OTHER_MAILS: [&str; 3] = [
    "User-Mail.ReadWrite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// Permissions of which one suffices to invite guests, the least first
/// (<https://learn.microsoft.com/graph/api/invitation-post#permissions>).
pub const INVITES: [&str; 3] = [
    "User.Invite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// The least permission that is missing among the roles of a token to invite guests: beside the one to invite, that
/// to see organisational contacts, who are not to be invited.
#[must_use]
pub fn lacks_to_invite(roles: &[String]) -> Option<&'static str> {
    if !has_any(roles, &INVITES) {
        return Some(least(&INVITES));
    }
    (!reads_org_contacts(roles)).then_some(ORG_CONTACTS)
}

/// The least permission that reads groups and who is in them.
pub const GROUPS: &str = "GroupMember.Read.All";

/// What a token needs beside that for the members of a group whose membership is hidden
/// (<https://learn.microsoft.com/graph/api/group-list-members#permissions>).
pub const HIDDEN_MEMBERS: &str = "Member.Read.Hidden";

/// Permissions of which one suffices to read groups and who is in them, the least first
/// (<https://learn.microsoft.com/graph/api/group-list#permissions>).
const READS_GROUPS: [&str; 6] = [
    GROUPS,
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// The least permission that reads organisational contacts.
pub const ORG_CONTACTS: &str = "OrgContact.Read.All";

/// Permissions of which one suffices to read organisational contacts, the least first
/// (<https://learn.microsoft.com/graph/api/orgcontact-delta#permissions>).
const READS_ORG_CONTACTS: [&str; 3] = [
    ORG_CONTACTS,
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

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

/// The least of some permissions, which begin with it.
#[must_use]
pub fn least(permissions: &[&'static str]) -> &'static str {
    permissions.first().copied().unwrap_or_default()
}

/// Whether the roles of a token allow to read users.
#[must_use]
pub fn reads_users(roles: &[String]) -> bool {
    has_any(roles, &READS_USERS)
}

/// Whether the roles of a token allow to be told of changes of groups, which takes more than to read who is in
/// them (<https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions>).
#[must_use]
pub fn is_told_of_groups(roles: &[String]) -> bool {
    roles
        .iter()
        .any(|role| !role.starts_with("GroupMember.") && READS_GROUPS.contains(&role.as_str()))
}

/// Whether the roles of a token allow to read groups and who is in them.
#[must_use]
pub fn reads_groups(roles: &[String]) -> bool {
    has_any(roles, &READS_GROUPS)
}

/// Whether the roles of a token allow to read organisational contacts.
#[must_use]
pub fn reads_org_contacts(roles: &[String]) -> bool {
    has_any(roles, &READS_ORG_CONTACTS)
}

/// Whether the roles of a token allow to read who is in a group whose membership is hidden.
#[must_use]
pub fn reads_hidden_members(roles: &[String]) -> bool {
    reads_groups(roles) && has_any(roles, &[HIDDEN_MEMBERS])
}

/// Whether the roles of a token allow to read the organisation's name.
#[must_use]
pub fn reads_organization(roles: &[String]) -> bool {
    reads_users(roles) || has_any(roles, &READS_ORGANIZATION)
}

/// Whether one of these permissions is among the roles of a token.
#[must_use]
pub fn has_any(roles: &[String], permissions: &[&str]) -> bool {
    roles
        .iter()
        .any(|role| permissions.contains(&role.as_str()))
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
    fn groups_need_a_permission_of_their_own_and_hidden_members_one_more() {
        for role in READS_GROUPS {
            assert!(reads_groups(&roles(&[role])), "{role}");
            assert!(!reads_hidden_members(&roles(&[role])), "{role}");
            assert!(reads_hidden_members(&roles(&[role, "Member.Read.Hidden"])));
        }
        // Who may see members and not the groups does not know which list they are of.
        for others in [
            &["User.Read.All"][..],
            &["GroupMember.ReadBasic.All"],
            &["Member.Read.Hidden"],
            &[],
        ] {
            assert!(!reads_groups(&roles(others)), "{others:?}");
            assert!(!reads_hidden_members(&roles(others)), "{others:?}");
        }
    }

    #[test]
    fn organisational_contacts_need_a_permission_of_their_own() {
        for role in READS_ORG_CONTACTS {
            assert!(reads_org_contacts(&roles(&[role])), "{role}");
        }
        // `Contacts.Read` is about the contacts in people's mailboxes.
        assert!(!reads_org_contacts(&roles(&[
            "User.Read.All",
            "Contacts.Read"
        ])));
    }

    #[test]
    fn whoever_invites_sees_organisational_contacts_too() {
        let lacks = |names: &[&str]| lacks_to_invite(&roles(names));
        assert_eq!(lacks(&["User.Read.All"]), Some("User.Invite.All"));
        assert_eq!(lacks(&["User.Invite.All"]), Some("OrgContact.Read.All"));
        assert_eq!(lacks(&["User.Invite.All", "OrgContact.Read.All"]), None);
        assert_eq!(lacks(&["Directory.ReadWrite.All"]), None);
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
