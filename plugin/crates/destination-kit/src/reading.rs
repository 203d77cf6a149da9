//! Contacts read: by user, by id and by match key, each as the service has it now.

use std::collections::{BTreeMap, BTreeSet};

use contact_identity::address::comparable;

use crate::canonical;
use crate::contract::{Contact, Query, StoreError};
use crate::destination::{Capabilities, Destination, Key, Record, RemoteId};
use crate::drive;
use crate::keep::{self, Addresses};
use crate::keys;
use crate::known::{Known, values};
use crate::ledger::Ledger;
use crate::records::{ContactRecord, LinkIndex, LinkRecord};
use crate::rules;
use crate::store::{Store, bounded};
use crate::view::parsed;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// All contacts that meet the query, in any order.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        bounded(query.object_ids.len() + query.match_keys.len() + query.contacts.len())?;
        let query = canonical::query(query);
        let capabilities = self.capabilities()?;
        self.recover(&capabilities)?;
        self.scan_once(&capabilities)?;
        let addresses = Addresses::read(&self.view, rules::match_key(&capabilities))?;
        let mut wanted: BTreeSet<String> = query.contacts.iter().cloned().collect();
        wanted.extend(self.contacts_of(&query.source, &query.object_ids)?);
        let keys = Keys::of(&query.match_keys, &addresses);
        wanted.extend(self.contacts_at(&keys)?);
        let found = self.found_by_key(&capabilities, &keys)?;
        let known = self.known(&capabilities, &addresses, wanted, found)?;
        let asked = |known: &Known| {
            let record = &known.record;
            let user = record
                .user(&query.source)
                .or_else(|| record.formers.get(&query.source).map(String::as_str));
            query.contacts.contains(&known.id)
                || user.is_some_and(|user| query.object_ids.iter().any(|asked| asked == user))
                || rules::match_key(&capabilities)
                    .and_then(|field| record.fields.get(field))
                    .is_some_and(|value| keys.has(value))
        };
        let known: Vec<_> = known.into_values().filter(asked).collect();
        self.told(&query.source, &query.fields, &known)
    }

    /// The contact whose record this is: another id where the contact was deleted and made again.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn contact_of_record(&self, remote: &str) -> Result<String, StoreError> {
        let contact = keep::text(&self.view, &keys::remote(remote))?;
        Ok(contact.unwrap_or_else(|| remote.to_owned()))
    }

    /// The record of a contact; `None` of one that this store has deleted.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn record_of_contact(&self, contact: &str) -> Result<Option<RemoteId>, StoreError> {
        let stored: Option<ContactRecord> = self.view.read(&keys::contact(contact))?;
        Ok(match stored {
            Some(stored) if stored.deleted => None,
            Some(stored) => Some(stored.remote),
            None => Some(contact.to_owned()),
        })
    }

    /// Contacts as the contract tells them.
    pub(crate) fn told(
        &self,
        source: &str,
        fields: &[String],
        known: &[Known],
    ) -> Result<Vec<Contact>, StoreError> {
        let is_on_any = known
            .iter()
            .any(|known| known.record.lists.contains_key(source));
        let book = is_on_any.then(|| self.book()).transpose()?;
        let spelt = |id: &str| book.as_ref()?.name(id);
        let told = known
            .iter()
            .map(|known| known.contact(source, fields, spelt));
        Ok(told.collect())
    }

    /// The contacts of these users: linked to them, or formerly theirs.
    fn contacts_of(&self, source: &str, users: &[String]) -> Result<Vec<String>, StoreError> {
        let links = users.iter().map(|user| keys::link(source, user));
        let links = self.view.read_all::<LinkIndex>(links)?.into_values();
        let formers = users.iter().map(|user| keys::former(source, user));
        let formers = self.view.all_bytes(formers)?.into_values();
        let formers = formers.map(|id| String::from_utf8_lossy(&id).into_owned());
        Ok(links.map(|link| link.contact).chain(formers).collect())
    }

    /// Contacts that had one of the keys when they were seen last.
    fn contacts_at(&self, keys: &Keys) -> Result<Vec<String>, StoreError> {
        let hashes = keys.hashes.iter().map(|hash| keys::address(hash));
        let found = self.view.read_all::<Vec<String>>(hashes)?;
        Ok(found.into_values().flatten().collect())
    }

    /// Records that the service finds by match key.
    fn found_by_key(
        &self,
        capabilities: &Capabilities,
        keys: &Keys,
    ) -> Result<Vec<Record>, StoreError> {
        if !capabilities.find_by.match_key || keys.comparable.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = keys.comparable.iter().cloned().map(Key::MatchKey).collect();
        let tasks = keys
            .chunks(capabilities.batch.find.max(1))
            .map(|keys| self.destination.find(keys));
        let found = drive::all(&self.destination, capabilities.width, tasks)?;
        let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The contacts of these ids that are there, and those of records that were read already.
    pub(crate) fn known(
        &self,
        capabilities: &Capabilities,
        addresses: &Addresses,
        ids: BTreeSet<String>,
        read: Vec<Record>,
    ) -> Result<BTreeMap<String, Known>, StoreError> {
        let mut records: BTreeMap<RemoteId, Record> = read
            .into_iter()
            .map(|record| (record.id.clone(), record))
            .collect();
        let mut contacts = self.contacts_of_records(records.keys())?;
        contacts.extend(ids.into_iter().map(|id| (id, None)));
        let stored = contacts.keys().map(|id| keys::contact(id));
        let stored = self.view.read_all::<ContactRecord>(stored)?;
        // Which record is whose.
        let mut remotes: BTreeMap<String, RemoteId> = BTreeMap::new();
        let unknown: Vec<_> = contacts
            .iter()
            .filter(|(id, remote)| remote.is_none() && !stored.contains_key(&keys::contact(id)))
            .map(|(id, _)| id.clone())
            .collect();
        let taken = self
            .view
            .all_bytes(unknown.iter().map(|id| keys::remote(id)))?;
        for (id, remote) in &contacts {
            match (stored.get(&keys::contact(id)), remote) {
                (Some(stored), _) if stored.deleted => {}
                (Some(stored), _) => {
                    remotes.insert(id.clone(), stored.remote.clone());
                }
                (None, Some(remote)) => {
                    remotes.insert(id.clone(), remote.clone());
                }
                // A contact that this store has never written has the id of its record, unless that record is
                // another contact's by now.
                (None, None) if !id.is_empty() && !taken.contains_key(&keys::remote(id)) => {
                    remotes.insert(id.clone(), id.clone());
                }
                (None, None) => {}
            }
        }
        let to_read: Vec<_> = remotes
            .values()
            .filter(|remote| !records.contains_key(*remote))
            .cloned()
            .collect();
        records.extend(self.fetched(capabilities, &to_read)?);
        let mut known = BTreeMap::new();
        for (id, remote) in remotes {
            let stored = stored.get(&keys::contact(&id));
            match (records.get(&remote), stored) {
                (Some(record), _) => {
                    let contact = Known::of(id.clone(), stored, record.clone());
                    // What was seen is kept with the next commit of this call, if there is one.
                    if let Some(stored) = stored {
                        keep::contact(&self.view, addresses, &id, Some(stored), &contact.record)?;
                    }
                    known.insert(id, contact);
                }
                (None, Some(stored)) => {
                    keep::contact(&self.view, addresses, &id, Some(stored), &stored.gone())?;
                }
                (None, None) => {}
            }
        }
        Ok(known)
    }

    /// The contacts of records: those that the ledger knows, and else those of the same id.
    fn contacts_of_records<'r>(
        &self,
        remotes: impl Iterator<Item = &'r RemoteId> + Clone,
    ) -> Result<BTreeMap<String, Option<RemoteId>>, StoreError> {
        let found = self
            .view
            .all_bytes(remotes.clone().map(|id| keys::remote(id)))?;
        let contact = |remote: &RemoteId| match found.get(&keys::remote(remote)) {
            Some(id) => String::from_utf8_lossy(id).into_owned(),
            None => remote.clone(),
        };
        Ok(remotes
            .map(|remote| (contact(remote), Some(remote.clone())))
            .collect())
    }

    /// Records as they are now; those that are gone are left out.
    pub(crate) fn fetched(
        &self,
        capabilities: &Capabilities,
        ids: &[RemoteId],
    ) -> Result<BTreeMap<RemoteId, Record>, StoreError> {
        let tasks = ids
            .chunks(capabilities.batch.fetch.max(1))
            .map(|ids| async move {
                let records = self.destination.fetch(ids).await?;
                let found = ids.iter().cloned().zip(records);
                Ok::<_, StoreError>(
                    found
                        .filter_map(|(id, record)| Some((id, record?)))
                        .collect(),
                )
            });
        let found = drive::all(&self.destination, capabilities.width, tasks)?;
        let found: Vec<Vec<_>> = found.into_iter().collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Reads all records once in the life of a ledger: so that those are found by address whom the service cannot
    /// search, and those known again whose ledger was lost.
    pub(crate) fn scan_once(&self, capabilities: &Capabilities) -> Result<(), StoreError> {
        if self.view.bytes(keys::SCANNED)?.is_none() {
            self.scan_all(capabilities)?;
        }
        Ok(())
    }

    /// Reads all records, a page at a time, and keeps what each page leads to.
    pub(crate) fn scan_all(&self, capabilities: &Capabilities) -> Result<(), StoreError> {
        Addresses::prepare(&self.view, &*self.entropy)?;
        let addresses = Addresses::read(&self.view, rules::match_key(capabilities))?;
        let mut cursor: Option<String> = None;
        loop {
            let page = self.destination.scan(cursor.as_deref());
            let page = drive::one(&self.destination, page)??;
            for record in &page.records {
                self.meet(&addresses, record)?;
            }
            cursor = page.next;
            if cursor.is_none() {
                self.view.put(keys::SCANNED.to_owned(), &self.now_ms())?;
            }
            self.view.commit()?;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Notes where a record is found that the ledger does not know; one that was left linked to a user who has no
    /// contact is that user's. What it holds is taken for what the directory had last.
    fn meet(&self, addresses: &Addresses, record: &Record) -> Result<(), StoreError> {
        if self.view.bytes(&keys::remote(&record.id))?.is_some() {
            return Ok(());
        }
        let contact = self.view.bytes(&keys::contact(&record.id))?;
        let contact: Option<ContactRecord> = contact.as_deref().map(parsed).transpose()?;
        if contact.is_some() {
            return Ok(());
        }
        let seen = Known::of(record.id.clone(), None, record.clone()).record;
        if let Some(tie) = &record.tie {
            let user = canonical::user(&tie.object_id).into_owned();
            let is_free = self.view.bytes(&keys::link(&tie.source, &user))?.is_none();
            if is_free && !tie.source.is_empty() && !user.is_empty() {
                let mut counters = keep::counters(&self.view)?;
                counters.link += 1;
                self.view.put(keys::COUNTERS.to_owned(), &counters)?;
                let mut adopted = ContactRecord { writes: 1, ..seen };
                let link = LinkRecord {
                    user,
                    base: values(record),
                    number: counters.link,
                };
                adopted.links.insert(tie.source.clone(), link);
                return keep::contact(&self.view, addresses, &record.id, None, &adopted);
            }
        }
        match addresses.of(&seen) {
            Some(hash) => keep::at_address(&self.view, &hash, &record.id, true),
            None => Ok(()),
        }
    }
}

/// Match keys that are asked for, in the form in which they are compared.
struct Keys {
    comparable: BTreeSet<String>,
    hashes: BTreeSet<String>,
}

impl Keys {
    fn of(asked: &[String], addresses: &Addresses) -> Self {
        let comparable: BTreeSet<_> = asked
            .iter()
            .map(|key| comparable(key).into_owned())
            .filter(|key| !key.is_empty())
            .collect();
        let hashes = comparable
            .iter()
            .filter_map(|key| addresses.hash(key))
            .collect();
        Self { comparable, hashes }
    }

    fn has(&self, value: &str) -> bool {
        self.comparable.contains(comparable(value).as_ref())
    }
}
