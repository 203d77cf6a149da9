//! The connector's state, and the numbers for its report: what the ledger tells without asking the service.

use std::collections::BTreeMap;

use crate::contract::{Entry, Found, Missing, StateWrite, Statistics, StoreError};
use crate::destination::Destination;
use crate::keep;
use crate::keys;
use crate::ledger::Ledger;
use crate::records::{ContactRecord, LinkIndex};
use crate::store::{Store, at_most, bounded};
use crate::view::parsed;

/// Keys and values of the state together, in bytes, as the contract says.
const MAX_STATE: u64 = 512 << 20;

/// Contacts that are counted at a time.
const AT_ONCE: usize = 1_000;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// The value of an entry of the state.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn get(&self, key: &str) -> Result<Found, StoreError> {
        let value = self.view.bytes(&keys::state(key))?;
        Ok(value.map_or(Found::Absent, Found::Value))
    }

    /// Those of the entries that are there, in any order.
    ///
    /// # Errors
    ///
    /// Over the batch limit, or where nothing could be read.
    pub fn get_many(&self, keys: &[String]) -> Result<Vec<Entry>, StoreError> {
        bounded(keys.len())?;
        let found = self
            .view
            .all_bytes(keys.iter().map(|key| keys::state(key)))?;
        Ok(found.into_iter().filter_map(state_entry).collect())
    }

    /// Entries of the state whose key starts with `prefix`, in byte order, after `after`, at most `limit`.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let after = after.map(keys::state);
        let found = self
            .view
            .scan(&keys::state(prefix), after.as_deref(), at_most(limit))?;
        Ok(found.into_iter().filter_map(state_entry).collect())
    }

    /// Writes and deletes entries of the state, in order.
    pub(crate) fn write_state(&self, writes: &[StateWrite]) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut counters = keep::counters(&self.view)?;
        for StateWrite { key, value } in writes {
            let stored = keys::state(key);
            let size = |value: &Vec<u8>| (key.len() + value.len()) as u64;
            let before = self.view.bytes(&stored)?.as_ref().map_or(0, size);
            let after = value.as_ref().map_or(0, size);
            counters.state_bytes = (counters.state_bytes + after).saturating_sub(before);
            match value {
                Some(value) => self.view.put_bytes(stored, value.clone()),
                None => self.view.delete(stored),
            }
        }
        if counters.state_bytes > MAX_STATE {
            return Err(StoreError::Unavailable(format!(
                "the connector's state would be longer than {MAX_STATE} bytes"
            )));
        }
        self.view.put(keys::COUNTERS.to_owned(), &counters)
    }

    /// Numbers over the contacts that are linked to one source, as they were seen last.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn get_statistics(
        &self,
        source: &str,
        fields: &[String],
    ) -> Result<Statistics, StoreError> {
        let mut numbers = Statistics {
            active: 0,
            linked: 0,
            missing: fields
                .iter()
                .map(|field| Missing {
                    field: field.clone(),
                    contacts: 0,
                })
                .collect(),
            incomplete: 0,
        };
        let mut place: Option<String> = None;
        loop {
            let page = self
                .view
                .scan(&keys::links(source), place.as_deref(), AT_ONCE)?;
            let mut contacts = Vec::with_capacity(page.len());
            for (_, value) in &page {
                contacts.push(keys::contact(&parsed::<LinkIndex>(value)?.contact));
            }
            let contacts: BTreeMap<String, ContactRecord> = self.view.read_all(contacts)?;
            for contact in contacts.values() {
                count(&mut numbers, contact);
            }
            match page.into_iter().next_back() {
                Some((last, _)) => place = Some(last),
                None => return Ok(numbers),
            }
        }
    }
}

fn count(numbers: &mut Statistics, contact: &ContactRecord) {
    numbers.linked += 1;
    if !contact.active {
        return;
    }
    numbers.active += 1;
    let mut lacks = false;
    for missing in &mut numbers.missing {
        if !contact.fields.contains_key(&missing.field) {
            missing.contacts += 1;
            lacks = true;
        }
    }
    numbers.incomplete += u64::from(lacks);
}

fn state_entry((key, value): (String, Vec<u8>)) -> Option<Entry> {
    let key = key.strip_prefix(keys::STATE)?.to_owned();
    Some(Entry { key, value })
}
