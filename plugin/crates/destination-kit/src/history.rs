//! The journal and the notes: what was done, and why nothing was done.

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical;
use crate::contract::{
    Commit, EffectOnContact, JournalEntry, JournalNumber, Noted, Reversal, StoreError, Who,
};
use crate::destination::Destination;
use crate::keep::Addresses;
use crate::keys;
use crate::ledger::Ledger;
use crate::records::{ContactRecord, JournalRecord, LinkIndex, ListRecord, NoteRecord};
use crate::reversal::Facts;
use crate::store::{Store, at_most};
use crate::view::View;

/// Most notes that are told of one address or contact.
const NOTES_AT_ONCE: usize = 100;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// What one run did: all its changes to each of the next `limit` users after `after`, by object id, and newest
    /// first for each user.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let prefix = keys::entries_of_run(run, source);
        let after = after.map(|user| keys::behind_user_in_run(run, source, &canonical::user(user)));
        let mut place = after;
        let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let most = at_most(limit);
        'reading: loop {
            let page = self.view.scan(&prefix, place.as_deref(), most.max(1))?;
            for (key, _) in &page {
                if let Some((user, number)) = keys::user_and_number(key, &prefix) {
                    if numbers.len() == most && !numbers.contains_key(user) {
                        break 'reading;
                    }
                    numbers.entry(user.to_owned()).or_default().push(number);
                }
            }
            match page.into_iter().next_back() {
                Some((last, _)) => place = Some(last),
                None => break,
            }
        }
        let newest_first = numbers
            .into_values()
            .flat_map(|numbers| numbers.into_iter().rev());
        self.entries(&newest_first.collect::<Vec<_>>())
    }

    /// The last changes to one user or contact, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let prefixes = match canonical::who(who) {
            Who::User(user) => vec![keys::entries_of_user(source, &user)],
            Who::Contact(contact) => vec![keys::entries_of_contact(&contact)],
            Who::Address(address) => {
                let contacts = self.contacts_ever_at(&address)?;
                contacts
                    .iter()
                    .map(|contact| keys::entries_of_contact(contact))
                    .collect()
            }
        };
        let mut numbers = BTreeSet::new();
        for prefix in prefixes {
            self.view.for_each(&prefix, |key, _| {
                numbers.extend(keys::number(key));
                Ok(())
            })?;
        }
        let newest_first: Vec<_> = numbers.into_iter().rev().collect();
        let mut entries = Vec::new();
        for numbers in newest_first.chunks(at_most(limit).max(1)) {
            entries.extend(self.entries_of(source, numbers)?);
            if entries.len() >= at_most(limit) {
                break;
            }
        }
        entries.truncate(at_most(limit));
        Ok(entries)
    }

    fn contacts_ever_at(&self, address: &str) -> Result<BTreeSet<String>, StoreError> {
        let Some(hash) = Addresses::read(&self.view, None)?.hash(address) else {
            return Ok(BTreeSet::new());
        };
        let now: Option<Vec<String>> = self.view.read(&keys::address(&hash))?;
        let mut contacts: BTreeSet<_> = now.unwrap_or_default().into_iter().collect();
        let prefix = keys::contacts_once_at(&hash);
        self.view.for_each(&prefix, |key, _| {
            contacts.extend(key.strip_prefix(&prefix).map(str::to_owned));
            Ok(())
        })?;
        Ok(contacts)
    }

    fn entries(&self, numbers: &[u64]) -> Result<Vec<JournalEntry>, StoreError> {
        self.told_entries(numbers, |_| true)
    }

    fn entries_of(&self, source: &str, numbers: &[u64]) -> Result<Vec<JournalEntry>, StoreError> {
        self.told_entries(numbers, |record| record.source == source)
    }

    /// Entries in the order of their numbers as they are given, lists by their names.
    fn told_entries(
        &self,
        numbers: &[u64],
        which: impl Fn(&JournalRecord) -> bool,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let keys = numbers.iter().map(|number| keys::journal(*number));
        let records = self.view.read_all::<JournalRecord>(keys)?;
        let records: Vec<_> = numbers
            .iter()
            .filter_map(|number| records.get(&keys::journal(*number)))
            .filter(|record| which(record))
            .collect();
        let moved = records.iter().flat_map(|record| {
            let (joins, leaves) = record.moves();
            joins.into_iter().chain(leaves)
        });
        let lists: BTreeSet<String> = moved.map(|list| keys::list(&list)).collect();
        let names = self.view.read_all::<ListRecord>(lists)?;
        Ok(records
            .into_iter()
            .map(|record| entry(record, &names))
            .collect())
    }

    /// The notes about somebody.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    pub fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        let users = match canonical::who(who) {
            Who::User(user) => vec![user],
            Who::Contact(contact) => self.noted_users(&keys::notes_of_contact(&contact, source))?,
            Who::Address(address) => match Addresses::read(&self.view, None)?.hash(&address) {
                Some(hash) => self.noted_users(&keys::notes_at(&hash, source))?,
                None => Vec::new(),
            },
        };
        let notes = users.iter().map(|user| keys::note(source, user));
        let notes = self.view.read_all::<NoteRecord>(notes)?.into_values();
        Ok(notes
            .map(|note| Noted {
                object_id: note.user,
                contact: note.contact,
                reason: note.reason,
                run: note.run,
                since_ms: note.since_ms,
            })
            .collect())
    }

    fn noted_users(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let found = self.view.scan(prefix, None, NOTES_AT_ONCE)?;
        let user = |(key, _): &(String, Vec<u8>)| key.strip_prefix(prefix).map(str::to_owned);
        Ok(found.iter().filter_map(user).collect())
    }

    /// Writes the notes of a commit, and forgets those that no longer hold. One whose reason is the same keeps its
    /// moment.
    pub(crate) fn write_notes(&self, commit: &Commit) -> Result<(), StoreError> {
        if commit.notes.is_empty() && commit.settled.is_empty() {
            return Ok(());
        }
        let source = commit.source.as_str();
        let addresses = Addresses::read(&self.view, None)?;
        let noted = commit.notes.iter().map(|note| &note.object_id);
        let known = noted
            .chain(&commit.settled)
            .map(|user| keys::note(source, user));
        let known = self.view.read_all::<NoteRecord>(known)?;
        for user in &commit.settled {
            if let Some(old) = known.get(&keys::note(source, user)) {
                self.put_note(source, Some(old), None)?;
            }
        }
        for note in &commit.notes {
            let old = known.get(&keys::note(source, &note.object_id));
            let old = old.filter(|_| !commit.settled.contains(&note.object_id));
            let same = old.filter(|old| old.reason == note.reason);
            let new = NoteRecord {
                user: note.object_id.clone(),
                contact: note.contact.clone(),
                reason: note.reason.clone(),
                run: same.map_or_else(|| commit.run.clone(), |same| same.run.clone()),
                since_ms: same.map_or_else(|| self.now_ms(), |same| same.since_ms),
                address: note
                    .address
                    .as_deref()
                    .and_then(|text| addresses.hash(text)),
            };
            if old != Some(&new) {
                self.put_note(source, old, Some(&new))?;
            }
        }
        Ok(())
    }

    fn put_note(
        &self,
        source: &str,
        old: Option<&NoteRecord>,
        new: Option<&NoteRecord>,
    ) -> Result<(), StoreError> {
        let found_by = |note: &NoteRecord| {
            let contact = note.contact.as_ref();
            let contact = contact.map(|contact| keys::notes_of_contact(contact, source));
            let address = note
                .address
                .as_ref()
                .map(|hash| keys::notes_at(hash, source));
            let prefixes = [contact, address].into_iter().flatten();
            prefixes
                .map(|prefix| format!("{prefix}{}", note.user))
                .collect::<Vec<_>>()
        };
        if let Some(old) = old {
            self.view.delete(keys::note(source, &old.user));
            found_by(old)
                .into_iter()
                .for_each(|key| self.view.delete(key));
        }
        if let Some(new) = new {
            for key in found_by(new) {
                self.view.put_bytes(key, Vec::new());
            }
            self.view.put(keys::note(source, &new.user), new)?;
        }
        Ok(())
    }
}

/// An entry as the contract tells it. Who loses the link, or becomes inactive, leaves all lists.
fn entry(record: &JournalRecord, names: &BTreeMap<String, ListRecord>) -> JournalEntry {
    let (joins, leaves) = record.moves();
    let named = |lists: BTreeSet<String>| {
        let name = |list: &String| Some(names.get(&keys::list(list))?.name.clone());
        let mut named: Vec<_> = lists.iter().filter_map(name).collect();
        named.sort();
        named
    };
    JournalEntry {
        number: JournalNumber {
            number: record.number,
        },
        run: record.run.clone(),
        at_ms: record.at_ms,
        contact: record.contact.clone(),
        version: record.version,
        what: EffectOnContact {
            object_id: record.user.clone(),
            effect: record.effect(),
            reason: record.reason.clone(),
            evidence: record.evidence.clone().map(Into::into),
            fields: record.fields(),
            joins: named(joins),
            leaves: named(leaves),
        },
        directory: record.given.iter().cloned().map(Into::into).collect(),
    }
}

impl Facts {
    /// What the ledger has of a reversal.
    pub(crate) fn read<L: Ledger>(
        view: &View<L>,
        source: &str,
        reversal: &Reversal,
        is_linked: bool,
    ) -> Result<Self, StoreError> {
        let contact = reversal.contact.contact.as_str();
        let keys = reversal
            .entries
            .iter()
            .map(|entry| keys::journal(entry.number));
        let found = view.read_all::<JournalRecord>(keys)?;
        let entries: Vec<JournalRecord> = reversal
            .entries
            .iter()
            .filter_map(|entry| found.get(&keys::journal(entry.number)).cloned())
            .collect();
        let mut entries_of_run = 0;
        if let Some(newest) = entries.first() {
            let mut numbers = Vec::new();
            view.for_each(&keys::entries_of_contact(contact), |key, _| {
                numbers.extend(keys::number(key));
                Ok(())
            })?;
            let all = numbers.into_iter().map(keys::journal);
            let all = view.read_all::<JournalRecord>(all)?.into_values();
            entries_of_run = all
                .filter(|record| record.source == source && record.run == newest.run)
                .count();
        }
        let has_another = |source: &str, user: &str| -> Result<bool, StoreError> {
            let link: Option<LinkIndex> = view.read(&keys::link(source, user))?;
            let former = crate::keep::text(view, &keys::former(source, user))?;
            let linked = link.map(|link| link.contact);
            Ok([linked, former].iter().flatten().any(|id| id != contact))
        };
        let mut others_have_another = false;
        let mut former_has_another = BTreeSet::new();
        for record in entries.iter().filter_map(|entry| entry.before.as_ref()) {
            for (other, link) in record.links.iter().filter(|(other, _)| *other != source) {
                others_have_another |= has_another(other, &link.user)?;
            }
            for (of, user) in &record.formers {
                if has_another(of, user)? {
                    former_has_another.insert((of.clone(), user.clone()));
                }
            }
        }
        let gone: Option<ContactRecord> = view.read(&keys::contact(contact))?;
        let is_linked_now =
            gone.as_ref().and_then(|now| now.user(source)) == Some(&reversal.object_id);
        Ok(Self {
            entries,
            entries_of_run,
            has_another: has_another(source, &reversal.object_id)? || (is_linked && !is_linked_now),
            others_have_another,
            former_has_another,
            writes_when_gone: gone.map_or(0, |gone| gone.writes),
        })
    }
}
