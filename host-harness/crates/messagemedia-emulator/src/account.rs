//! What one account holds: its contacts, lists and custom fields, each in the order in which they were made.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use crate::contact::{Contact, CustomField, List, Subscription};

/// A contact as it was from a moment on; `None` once it was deleted.
#[derive(Debug)]
struct Version {
    since: SystemTime,
    contact: Option<Contact>,
}

/// A contact, with as much of its past as pages may still show.
#[derive(Debug, Default)]
struct Versions(Vec<Version>);

impl Versions {
    fn now(&self) -> Option<&Contact> {
        self.0.last()?.contact.as_ref()
    }

    /// As it was at a moment.
    fn at(&self, moment: SystemTime) -> Option<&Contact> {
        let seen = self.0.iter().rfind(|version| version.since <= moment)?;
        seen.contact.as_ref()
    }

    /// Adds a version, and forgets those that nobody sees any more who sees the state of a moment.
    fn push(&mut self, version: Version, seen: SystemTime) {
        self.0.push(version);
        let newest_seen = self.0.iter().rposition(|version| version.since <= seen);
        self.0.drain(..newest_seen.unwrap_or(0));
    }

    /// Whether nothing is left of it, for whoever sees the state of a moment.
    fn is_gone(&self, seen: SystemTime) -> bool {
        self.now().is_none() && self.at(seen).is_none() && self.0.len() <= 1
    }
}

/// One account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    contacts: BTreeMap<u64, Versions>,
    /// The places of contacts, by their ids.
    places: HashMap<String, u64>,
    /// Who has a channel now, by its id.
    by_channel: HashMap<String, BTreeSet<u64>>,
    lists: BTreeMap<u64, List>,
    fields: BTreeMap<u64, CustomField>,
    made: u64,
}

impl Account {
    /// The number of what is made next; numbers only grow.
    pub(crate) fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Keeps a contact, new or changed. Pages that lag behind by `delay` go on showing what there was.
    pub(crate) fn put(&mut self, place: u64, contact: Contact, now: SystemTime, delay: Duration) {
        self.unlist_channels(place);
        for channel in &contact.channels {
            let holders = self.by_channel.entry(channel.channel_id.clone());
            holders.or_default().insert(place);
        }
        self.places.insert(contact.id.clone(), place);
        let version = Version {
            since: now,
            contact: Some(contact),
        };
        let seen = now.checked_sub(delay).unwrap_or(SystemTime::UNIX_EPOCH);
        self.contacts.entry(place).or_default().push(version, seen);
    }

    /// Deletes a contact; `false` where there is none.
    pub(crate) fn delete(&mut self, id: &str, now: SystemTime, delay: Duration) -> bool {
        let Some(place) = self.places.remove(id) else {
            return false;
        };
        self.unlist_channels(place);
        let seen = now.checked_sub(delay).unwrap_or(SystemTime::UNIX_EPOCH);
        if let Some(versions) = self.contacts.get_mut(&place) {
            let version = Version {
                since: now,
                contact: None,
            };
            versions.push(version, seen);
            if versions.is_gone(seen) {
                self.contacts.remove(&place);
            }
        }
        true
    }

    fn unlist_channels(&mut self, place: u64) {
        let current = self.contacts.get(&place).and_then(Versions::now);
        for channel in current.into_iter().flat_map(|contact| &contact.channels) {
            if let Some(holders) = self.by_channel.get_mut(&channel.channel_id) {
                holders.remove(&place);
            }
        }
    }

    /// A contact as it is now, and its place.
    pub(crate) fn contact(&self, id: &str) -> Option<(u64, &Contact)> {
        let place = *self.places.get(id)?;
        Some((place, self.contacts.get(&place)?.now()?))
    }

    /// All contacts as they are now.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.values().filter_map(Versions::now)
    }

    /// All contacts as they were at a moment, with their places.
    pub(crate) fn contacts_at(&self, moment: SystemTime) -> impl Iterator<Item = (u64, &Contact)> {
        let contacts = self.contacts.iter();
        contacts.filter_map(move |(&place, versions)| Some((place, versions.at(moment)?)))
    }

    /// Those of some ids as they were at a moment, with their places.
    pub(crate) fn some_contacts_at(
        &self,
        ids: &BTreeSet<String>,
        moment: SystemTime,
    ) -> Vec<(u64, &Contact)> {
        let places = ids.iter().filter_map(|id| self.places.get(id));
        let places: BTreeSet<u64> = places.copied().collect();
        let found = places.into_iter().filter_map(|place| {
            let contact = self.contacts.get(&place)?.at(moment)?;
            Some((place, contact))
        });
        found.collect()
    }

    /// The places of whoever has a channel now.
    pub(crate) fn holders(&self, channel_id: &str) -> impl Iterator<Item = (u64, &Contact)> {
        let places = self.by_channel.get(channel_id).into_iter().flatten();
        places.filter_map(|place| Some((*place, self.contacts.get(place)?.now()?)))
    }

    /// Takes a number out of all subscriptions, or into them again, as its owner does by an answer to a message.
    /// How many contacts have it.
    pub(crate) fn subscribe(
        &mut self,
        channel_id: &str,
        subscription: Subscription,
        now: SystemTime,
        delay: Duration,
    ) -> usize {
        let holders: Vec<(u64, Contact)> = self
            .holders(channel_id)
            .map(|(place, contact)| (place, contact.clone()))
            .collect();
        for (place, contact) in &holders {
            let mut contact = contact.clone();
            for channel in &mut contact.channels {
                if channel.channel_id == channel_id {
                    channel.subscription_state = subscription;
                }
            }
            contact.modified = now;
            self.put(*place, contact, now, delay);
        }
        holders.len()
    }

    pub(crate) fn lists(&self) -> impl Iterator<Item = (u64, &List)> {
        self.lists.iter().map(|(&place, list)| (place, list))
    }

    pub(crate) fn list(&self, id: &str) -> Option<&List> {
        self.lists.values().find(|list| list.id == id)
    }

    pub(crate) fn list_mut(&mut self, id: &str) -> Option<&mut List> {
        self.lists.values_mut().find(|list| list.id == id)
    }

    pub(crate) fn add_list(&mut self, place: u64, list: List) {
        self.lists.insert(place, list);
    }

    /// Deletes a list; its members are on it no more. `false` where there is none.
    pub(crate) fn delete_list(&mut self, id: &str) -> bool {
        let before = self.lists.len();
        self.lists.retain(|_, list| list.id != id);
        for contact in self.all_versions() {
            contact.lists.remove(id);
        }
        self.lists.len() < before
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (u64, &CustomField)> {
        self.fields.iter().map(|(&place, field)| (place, field))
    }

    pub(crate) fn field(&self, id: &str) -> Option<&CustomField> {
        self.fields.values().find(|field| field.id == id)
    }

    pub(crate) fn field_mut(&mut self, id: &str) -> Option<&mut CustomField> {
        self.fields.values_mut().find(|field| field.id == id)
    }

    pub(crate) fn add_field(&mut self, place: u64, field: CustomField) {
        self.fields.insert(place, field);
    }

    /// Deletes a custom field, with its values. `false` where there is none.
    pub(crate) fn delete_field(&mut self, id: &str) -> bool {
        let before = self.fields.len();
        self.fields.retain(|_, field| field.id != id);
        for contact in self.all_versions() {
            contact.values.remove(id);
        }
        self.fields.len() < before
    }

    fn all_versions(&mut self) -> impl Iterator<Item = &mut Contact> {
        let versions = self.contacts.values_mut().flat_map(|kept| &mut kept.0);
        versions.filter_map(|version| version.contact.as_mut())
    }
}
