//! The suite that every store passes, on a destination: what stands beside a store there.
//!
//! The suite looks at a store from both sides: as a connector does, and as the people who work with its
//! contacts. Of a destination these work in the service, and [`People`] is what they can do there. What a host
//! keeps beside its contacts (plans, leases, the document) a destination has not, and the tests of it are not
//! run: whoever asks for it all the same is told so by a panic.

mod connectors_side;
mod peoples_side;

use std::collections::BTreeMap;

use connector_contract::imports::ContactStore as _;
use connector_contract::{Contact, Query};
use destination_kit::Ledger;
use destination_kit::contract::Refusal;
use destination_kit::destination::{Destination, Record, RemoteId, RemoteListId};
use store_api::suite::workspace::{FIELDS, OTHER_SOURCE, SOURCE};
use store_api::{ContactFilter, ContactRow};

use crate::DestinationStore;

/// People who work in the service.
pub trait People: Send + Sync {
    /// Somebody makes a record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal>;

    /// Somebody writes or empties a field; `false` where there is no such record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    fn edit(&self, record: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal>;

    /// Somebody puts a record on a list; `false` where there is no such record.
    fn put_on_list(&self, record: &str, name: &str) -> bool;

    /// Every record, with every list that it is on.
    fn records(&self) -> Vec<Record>;

    /// Names of lists by id.
    fn list_names(&self) -> BTreeMap<RemoteListId, String>;
}

/// A destination's store as the suite takes one.
#[derive(Debug)]
pub struct TestedStore<D, L, P> {
    /// The store.
    pub store: DestinationStore<D, L>,
    /// Who works in the service.
    pub people: P,
}

impl<D, L, P> TestedStore<D, L, P>
where
    D: Destination + 'static,
    L: Ledger + 'static,
    P: People,
    DestinationStore<D, L>: Send + Sync,
{
    fn contact_of(&self, record: &str) -> String {
        let record = record.to_owned();
        let contact = self
            .store
            .ask(move |store| store.contact_of_record(&record));
        contact.expect("a ledger in memory answers")
    }

    fn record_of(&self, contact: &str) -> Option<RemoteId> {
        let contact = contact.to_owned();
        let record = self
            .store
            .ask(move |store| store.record_of_contact(&contact));
        record.expect("a ledger in memory answers")
    }

    fn seen(&self, source: &str, contact: &str) -> Option<Contact> {
        let asked = Query {
            source: source.to_owned(),
            object_ids: Vec::new(),
            match_keys: Vec::new(),
            contacts: vec![contact.to_owned()],
            fields: FIELDS.map(str::to_owned).to_vec(),
        };
        let mut found = self
            .store
            .lookup(asked)
            .expect("a service in memory answers");
        found.pop()
    }

    /// The version of a contact, seen by the store.
    fn version(&self, contact: &str) -> u64 {
        // A person was at work: what this call knows of lists is old.
        self.store.describe().expect("a service in memory answers");
        self.seen(SOURCE, contact)
            .map_or(0, |contact| contact.version)
    }

    fn rows(&self, filter: &ContactFilter) -> Vec<ContactRow> {
        let names = self.people.list_names();
        let mut rows: Vec<_> = self
            .people
            .records()
            .into_iter()
            .map(|record| self.row(record, &names))
            .filter(|row| fits(filter, row))
            .collect();
        rows.sort_by_key(|row| row.id.parse::<u64>().unwrap_or(u64::MAX));
        rows
    }

    fn row(&self, record: Record, names: &BTreeMap<RemoteListId, String>) -> ContactRow {
        let id = self.contact_of(&record.id);
        let seen = [SOURCE, OTHER_SOURCE].map(|source| self.seen(source, &id));
        let mut links = seen
            .iter()
            .flatten()
            .filter_map(|contact| contact.link.as_ref());
        let object_id = links.next().map(|link| link.object_id.clone());
        let [first, _] = &seen;
        let first = first.as_ref();
        ContactRow {
            version: first.map_or(0, |contact| contact.version),
            active: first.is_some_and(|contact| contact.active),
            linked: object_id.is_some(),
            object_id,
            fields: record.fields.into_iter().collect(),
            lists: record
                .lists
                .unwrap_or_default()
                .iter()
                .filter_map(|list| names.get(list).cloned())
                .collect(),
            id,
        }
    }
}

fn fits(filter: &ContactFilter, row: &ContactRow) -> bool {
    let is_on = |name: &String| {
        let comparable = |name: &str| name.to_lowercase();
        row.lists
            .iter()
            .any(|list| comparable(list) == comparable(name))
    };
    filter.active.is_none_or(|active| row.active == active)
        && filter.linked.is_none_or(|linked| row.linked == linked)
        && filter.list.as_ref().is_none_or(is_on)
        && filter.text.is_none()
}

/// A part of the suite that a destination has not was asked for.
fn not_of_a_destination() -> ! {
    panic!("this is a host's to keep, and no test of it is run on a destination")
}
