//! What can happen to a user: added, edited, deleted, restored, purged.
//!
//! Every change is checked as a whole before anything is touched, and leaves exactly one entry in the
//! log; one that changes nothing leaves none.

use std::time::SystemTime;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Directory, Entry, UserState, text};
use crate::change_log::{Change, Effect, PropertyChange};
use crate::edits::{apply, is_unset};
use crate::error::ChangeError;
use crate::moments;
use crate::properties::{self, MANAGER};
use crate::record::Record;

impl Directory {
    /// Adds a user; one without an id gets one, and one that says nothing of when it was created is created
    /// now. Returns the object id.
    ///
    /// # Errors
    /// [`ChangeError::Taken`] and [`ChangeError::Invalid`].
    pub fn add(&mut self, mut record: Record, at: SystemTime) -> Result<String, ChangeError> {
        let id = match record.get("id") {
            None => Uuid::new_v4().to_string(),
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(_) => return Err(ChangeError::Invalid("a user's id is a string".to_owned())),
        };
        if self.ordinal(&id).is_some() || self.groups.knows(&id) {
            return Err(ChangeError::Taken {
                property: "id",
                value: id,
            });
        }
        record.insert("id".to_owned(), Value::from(&*id));
        let created = record.entry("createdDateTime");
        created.or_insert_with(|| Value::from(moments::zulu(at)));
        record.retain(|_, value| !is_unset(value));
        self.check_names(record.keys())?;
        self.find_manager(&mut record)?;
        self.check_free(text(&record, "userPrincipalName"), None)?;
        let ordinal = self.end();
        let name = text(&record, "userPrincipalName").map(str::to_owned);
        self.index(ordinal, &id, name.as_deref())?;
        let standing = UserState::Live;
        self.entries.insert(ordinal, Entry { record, standing });
        self.added += 1;
        self.log.append(Change {
            ordinal,
            at,
            effect: Effect::Standing,
        });
        Ok(id)
    }

    fn check_names<'n>(&self, names: impl Iterator<Item = &'n String>) -> Result<(), ChangeError> {
        for name in names {
            let known = name == MANAGER
                || properties::find(name).is_some_and(|property| property.name == name)
                || properties::is_extension(name)
                || self.knows_extra(name);
            if !known {
                return Err(ChangeError::Invalid(format!(
                    "a user has no property '{name}'; check its spelling"
                )));
            }
        }
        Ok(())
    }

    /// Puts the manager that a record states, by object id or user principal name, in the form in
    /// which managers are kept: `{"id": …}`.
    fn find_manager(&self, record: &mut Record) -> Result<(), ChangeError> {
        let Some(stated) = record.get_mut(MANAGER).filter(|value| !value.is_null()) else {
            return Ok(());
        };
        let key = stated.as_str().or_else(|| stated.get("id")?.as_str());
        let key = key.ok_or_else(|| {
            let reason =
                "a manager is an object id, a user principal name, or an object with an id";
            ChangeError::Invalid(reason.to_owned())
        })?;
        let id = self.find(key).and_then(|ordinal| self.id(ordinal));
        let id = id.ok_or_else(|| {
            ChangeError::Invalid(format!("nobody is '{key}', who is to be the manager"))
        })?;
        *stated = json!({"id": id});
        Ok(())
    }

    fn check_free(&self, name: Option<&str>, own: Option<u64>) -> Result<(), ChangeError> {
        let holder = name.and_then(|name| self.find_by_name(name));
        match (name, holder) {
            (Some(name), Some(holder)) if Some(holder) != own => Err(ChangeError::Taken {
                property: "userPrincipalName",
                value: name.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Sets the members of `patch`; `null` and `[]` clear.
    ///
    /// # Errors
    /// Any [`ChangeError`]; nothing is changed then.
    pub fn edit(
        &mut self,
        key: &str,
        mut patch: Record,
        at: SystemTime,
    ) -> Result<String, ChangeError> {
        let ordinal = self.find_live(key)?;
        if patch.contains_key("id") {
            let reason = "an object id never changes; leave it out of the edit";
            return Err(ChangeError::Invalid(reason.to_owned()));
        }
        self.check_names(patch.keys())?;
        self.find_manager(&mut patch)?;
        self.check_free(text(&patch, "userPrincipalName"), Some(ordinal))?;
        let id = self.id(ordinal).unwrap_or_default();
        let Some(entry) = self.entry(ordinal) else {
            return Err(ChangeError::NoSuchUser(key.to_owned()));
        };
        let name = |record: &Record| text(record, "userPrincipalName").map(str::to_lowercase);
        let before = name(&entry.record);
        let changes = apply(&mut entry.record, patch);
        let after = name(&entry.record);
        if before != after {
            if let Some(before) = before {
                self.names.remove(&before);
            }
            if let Some(after) = after {
                self.names.insert(after, ordinal);
            }
        }
        if !changes.is_empty() {
            let effect = Effect::Properties(changes.into_boxed_slice());
            self.log.append(Change {
                ordinal,
                at,
                effect,
            });
        }
        Ok(id)
    }

    /// States a user's properties again as they are, as the service does at times without a change.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn state_again(
        &mut self,
        key: &str,
        names: Vec<String>,
        at: SystemTime,
    ) -> Result<(), ChangeError> {
        let ordinal = self.find_live(key)?;
        let subject = self.subject(ordinal);
        let cleared = |name: &str| subject.is_none_or(|subject| subject.value(name).is_none());
        let change = |name: String| match cleared(&name) {
            true => PropertyChange::cleared(name, &Value::Null),
            false => PropertyChange::set(name),
        };
        let effect = Effect::Properties(names.into_iter().map(change).collect());
        self.log.append(Change {
            ordinal,
            at,
            effect,
        });
        Ok(())
    }

    /// Moves a user to the deleted items. As in a real tenant its user principal name is then
    /// preceded by the object id without dashes, so that the name is free again.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn delete(&mut self, key: &str, at: SystemTime) -> Result<String, ChangeError> {
        let ordinal = self.find_live(key)?;
        let id = self.id(ordinal).unwrap_or_default();
        let Some(entry) = self.entry(ordinal) else {
            return Err(ChangeError::NoSuchUser(key.to_owned()));
        };
        let principal_name = entry.record.get("userPrincipalName").cloned();
        if let Some(Value::String(name)) = &principal_name {
            let altered = format!("{}{name}", id.replace('-', ""));
            entry
                .record
                .insert("userPrincipalName".to_owned(), Value::from(altered));
        }
        entry
            .record
            .insert("deletedDateTime".to_owned(), Value::from(moments::zulu(at)));
        entry.standing = UserState::Deleted {
            since: at,
            principal_name: principal_name.clone(),
        };
        if let Some(Value::String(name)) = principal_name {
            self.names.remove(&name.to_lowercase());
        }
        self.deleted += 1;
        self.log.append(Change {
            ordinal,
            at,
            effect: Effect::Standing,
        });
        Ok(id)
    }

    /// Brings a deleted user back under its own id and name.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`] unless it is in the deleted items, [`ChangeError::Taken`] where
    /// its name was given away.
    pub fn restore(&mut self, key: &str, at: SystemTime) -> Result<String, ChangeError> {
        let ordinal = self.find_deleted(key)?;
        let name = match self.standing(ordinal) {
            UserState::Deleted { principal_name, .. } => principal_name.clone(),
            _ => None,
        };
        self.check_free(name.as_ref().and_then(Value::as_str), Some(ordinal))?;
        if let Some(entry) = self.entry(ordinal) {
            entry.record.remove("deletedDateTime");
            entry.standing = UserState::Live;
            if let Some(name) = &name {
                entry
                    .record
                    .insert("userPrincipalName".to_owned(), name.clone());
            }
        }
        if let Some(Value::String(name)) = name {
            self.names.insert(name.to_lowercase(), ordinal);
        }
        self.deleted -= 1;
        self.log.append(Change {
            ordinal,
            at,
            effect: Effect::Standing,
        });
        Ok(self.id(ordinal).unwrap_or_default())
    }

    /// Deletes a user for good, live or already deleted.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchUser`].
    pub fn purge(&mut self, key: &str, at: SystemTime) -> Result<String, ChangeError> {
        let id = match self.find_deleted(key) {
            Ok(ordinal) => self.id(ordinal).unwrap_or_default(),
            Err(_) => self.delete(key, at)?,
        };
        let ordinal = self.find_deleted(&id)?;
        if let Some(entry) = self.entry(ordinal) {
            entry.record.retain(|name, _| name == "id");
            entry.standing = UserState::Purged;
        }
        self.deleted -= 1;
        self.purged += 1;
        self.groups.forget_user(ordinal, at);
        self.log.append(Change {
            ordinal,
            at,
            effect: Effect::Standing,
        });
        Ok(id)
    }
}
