//! What can happen to a group: added, edited, joined, left, emptied and filled again, deleted, restored,
//! purged.
//!
//! Every change is checked as a whole before anything is touched, and leaves at most one entry in the log.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use uuid::Uuid;

use super::kind::{self, GroupKind};
use super::later::Event;
use super::{GroupState, Groups, others, text};
use crate::change_log::{Change, Effect, MemberChange};
use crate::edits::{apply, is_unset};
use crate::error::ChangeError;
use crate::group_properties;
use crate::member::{Member, MemberKind};
use crate::moments;
use crate::record::Record;

/// How long a deleted group can be restored (<https://learn.microsoft.com/graph/api/resources/directory>).
const RESTORABLE: Duration = Duration::from_hours(30 * 24);

fn invalid(reason: impl Into<String>) -> ChangeError {
    ChangeError::Invalid(reason.into())
}

impl Groups {
    fn append(&mut self, ordinal: u64, at: SystemTime, effect: Effect) {
        let change = Change {
            ordinal,
            at,
            effect,
        };
        self.log.append(change);
    }

    /// Adds a group. One that says nothing else is a security group; `groupTypes` with `Unified` makes it
    /// one of Microsoft 365.
    pub(crate) fn add(
        &mut self,
        mut record: Record,
        members: &[Member],
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let id = match record.get("id") {
            None => Uuid::new_v4().to_string(),
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(_) => return Err(invalid("a group's id is a string")),
        };
        if self.knows(&id) {
            return Err(ChangeError::IdTaken(id));
        }
        record.retain(|_, value| !is_unset(value));
        check_names(&record)?;
        let Some(name) = text(&record, "displayName").map(str::to_owned) else {
            return Err(invalid("a group needs a displayName"));
        };
        complete(&mut record, &id, &name, at);
        check_role(&record)?;
        check_nesting(&record, members)?;
        let ordinal = self.end();
        self.ids.insert(id.to_lowercase(), ordinal);
        self.added += 1;
        let entry = super::Entry {
            record,
            standing: GroupState::Live,
            joined: members.iter().copied().collect(),
            left: std::collections::BTreeSet::new(),
        };
        self.entries.insert(ordinal, entry);
        self.append(ordinal, at, Effect::Standing);
        Ok(id)
    }

    /// Adds a device, a service principal or a contact, which can then be a member.
    pub(crate) fn add_other(
        &mut self,
        kind: MemberKind,
        mut record: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let id = match record.get("id") {
            None => Uuid::new_v4().to_string(),
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(_) => return Err(invalid("an object's id is a string")),
        };
        if self.knows(&id) {
            return Err(ChangeError::IdTaken(id));
        }
        if kind == MemberKind::OrgContact {
            record.retain(|_, value| !is_unset(value));
            others::check_names(&record)?;
        }
        record.insert("id".to_owned(), json!(id));
        self.others.add(kind, record, at);
        Ok(id)
    }

    /// Keeps contacts that were there before anything changed.
    pub(crate) fn keep_contacts(&mut self, contacts: impl IntoIterator<Item = Record>) {
        for contact in contacts {
            self.others.keep(MemberKind::OrgContact, contact);
        }
    }

    /// Sets properties of a contact; `null` and `[]` clear.
    pub(crate) fn edit_contact(
        &mut self,
        id: &str,
        patch: Record,
        at: SystemTime,
    ) -> Result<(), ChangeError> {
        self.others.edit(id, patch, at)
    }

    /// Deletes a contact for good. Every group shows that it has left.
    pub(crate) fn delete_contact(&mut self, id: &str, at: SystemTime) -> Result<(), ChangeError> {
        let place = self.others.delete(id, at)?;
        self.forget(Member::Other(place), at);
        Ok(())
    }

    /// Sets properties; `null` and `[]` clear.
    pub(crate) fn edit(
        &mut self,
        id: &str,
        patch: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let ordinal = self.live_ordinal(id)?;
        check_names(&patch)?;
        for fixed in ["id", "isAssignableToRole"] {
            if patch.contains_key(fixed) {
                return Err(invalid(format!(
                    "a group's {fixed} never changes; leave it out of the edit"
                )));
            }
        }
        if patch.get("displayName").is_some_and(is_unset) {
            return Err(invalid("a group's displayName cannot be cleared"));
        }
        let none = || ChangeError::NoSuchGroup(id.to_owned());
        let mut record = self.group(ordinal).ok_or_else(none)?.into_owned();
        let changes = apply(&mut record, patch);
        check_role(&record)?;
        // Groups come first among the members.
        let members = self.members_from(ordinal, None);
        let nested: Vec<Member> = members
            .take_while(|member| matches!(member, Member::Group(_)))
            .collect();
        check_nesting(&record, &nested)?;
        if !changes.is_empty() {
            self.entry(ordinal).ok_or_else(none)?.record = record;
            self.append(ordinal, at, Effect::Properties(changes.into_boxed_slice()));
        }
        Ok(self.id(ordinal).unwrap_or_default())
    }

    /// Lets members join and leave, in that order; returns how many did.
    pub(crate) fn change_members(
        &mut self,
        id: &str,
        (joining, leaving): (&[Member], &[Member]),
        at: SystemTime,
    ) -> Result<u64, ChangeError> {
        let ordinal = self.live_ordinal(id)?;
        if let Some(record) = self.group(ordinal) {
            check_nesting(&record, joining)?;
        }
        Ok(self.move_members(ordinal, (joining, leaving), at))
    }

    fn move_members(
        &mut self,
        ordinal: u64,
        (joining, leaving): (&[Member], &[Member]),
        at: SystemTime,
    ) -> u64 {
        let joining = joining.iter().map(|member| (*member, true));
        let leaving = leaving.iter().map(|member| (*member, false));
        let wanted: Vec<(Member, bool)> = joining.chain(leaving).collect();
        let mut moved = Vec::with_capacity(wanted.len());
        for (member, joined) in wanted {
            if self.move_member(ordinal, member, joined) {
                moved.push(MemberChange { member, joined });
            }
        }
        let count = moved.len() as u64;
        if count > 0 {
            self.append(ordinal, at, Effect::Members(moved.into_boxed_slice()));
        }
        count
    }

    /// Gives a dynamic group another rule: it is emptied at once, and filled when its time has come
    /// (<https://learn.microsoft.com/entra/identity/users/groups-troubleshooting>). One whose processing is
    /// paused keeps its members.
    pub(crate) fn change_rule(
        &mut self,
        id: &str,
        (rule, members): (&str, Option<Vec<Member>>),
        at: SystemTime,
        filled_at: SystemTime,
    ) -> Result<String, ChangeError> {
        let ordinal = self.live_ordinal(id)?;
        let record = self.group(ordinal).map(|record| record.into_owned());
        let record = record.unwrap_or_default();
        if !kind::has_type(&record, "DynamicMembership") {
            return Err(invalid(
                "only a group whose groupTypes have DynamicMembership has a rule; set them first",
            ));
        }
        let paused = text(&record, "membershipRuleProcessingState") == Some("Paused");
        let patch = json!({"membershipRule": rule});
        self.edit(id, patch.as_object().cloned().unwrap_or_default(), at)?;
        if !paused {
            let before: Vec<Member> = self.members_from(ordinal, None).collect();
            self.move_members(ordinal, (&[], &before), at);
            // A group that waits for its members has them still, though none is told.
            let mut kept = self.later.take_fill(ordinal);
            kept.extend(before);
            let fill = Event::Fill {
                group: ordinal,
                members: members.unwrap_or(kept),
            };
            self.later.plan(filled_at, fill);
        }
        Ok(self.id(ordinal).unwrap_or_default())
    }

    /// When something is to happen by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        self.later.next()
    }

    /// Lets happen what was to happen by now.
    pub(crate) fn settle(&mut self, now: SystemTime) {
        while let Some((at, event)) = self.later.take(now) {
            match event {
                // A deleted group, too: it is restored with its members.
                Event::Fill { group, members } => {
                    self.move_members(group, (&members, &[]), at);
                }
                Event::Expire(group) => self.expire(group, at),
                Event::Forget(member) => self.forget(member, at),
            }
        }
    }

    /// Deletes a group: restorably, or for good where its kind cannot be restored.
    pub(crate) fn delete(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        let ordinal = self.live_ordinal(id)?;
        let entry = self
            .entry(ordinal)
            .ok_or_else(|| ChangeError::NoSuchGroup(id.to_owned()))?;
        let recoverable = kind::is_recoverable(&entry.record);
        entry.standing = GroupState::Deleted;
        let since = json!(moments::zulu(at));
        entry.record.insert("deletedDateTime".to_owned(), since);
        self.deleted += 1;
        if !recoverable {
            return self.purge(id, at);
        }
        self.append(ordinal, at, Effect::Standing);
        if let Some(end) = at.checked_add(RESTORABLE) {
            self.later.plan(end, Event::Expire(ordinal));
        }
        Ok(self.id(ordinal).unwrap_or_default())
    }

    fn expire(&mut self, ordinal: u64, at: SystemTime) {
        if self.standing(ordinal) == GroupState::Deleted {
            self.deleted -= 1;
            self.bury(ordinal, at);
        }
    }

    /// Brings a deleted group back, with its members.
    pub(crate) fn restore(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        let ordinal = self.deleted_ordinal(id)?;
        if let Some(entry) = self.entry(ordinal) {
            entry.record.remove("deletedDateTime");
            entry.standing = GroupState::Live;
        }
        self.deleted -= 1;
        self.later.cancel_expiry(ordinal);
        self.append(ordinal, at, Effect::Standing);
        Ok(self.id(ordinal).unwrap_or_default())
    }

    /// Deletes a group for good, live or already deleted.
    pub(crate) fn purge(&mut self, id: &str, at: SystemTime) -> Result<String, ChangeError> {
        let ordinal = match self.deleted_ordinal(id) {
            Ok(ordinal) => {
                self.deleted -= 1;
                ordinal
            }
            Err(_) => self.live_ordinal(id)?,
        };
        self.bury(ordinal, at);
        Ok(self.id(ordinal).unwrap_or_default())
    }

    /// What is left of a group that is gone for good is its id.
    fn bury(&mut self, ordinal: u64, at: SystemTime) {
        if let Some(entry) = self.entry(ordinal) {
            entry.record.retain(|name, _| name == "id");
            entry.standing = GroupState::Purged;
        }
        self.purged += 1;
        self.later.cancel(ordinal);
        self.append(ordinal, at, Effect::Standing);
        self.forget(Member::Group(ordinal), at);
    }

    /// Takes a user who is gone for good out of every group, at once or after the lag.
    pub(crate) fn forget_user(&mut self, user: u64, at: SystemTime) {
        let member = Member::User(user);
        match at.checked_add(self.purge_lag) {
            Some(seen) if seen > at => self.later.plan(seen, Event::Forget(member)),
            _ => self.forget(member, at),
        }
    }

    /// How long it takes until groups show that a user is gone for good.
    pub(crate) fn set_purge_lag(&mut self, lag: Duration) {
        self.purge_lag = lag;
    }

    fn forget(&mut self, member: Member, at: SystemTime) {
        for ordinal in self.holders(member) {
            self.move_members(ordinal, (&[], &[member]), at);
        }
    }
}

fn check_names(record: &Record) -> Result<(), ChangeError> {
    let unknown = record
        .keys()
        .find(|name| group_properties::find(name).is_none_or(|property| property.name != **name));
    match unknown {
        None => Ok(()),
        Some(name) => Err(invalid(format!(
            "a group has no property '{name}'; check its spelling"
        ))),
    }
}

/// What a group has that nobody states (<https://learn.microsoft.com/graph/api/group-post-groups>).
fn complete(record: &mut Record, id: &str, name: &str, at: SystemTime) {
    let unified = kind::has_type(record, "Unified");
    let created = moments::zulu(at);
    let nickname: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut default = |name: &str, value: Value| {
        record.entry(name).or_insert(value);
    };
    default("createdDateTime", json!(created));
    default("renewedDateTime", json!(created));
    default("mailEnabled", json!(unified));
    default("securityEnabled", json!(!unified));
    default("mailNickname", json!(nickname.to_lowercase()));
    if unified {
        default("visibility", json!("Public"));
    }
    record.insert("id".to_owned(), json!(id));
}

fn check_role(record: &Record) -> Result<(), ChangeError> {
    let secure = record.get("securityEnabled") == Some(&Value::Bool(true));
    let dynamic = kind::has_type(record, "DynamicMembership");
    if kind::is_assignable(record) && (!secure || dynamic) {
        return Err(invalid(
            "a group that roles can be assigned to is securityEnabled and not dynamic",
        ));
    }
    Ok(())
}

fn check_nesting(record: &Record, members: &[Member]) -> Result<(), ChangeError> {
    let nests = members
        .iter()
        .any(|member| matches!(member, Member::Group(_)));
    let flat = GroupKind::of(record) == GroupKind::Microsoft365 || kind::is_assignable(record);
    if nests && flat {
        return Err(invalid(
            "a group of Microsoft 365, and one that roles can be assigned to, holds no groups",
        ));
    }
    Ok(())
}
