//! What stands between a user and whoever wants to write about them: the roles they have, and where they are
//! mastered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Directory;
use crate::error::ChangeError;
use crate::member::Member;
use crate::roles::Role;

/// Who is the authority over what is said of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The directory itself.
    Cloud,
    /// A directory on premises, which synchronises the user.
    OnPremises,
    /// The directory itself, for a user who was once synchronised: what Exchange took over stays with it.
    FormerlyOnPremises,
}

impl Directory {
    /// Gives a user, or a group, exactly these roles; everybody in the group then has them, too.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchMember`], and [`ChangeError::Invalid`] for a role that nobody knows.
    pub fn assign_roles(&mut self, key: &str, names: &[&str]) -> Result<(), ChangeError> {
        let member = self
            .member(key)
            .filter(|member| !matches!(member, Member::Other(_)))
            .ok_or_else(|| ChangeError::NoSuchMember(key.to_owned()))?;
        let known = |name: &&str| {
            Role::named(name).ok_or_else(|| {
                ChangeError::Invalid(format!("no role of the directory is called '{name}'"))
            })
        };
        let roles = names.iter().map(known).collect::<Result<_, _>>()?;
        self.roles.assign(member, roles);
        Ok(())
    }

    /// The roles of a user, those that come with a group included.
    #[must_use]
    pub fn roles_of(&self, user: u64) -> BTreeSet<&'static Role> {
        let groups = self.groups.around(Member::User(user));
        let groups = groups.into_iter().map(Member::Group);
        self.roles.of(groups.chain([Member::User(user)]))
    }

    /// Whether a user is in a group that can be given roles, whether or not it has any.
    #[must_use]
    pub fn is_in_assignable_group(&self, user: u64) -> bool {
        let groups = self.groups.around(Member::User(user));
        groups.into_iter().any(|group| {
            let record = self.groups.group(group);
            record
                .is_some_and(|record| record.get("isAssignableToRole") == Some(&Value::Bool(true)))
        })
    }

    /// Who is the authority over a user
    /// (<https://learn.microsoft.com/graph/api/resources/user>, `onPremisesSyncEnabled`).
    #[must_use]
    pub fn authority(&self, user: u64) -> Authority {
        let subject = self.subject(user);
        let synced = subject.and_then(|subject| subject.value("onPremisesSyncEnabled"));
        match synced.as_deref() {
            Some(Value::Bool(true)) => Authority::OnPremises,
            Some(Value::Bool(false)) => Authority::FormerlyOnPremises,
            _ => Authority::Cloud,
        }
    }
}
