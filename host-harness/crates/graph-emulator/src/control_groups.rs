//! Changing the groups of the tenant while it runs.

use std::time::Duration;

use emulated_directory::directory::Directory;
use emulated_directory::{ChangeError, Member};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::control::{Control, object};

/// Who is to join a group, or to leave it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Members {
    /// These: object ids, or user principal names.
    #[serde(rename = "members")]
    These(Vec<String>),
    /// So many live users, the first of those who can: who are not in the group yet, or who are in it.
    Count(u64),
}

impl Members {
    /// Those of these ids or names.
    pub fn of<I: Into<String>>(keys: impl IntoIterator<Item = I>) -> Self {
        Self::These(keys.into_iter().map(Into::into).collect())
    }

    fn find(
        &self,
        directory: &Directory,
        (group, joins): (&str, bool),
    ) -> Result<Vec<Member>, ChangeError> {
        let most = match self {
            Self::These(keys) => return directory.stated_members(&json!(keys)),
            Self::Count(most) => usize::try_from(*most).unwrap_or(usize::MAX),
        };
        let groups = directory.groups();
        let Some(ordinal) = groups.find(group) else {
            return Err(ChangeError::NoSuchGroup(group.to_owned()));
        };
        let users = directory
            .live_from(0)
            .map(|(ordinal, _)| Member::User(ordinal))
            .filter(|member| groups.holds(ordinal, *member) != joins);
        Ok(users.take(most).collect())
    }
}

impl Control {
    /// Adds a group, a JSON object of Graph properties; `members` of it are object ids or user principal
    /// names. One that says nothing else is a security group. Returns the object id.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`], [`ChangeError::IdTaken`] and [`ChangeError::NoSuchMember`].
    pub fn add_group(&self, group: Value) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.add_group(object(group)?, now)
    }

    /// Adds a device, a service principal or an organisational contact, by its `@odata.type`: what can be a
    /// member and is no person. Returns the object id.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] and [`ChangeError::IdTaken`].
    pub fn add_object(&self, other: Value) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.add_object(object(other)?, now)
    }

    /// Everything that is set on a live group, and the object ids of its direct `members`.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<Map<String, Value>> {
        let (mut directory, now) = self.directory_now();
        directory.settle(now);
        let groups = directory.groups();
        let ordinal = groups.find(id)?;
        let mut group = groups.group(ordinal)?.into_owned();
        let members = groups.members_from(ordinal, None);
        let ids: Vec<String> = members
            .filter_map(|member| directory.member_id(member))
            .collect();
        group.insert("members".to_owned(), json!(ids));
        Some(group)
    }

    /// Sets the members of a JSON object on a live group; `null` and `[]` clear a property.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`] and [`ChangeError::Invalid`]; nothing is changed then.
    pub fn edit_group(&self, id: &str, changes: Value) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.edit_group(id, object(changes)?, now)
    }

    /// Lets some join a group; returns how many were not in it before.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`], [`ChangeError::NoSuchMember`], and [`ChangeError::Invalid`] for a group
    /// in one that can hold none.
    pub fn add_members(&self, id: &str, members: &Members) -> Result<u64, ChangeError> {
        let (mut directory, now) = self.directory_now();
        let joining = members.find(&directory, (id, true))?;
        directory.change_members(id, (&joining, &[]), now)
    }

    /// Lets some leave a group; returns how many were in it.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`] and [`ChangeError::NoSuchMember`].
    pub fn remove_members(&self, id: &str, members: &Members) -> Result<u64, ChangeError> {
        let (mut directory, now) = self.directory_now();
        let leaving = members.find(&directory, (id, false))?;
        directory.change_members(id, (&[], &leaving), now)
    }

    /// Gives a dynamic group another rule. It is emptied at once, and filled after a while by the emulator's
    /// clock: with these members, or with those that it had. One whose processing is paused keeps them.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`], [`ChangeError::NoSuchMember`], and [`ChangeError::Invalid`] for a group
    /// that is not dynamic.
    pub fn change_rule(
        &self,
        id: &str,
        rule: &str,
        members: Option<&[String]>,
        after: Duration,
    ) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        let members = members
            .map(|keys| directory.stated_members(&json!(keys)))
            .transpose()?;
        directory.change_rule(id, (rule, members), now, after)
    }

    /// Deletes a group: restorably where it is one of Microsoft 365 or a security group of the cloud, else
    /// for good.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`].
    pub fn delete_group(&self, id: &str) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.delete_group(id, now)
    }

    /// Brings a deleted group back, with its members.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`].
    pub fn restore_group(&self, id: &str) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.restore_group(id, now)
    }

    /// Deletes a group for good, whether it was deleted before or not.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`].
    pub fn purge_group(&self, id: &str) -> Result<String, ChangeError> {
        let (mut directory, now) = self.directory_now();
        directory.purge_group(id, now)
    }
}
