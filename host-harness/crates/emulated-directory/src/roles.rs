//! Roles of the directory: who has which, and whose sensitive properties whoever has one may write.

use std::collections::{BTreeMap, BTreeSet};

use crate::member::Member;

/// The type of a role.
pub const ROLE_TYPE: &str = "#microsoft.graph.directoryRole";

/// A built-in role (<https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// The id of its template, the same in every tenant.
    pub template: &'static str,
}

const fn role(name: &'static str, template: &'static str) -> Role {
    Role { name, template }
}

/// The roles that the documentation's table names, and one that it does not.
pub static ROLES: [Role; 15] = [
    role(
        "Authentication Administrator",
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    ),
    role("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
    role(
        "Exchange Administrator",
        "29232cdf-9323-42fd-ade2-1d097af3e4de",
    ),
    role(
        "Global Administrator",
        "62e90394-69f5-4237-9190-012177145e10",
    ),
    role(
        "Groups Administrator",
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    ),
    role("Guest Inviter", "95e79109-95c0-4d8e-aee3-d01accf2d47b"),
    role(
        "Helpdesk Administrator",
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    ),
    role(
        "Message Center Reader",
        "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
    ),
    role(
        "Password Administrator",
        "966707d0-3269-4727-9be2-8c3a10f19b9d",
    ),
    role(
        "Privileged Authentication Administrator",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    ),
    role(
        "Privileged Role Administrator",
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
    ),
    role("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"),
    role(
        "Usage Summary Reports Reader",
        "75934031-6c7e-415a-99d7-48dbd49e875e",
    ),
    role("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
    role(
        "User Experience Success Manager",
        "27460883-1df1-4691-b032-3b79643e5e63",
    ),
];

/// Whose sensitive properties these may write, without being among the highest
/// (<https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions>).
const HARMLESS: [&str; 7] = [
    "Directory Readers",
    "Guest Inviter",
    "Message Center Reader",
    "Password Administrator",
    "Reports Reader",
    "Usage Summary Reports Reader",
    "User Experience Success Manager",
];
const BY_USER_ADMINISTRATORS: [&str; 3] = [
    "Groups Administrator",
    "Helpdesk Administrator",
    "User Administrator",
];

impl Role {
    /// The role of a name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ROLES
            .iter()
            .find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// The id of the role itself, which a tenant gives it.
    #[must_use]
    pub fn id(&self) -> String {
        let (_, rest) = self.template.split_at(8);
        format!("d12ec702{rest}")
    }

    /// Whether this role allows to write the sensitive properties of whoever has that one.
    fn is_above(&self, other: &Self) -> bool {
        match self.name {
            "Global Administrator" | "Privileged Authentication Administrator" => true,
            "User Administrator" => {
                HARMLESS.contains(&other.name) || BY_USER_ADMINISTRATORS.contains(&other.name)
            }
            "Authentication Administrator" => {
                HARMLESS.contains(&other.name) || other.name == self.name
            }
            _ => false,
        }
    }
}

/// Whether an application with some roles may write the sensitive properties of a user with others. Nobody is
/// out of reach who has none.
#[must_use]
pub fn reaches(application: &BTreeSet<&'static Role>, user: &BTreeSet<&'static Role>) -> bool {
    let over = |role: &&&Role| user.iter().all(|other| role.is_above(other));
    user.is_empty() || application.iter().any(|role| over(&role))
}

/// Which users, and which groups, have which roles.
#[derive(Debug, Default)]
pub(crate) struct Assignments(BTreeMap<Member, BTreeSet<&'static Role>>);

impl Assignments {
    /// Gives somebody exactly these roles.
    pub(crate) fn assign(&mut self, to: Member, roles: BTreeSet<&'static Role>) {
        if roles.is_empty() {
            self.0.remove(&to);
        } else {
            self.0.insert(to, roles);
        }
    }

    /// The roles of any of these.
    pub(crate) fn of(&self, any: impl Iterator<Item = Member>) -> BTreeSet<&'static Role> {
        any.filter_map(|member| self.0.get(&member))
            .flatten()
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &[&str]) -> BTreeSet<&'static Role> {
        names
            .iter()
            .map(|name| Role::named(name).unwrap())
            .collect()
    }

    #[test]
    fn whoever_has_no_role_is_in_reach_of_any_application() {
        assert!(reaches(&all(&[]), &all(&[])));
        assert!(!reaches(&all(&[]), &all(&["Reports Reader"])));
    }

    #[test]
    fn one_role_of_a_user_puts_them_out_of_reach_of_whoever_is_not_above_it() {
        let user = "User Administrator";
        for (theirs, reached) in [
            (&["Helpdesk Administrator"][..], true),
            (&["User Administrator", "Reports Reader"], true),
            (&["Authentication Administrator"], false),
            (&["Global Administrator"], false),
            // One that the table does not name.
            (&["Reports Reader", "Exchange Administrator"], false),
        ] {
            assert_eq!(reaches(&all(&[user]), &all(theirs)), reached, "{theirs:?}");
        }
        assert!(!reaches(
            &all(&["Authentication Administrator"]),
            &all(&["User Administrator"])
        ));
        assert!(reaches(
            &all(&["Privileged Authentication Administrator"]),
            &all(&["Global Administrator"])
        ));
    }

    #[test]
    fn a_role_has_an_id_of_its_own_beside_that_of_its_template() {
        let role = Role::named("global administrator").unwrap();
        assert_ne!(role.id(), role.template);
        assert_eq!(role.id().len(), role.template.len());
    }
}
