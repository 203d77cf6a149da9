//! What was done, put into the ledger: contacts, how they are found, and the journal.

use std::collections::BTreeMap;

use contact_identity::address;
use guest_kit::Entropy;
use sha2::{Digest as _, Sha256};

use crate::contract::StoreError;
use crate::keys;
use crate::ledger::Ledger;
use crate::records::{ContactRecord, Counters, JournalRecord, LinkIndex, Operation, RunRecord};
use crate::view::View;

/// Entries of the journal that one commit forgets, at most.
const FORGOTTEN_AT_ONCE: usize = 5_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long the journal knows a run: while it is younger than so many days, or among so many newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// In days.
    pub days: u32,
    /// At least the last one.
    pub runs: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: 90,
            runs: 400,
        }
    }
}

/// Hashes addresses with the salt of this ledger, so that it tells whether it knows one, and none that it knows.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    salt: Option<Vec<u8>>,
    field: Option<String>,
}

impl Addresses {
    /// `field`: the match key.
    pub(crate) fn read<L: Ledger>(view: &View<L>, field: Option<&str>) -> Result<Self, StoreError> {
        Ok(Self {
            salt: view.bytes(keys::SALT)?,
            field: field.map(str::to_owned),
        })
    }

    /// Makes a salt where there is none yet.
    pub(crate) fn prepare<L: Ledger>(
        view: &View<L>,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        if view.bytes(keys::SALT)?.is_none() {
            let salt = [
                entropy.next_u64().to_be_bytes(),
                entropy.next_u64().to_be_bytes(),
            ];
            view.put_bytes(keys::SALT.to_owned(), salt.concat());
        }
        Ok(())
    }

    /// `None` where nothing can be known yet, and of what is no address.
    pub(crate) fn hash(&self, text: &str) -> Option<String> {
        let comparable = address::comparable(text);
        if comparable.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(self.salt.as_ref()?);
        hash.update(comparable.as_bytes());
        let digest = hash.finalize();
        Some(
            digest
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// Of the address that a contact has.
    pub(crate) fn of(&self, contact: &ContactRecord) -> Option<String> {
        self.hash(contact.fields.get(self.field.as_ref()?)?)
    }
}

/// By which a contact is found beside its address, and what stands there.
fn found_by(id: &str, contact: &ContactRecord) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
    let mut found_by = BTreeMap::new();
    if contact.deleted {
        return Ok(found_by);
    }
    found_by.insert(keys::remote(&contact.remote), id.as_bytes().to_vec());
    for (source, link) in &contact.links {
        let index = LinkIndex {
            contact: id.to_owned(),
            number: link.number,
        };
        let index = serde_json::to_vec(&index)
            .map_err(|_| StoreError::Other("a link cannot be written".to_owned()))?;
        found_by.insert(keys::link(source, &link.user), index);
    }
    for (source, user) in &contact.formers {
        found_by.insert(keys::former(source, user), id.as_bytes().to_vec());
    }
    Ok(found_by)
}

/// Notes that a contact has an address, or has it no more.
pub(crate) fn at_address<L: Ledger>(
    view: &View<L>,
    hash: &str,
    id: &str,
    is_there: bool,
) -> Result<(), StoreError> {
    let key = keys::address(hash);
    let mut contacts: Vec<String> = view.read(&key)?.unwrap_or_default();
    let was_there = contacts.iter().any(|contact| contact == id);
    if was_there == is_there {
        return Ok(());
    }
    contacts.retain(|contact| contact != id);
    if is_there {
        contacts.push(id.to_owned());
    }
    if contacts.is_empty() {
        view.delete(key);
        return Ok(());
    }
    view.put(key, &contacts)
}

/// Puts a contact as it is now in the place of what the ledger has of it.
pub(crate) fn contact<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    id: &str,
    stored: Option<&ContactRecord>,
    now: &ContactRecord,
) -> Result<(), StoreError> {
    if stored == Some(now) {
        return Ok(());
    }
    let before = match stored {
        Some(stored) => found_by(id, stored)?,
        None => BTreeMap::new(),
    };
    let after = found_by(id, now)?;
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        view.delete(key.clone());
    }
    let address = |contact: &ContactRecord| addresses.of(contact).filter(|_| !contact.deleted);
    let (left, has) = (stored.and_then(address), address(now));
    if left != has {
        if let Some(hash) = left {
            at_address(view, &hash, id, false)?;
        }
        if let Some(hash) = has {
            at_address(view, &hash, id, true)?;
        }
    }
    for (key, value) in after {
        if before.get(&key) != Some(&value) {
            view.put_bytes(key, value);
        }
    }
    view.put(keys::contact(id), now)
}

/// Who is linked is nobody's former user: another contact that was theirs is not any more.
pub(crate) fn forget_former<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    source: &str,
    user: &str,
    except: &str,
) -> Result<(), StoreError> {
    let Some(id) = text(view, &keys::former(source, user))?.filter(|id| id != except) else {
        return Ok(());
    };
    let Some(stored) = view.read::<ContactRecord>(&keys::contact(&id))? else {
        view.delete(keys::former(source, user));
        return Ok(());
    };
    let mut now = stored.clone();
    now.formers.remove(source);
    contact(view, addresses, &id, Some(&stored), &now)
}

/// An entry that is a text.
pub(crate) fn text<L: Ledger>(view: &View<L>, key: &str) -> Result<Option<String>, StoreError> {
    let text = view.bytes(key)?;
    Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
}

/// Enters a change into the journal.
pub(crate) fn journal<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    contact: &str,
    version: u64,
    operation: &Operation,
) -> Result<(), StoreError> {
    let mut counters = counters(view)?;
    counters.journal += 1;
    let record = JournalRecord {
        number: counters.journal,
        run: operation.run.clone(),
        at_ms: operation.at_ms,
        source: operation.source.clone(),
        user: operation.user.clone(),
        contact: contact.to_owned(),
        version,
        effect: operation.effect.clone(),
        reason: operation.reason.clone(),
        evidence: operation.evidence.clone(),
        before: operation.before.clone(),
        after: operation.after.clone(),
        given: operation.given.clone(),
    };
    view.put(keys::COUNTERS.to_owned(), &counters)?;
    for key in entry_found_by(addresses, &record) {
        view.put_bytes(key, Vec::new());
    }
    view.put(keys::journal(record.number), &record)
}

fn entry_found_by(addresses: &Addresses, record: &JournalRecord) -> Vec<String> {
    let mut found_by = vec![
        keys::entry_of_user(&record.source, &record.user, record.number),
        keys::entry_of_contact(&record.contact, record.number),
    ];
    if let Some(run) = &record.run {
        found_by.push(keys::entry_of_run(
            run,
            &record.source,
            &record.user,
            record.number,
        ));
    }
    for side in [&record.before, &record.after].into_iter().flatten() {
        let hash = addresses.of(side);
        found_by.extend(hash.map(|hash| keys::contact_once_at(&hash, &record.contact)));
    }
    found_by
}

pub(crate) fn counters<L: Ledger>(view: &View<L>) -> Result<Counters, StoreError> {
    Ok(view.read(keys::COUNTERS)?.unwrap_or_default())
}

/// Notes that a run is at work, and forgets what is too old of another one.
pub(crate) fn run<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    retention: Retention,
    run: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    if view.bytes(&keys::run_number(run))?.is_none() {
        let mut counters = counters(view)?;
        counters.run += 1;
        let record = RunRecord {
            run: run.to_owned(),
            at_ms: now_ms,
        };
        view.put(keys::run(counters.run), &record)?;
        view.put(keys::run_number(run), &counters.run)?;
        view.put(keys::COUNTERS.to_owned(), &counters)?;
    }
    forget(view, addresses, retention, now_ms)
}

/// Forgets the oldest run, one a commit and not all of it at once, so that no commit is long.
fn forget<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    retention: Retention,
    now_ms: u64,
) -> Result<(), StoreError> {
    let Some((key, value)) = view.scan(keys::RUNS, None, 1)?.pop() else {
        return Ok(());
    };
    let oldest: RunRecord = crate::view::parsed(&value)?;
    let number = keys::number(&key).unwrap_or(0);
    let newest = counters(view)?.run;
    let is_among_the_newest = newest.saturating_sub(number) < u64::from(retention.runs.max(1));
    let is_young = oldest.at_ms + u64::from(retention.days) * DAY_MS >= now_ms;
    if is_among_the_newest || is_young {
        return Ok(());
    }
    let prefix = keys::entries_of_whole_run(&oldest.run);
    let entries = view.scan(&prefix, None, FORGOTTEN_AT_ONCE)?;
    let is_all = entries.len() < FORGOTTEN_AT_ONCE;
    let numbers: Vec<_> = entries
        .iter()
        .filter_map(|(key, _)| keys::number(key))
        .collect();
    let records = numbers.iter().map(|number| keys::journal(*number));
    for record in view.read_all::<JournalRecord>(records)?.into_values() {
        forget_entry(view, addresses, &record)?;
    }
    for (key, _) in entries {
        view.delete(key);
    }
    if is_all {
        view.delete(key);
        view.delete(keys::run_number(&oldest.run));
    }
    Ok(())
}

fn forget_entry<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    record: &JournalRecord,
) -> Result<(), StoreError> {
    view.delete(keys::journal(record.number));
    view.delete(keys::entry_of_user(
        &record.source,
        &record.user,
        record.number,
    ));
    view.delete(keys::entry_of_contact(&record.contact, record.number));
    // What is left of the contact is found by its address as long as an entry of it is.
    let left = view.scan(&keys::entries_of_contact(&record.contact), None, 1)?;
    if left.is_empty() {
        for side in [&record.before, &record.after].into_iter().flatten() {
            if let Some(hash) = addresses.of(side) {
                view.delete(keys::contact_once_at(&hash, &record.contact));
            }
        }
    }
    Ok(())
}
