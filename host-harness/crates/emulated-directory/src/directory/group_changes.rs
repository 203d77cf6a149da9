//! What can happen to the groups of a directory, with their members told by object id or user principal
//! name.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::Directory;
use crate::change_log::MEMBERS;
use crate::error::ChangeError;
use crate::member::{Member, MemberKind};
use crate::record::Record;
use crate::subject::TYPE;

impl Directory {
    /// Adds a group; `members` of the record are who is in it from the beginning. One without an id gets
    /// one, and one that says nothing else is a security group. Returns the object id.
    ///
    /// # Errors
    /// [`ChangeError::IdTaken`], [`ChangeError::NoSuchMember`] and [`ChangeError::Invalid`].
    pub fn add_group(&mut self, mut record: Record, at: SystemTime) -> Result<String, ChangeError> {
        self.groups.settle(at);
        let members = match record.remove(MEMBERS) {
            None | Some(Value::Null) => Vec::new(),
            Some(stated) => self.stated_members(&stated)?,
        };
        if let Some(Value::String(id)) = record.get("id")
            && self.ordinal(id).is_some()
        {
            return Err(ChangeError::IdTaken(id.clone()));
        }
        self.groups.add(record, &members, at)
    }

    /// Adds a device, a service principal or an organisational contact, by its `@odata.type`. Returns the
    /// object id.
    ///
    /// # Errors
    /// [`ChangeError::IdTaken`], and [`ChangeError::Invalid`] for another type.
    pub fn add_object(
        &mut self,
        mut record: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let stated = record.remove(TYPE);
        let kind = stated
            .as_ref()
            .and_then(Value::as_str)
            .and_then(MemberKind::named);
        let kind = kind.filter(|kind| !matches!(kind, MemberKind::User | MemberKind::Group));
        let Some(kind) = kind else {
            return Err(ChangeError::Invalid(format!(
                "an object has a '{TYPE}': {}, {} or {}",
                MemberKind::Device.type_name(),
                MemberKind::ServicePrincipal.type_name(),
                MemberKind::OrgContact.type_name()
            )));
        };
        if let Some(Value::String(id)) = record.get("id")
            && self.ordinal(id).is_some()
        {
            return Err(ChangeError::IdTaken(id.clone()));
        }
        self.groups.add_other(kind, record, at)
    }

    /// Adds an organisational contact. Returns the object id.
    ///
    /// # Errors
    /// [`ChangeError::IdTaken`], and [`ChangeError::Invalid`] for a property that none has.
    pub fn add_contact(
        &mut self,
        mut record: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let kind = MemberKind::OrgContact.type_name();
        record.insert(TYPE.to_owned(), Value::from(kind));
        self.add_object(record, at)
    }

    /// Sets properties of an organisational contact; `null` and `[]` clear.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchContact`] and [`ChangeError::Invalid`]; nothing is changed then.
    pub fn edit_contact(
        &mut self,
        id: &str,
        patch: Record,
        at: SystemTime,
    ) -> Result<(), ChangeError> {
        self.groups.edit_contact(id, patch, at)
    }

    /// Deletes an organisational contact for good.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchContact`].
    pub fn delete_contact(&mut self, id: &str, at: SystemTime) -> Result<(), ChangeError> {
        self.groups.settle(at);
        self.groups.delete_contact(id, at)
    }

    /// Sets properties of a group; `null` and `[]` clear.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`] and [`ChangeError::Invalid`]; nothing is changed then.
    pub fn edit_group(
        &mut self,
        id: &str,
        patch: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        self.groups.settle(at);
        self.groups.edit(id, patch, at)
    }

    /// Lets some join a group and others leave it, in that order. Returns how many did.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`], [`ChangeError::NoSuchMember`], and [`ChangeError::Invalid`] for a group
    /// in one that can hold none.
    pub fn change_members(
        &mut self,
        id: &str,
        (joining, leaving): (&[Member], &[Member]),
        at: SystemTime,
    ) -> Result<u64, ChangeError> {
        self.groups.settle(at);
        self.groups.change_members(id, (joining, leaving), at)
    }

    /// Gives a dynamic group another rule. It is emptied at once, and filled `after` a while: with those
    /// members, or with those that it had.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`], and [`ChangeError::Invalid`] for a group that is not dynamic.
    pub fn change_rule(
        &mut self,
        id: &str,
        (rule, members): (&str, Option<Vec<Member>>),
        at: SystemTime,
        after: Duration,
    ) -> Result<String, ChangeError> {
        self.groups.settle(at);
        let filled_at = at.checked_add(after).unwrap_or(at);
        self.groups.change_rule(id, (rule, members), at, filled_at)
    }

    /// Deletes a group: for 30 days restorably where it is one of Microsoft 365 or a security group of the
    /// cloud, else for good.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`].
    pub fn delete_group(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        self.groups.settle(at);
        self.groups.delete(id, at)
    }

    /// Brings a deleted group back under its own id, with its members.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`] unless it is in the deleted items.
    pub fn restore_group(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        self.groups.settle(at);
        self.groups.restore(id, at)
    }

    /// Deletes a group for good, whether it was deleted before or not.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchGroup`].
    pub fn purge_group(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        self.groups.settle(at);
        self.groups.purge(id, at)
    }

    /// Sets how long it takes until groups show that a user is gone for good.
    pub fn set_purge_lag(&mut self, lag: Duration) {
        self.groups.set_purge_lag(lag);
    }

    /// Lets happen what was to happen by now: dynamic groups are filled again, deleted ones can no longer be
    /// restored.
    pub fn settle(&mut self, now: SystemTime) {
        self.groups.settle(now);
    }

    /// The members that a value states: an array of object ids, user principal names, or objects with an
    /// `id`.
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] for anything else, [`ChangeError::NoSuchMember`] for nobody.
    pub fn stated_members(&self, stated: &Value) -> Result<Vec<Member>, ChangeError> {
        let invalid = || {
            let reason = "members are an array of object ids or user principal names";
            ChangeError::Invalid(reason.to_owned())
        };
        let stated = stated.as_array().ok_or_else(invalid)?;
        let keys = stated.iter().map(|member| {
            let key = member.as_str().or_else(|| member.get("id")?.as_str());
            let key = key.ok_or_else(invalid)?;
            self.member(key)
                .ok_or_else(|| ChangeError::NoSuchMember(key.to_owned()))
        });
        keys.collect()
    }
}
