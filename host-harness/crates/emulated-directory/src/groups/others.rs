//! What is neither a user nor a group: devices, service principals and organisational contacts.
//!
//! All of it can be a member of a group. Organisational contacts have a collection of their own besides, with a log
//! of what changed; they are deleted for good, since nothing restores them.

use std::collections::HashMap;
use std::time::SystemTime;

use serde_json::Value;

use crate::change_log::{Change, ChangeLog, Effect};
use crate::contact_properties;
use crate::edits::apply;
use crate::error::ChangeError;
use crate::member::MemberKind;
use crate::record::Record;

/// A device, a service principal or a contact.
#[derive(Clone, Debug)]
struct Other {
    kind: MemberKind,
    record: Record,
    gone: bool,
}

/// All of them. Each is addressed by its place.
#[derive(Debug, Default)]
pub struct Others {
    objects: Vec<Other>,
    places: HashMap<String, u64>,
    contacts: u64,
    log: ChangeLog,
}

impl Others {
    /// Keeps an object that was there before anything changed.
    pub(super) fn keep(&mut self, kind: MemberKind, record: Record) -> u64 {
        let place = self.objects.len() as u64;
        if let Some(id) = record.get("id").and_then(Value::as_str) {
            self.places.insert(id.to_lowercase(), place);
        }
        self.contacts += u64::from(kind == MemberKind::OrgContact);
        let gone = false;
        self.objects.push(Other { kind, record, gone });
        place
    }

    /// Adds an object. Of a contact the log tells.
    pub(super) fn add(&mut self, kind: MemberKind, record: Record, at: SystemTime) {
        let place = self.keep(kind, record);
        if kind == MemberKind::OrgContact {
            self.append(place, at, Effect::Standing);
        }
    }

    fn append(&mut self, ordinal: u64, at: SystemTime, effect: Effect) {
        self.log.append(Change {
            ordinal,
            at,
            effect,
        });
    }

    /// What changed of the contacts since the emulator started.
    #[must_use]
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// How many contacts there are.
    #[must_use]
    pub fn contacts(&self) -> u64 {
        self.contacts
    }

    /// One past the last place.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.objects.len() as u64
    }

    fn other(&self, place: u64) -> Option<&Other> {
        self.objects.get(usize::try_from(place).ok()?)
    }

    /// What stands at a place now: its kind and its properties.
    #[must_use]
    pub fn get(&self, place: u64) -> Option<(MemberKind, &Record)> {
        let other = self.other(place).filter(|other| !other.gone)?;
        Some((other.kind, &other.record))
    }

    /// The contact at a place.
    #[must_use]
    pub fn contact(&self, place: u64) -> Option<&Record> {
        let (kind, record) = self.get(place)?;
        (kind == MemberKind::OrgContact).then_some(record)
    }

    /// The contacts from a place on.
    pub fn contacts_from(&self, start: u64) -> impl Iterator<Item = (u64, &Record)> {
        (start..self.end()).filter_map(|place| Some((place, self.contact(place)?)))
    }

    /// The object id at a place, also of what is gone.
    #[must_use]
    pub fn id(&self, place: u64) -> Option<&str> {
        self.other(place)?.record.get("id")?.as_str()
    }

    /// The place of an object id, whatever became of its object.
    #[must_use]
    pub fn place(&self, id: &str) -> Option<u64> {
        self.places.get(&id.to_lowercase()).copied()
    }

    /// The place of a contact that is there.
    #[must_use]
    pub fn find_contact(&self, id: &str) -> Option<u64> {
        self.place(id)
            .filter(|place| self.contact(*place).is_some())
    }

    fn contact_mut(&mut self, id: &str) -> Result<(u64, &mut Other), ChangeError> {
        let none = || ChangeError::NoSuchContact(id.to_owned());
        let place = self.find_contact(id).ok_or_else(none)?;
        let index = usize::try_from(place).map_err(|_| none())?;
        let other = self.objects.get_mut(index).ok_or_else(none)?;
        Ok((place, other))
    }

    /// Sets properties of a contact; `null` and `[]` clear.
    pub(super) fn edit(
        &mut self,
        id: &str,
        patch: Record,
        at: SystemTime,
    ) -> Result<(), ChangeError> {
        check_names(&patch)?;
        if patch.contains_key("id") {
            let reason = "an object id never changes; leave it out of the edit";
            return Err(ChangeError::Invalid(reason.to_owned()));
        }
        let (place, contact) = self.contact_mut(id)?;
        let changes = apply(&mut contact.record, patch);
        if !changes.is_empty() {
            self.append(place, at, Effect::Properties(changes.into_boxed_slice()));
        }
        Ok(())
    }

    /// Deletes a contact for good; its place.
    pub(super) fn delete(&mut self, id: &str, at: SystemTime) -> Result<u64, ChangeError> {
        let (place, contact) = self.contact_mut(id)?;
        contact.record.retain(|name, _| name == "id");
        contact.gone = true;
        self.contacts -= 1;
        self.append(place, at, Effect::Standing);
        Ok(place)
    }
}

/// Whether a contact has these properties.
pub(super) fn check_names(record: &Record) -> Result<(), ChangeError> {
    let unknown = record
        .keys()
        .find(|name| contact_properties::find(name).is_none_or(|property| property.name != **name));
    match unknown {
        None => Ok(()),
        Some(name) => Err(ChangeError::Invalid(format!(
            "an organisational contact has no property '{name}'; check its spelling"
        ))),
    }
}
