//! The plan in the ledger: one, the last.
//!
//! | key | holds |
//! |---|---|
//! | `plan-sink/c/USER` | an entry that changes something, as JSON |
//! | `plan-sink/n/USER` | effect and reason of one that changes nothing |
//! | `plan-sink/l/CONTACT` | the user of an entry that links this contact |
//!
//! A host keeps a plan under its digest once the call has succeeded, and a component is told neither. So the last plan is
//! given back under whatever digest is asked for: the connector reads it, and takes it only where it has that digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bindings::contact_sync::connector::ledger as wit;
use crate::bindings::contact_sync::connector::types::{Effect, StoreError};
use crate::bindings::exports::contact_sync::connector::plan_sink::{Claim, Entry, Tally};

const ALL: &str = "plan-sink/";
const CHANGES: &str = "plan-sink/c/";
const OTHERS: &str = "plan-sink/n/";
const LINKS: &str = "plan-sink/l/";

/// Entries of one page of a ledger, and keys of one question.
const AT_ONCE: usize = 1_000;

/// What is asked of a ledger.
pub(crate) trait Ledger {
    fn get(&self, keys: &[String]) -> Result<Vec<wit::Entry>, StoreError>;
    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<wit::Entry>, StoreError>;
    fn write(&self, writes: Vec<wit::Write>) -> Result<(), StoreError>;
}

/// An entry that changes nothing: what is counted of it.
#[derive(Serialize, Deserialize)]
struct Other {
    effect: Effect,
    reason: String,
}

/// The plans of one call.
pub(crate) struct Plans<L> {
    ledger: L,
    has_begun: bool,
}

impl<L: Ledger> Plans<L> {
    pub(crate) const fn new(ledger: L) -> Self {
        Self {
            ledger,
            has_begun: false,
        }
    }

    /// With the first thing that is asked of the plan in the making, the one before is gone.
    fn begin(&mut self) -> Result<(), StoreError> {
        if self.has_begun {
            return Ok(());
        }
        loop {
            let left = self.ledger.scan(ALL, None, AT_ONCE)?;
            if left.is_empty() {
                break;
            }
            let gone = left.into_iter().map(|entry| removed(entry.key));
            self.ledger.write(gone.collect())?;
        }
        self.has_begun = true;
        Ok(())
    }

    pub(crate) fn put(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.begin()?;
        let users: Vec<String> = entries
            .iter()
            .map(|entry| entry.what.object_id.clone())
            .collect();
        let mut writes = BTreeMap::new();
        for replaced in self.changes_of(&users)? {
            if let Some(link) = link_of(&replaced) {
                writes.insert(link, None);
            }
        }
        for entry in entries {
            let user = &entry.what.object_id;
            let (change, other) = (format!("{CHANGES}{user}"), format!("{OTHERS}{user}"));
            if changes_something(&entry) {
                if let Some(link) = link_of(&entry) {
                    writes.insert(link, Some(user.clone().into_bytes()));
                }
                writes.insert(change, Some(as_json(&entry)?));
                writes.insert(other, None);
            } else {
                let counted = Other {
                    effect: entry.what.effect,
                    reason: entry.what.reason,
                };
                writes.insert(change, None);
                writes.insert(other, Some(as_json(&counted)?));
            }
        }
        let writes = writes
            .into_iter()
            .map(|(key, value)| wit::Write { key, value });
        self.ledger.write(writes.collect())
    }

    pub(crate) fn claimed(&mut self, contacts: Vec<String>) -> Result<Vec<Claim>, StoreError> {
        self.begin()?;
        let keys: Vec<_> = contacts.iter().map(|id| format!("{LINKS}{id}")).collect();
        let claim = |entry: wit::Entry| {
            let contact = entry.key.strip_prefix(LINKS)?.to_owned();
            let object_id = String::from_utf8(entry.value).ok()?;
            Some(Claim { contact, object_id })
        };
        Ok(self.many(&keys)?.into_iter().filter_map(claim).collect())
    }

    pub(crate) fn changes(
        &mut self,
        is_in_the_making: bool,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        if is_in_the_making {
            self.begin()?;
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut after = after.map(|user| format!("{CHANGES}{user}"));
        let mut found = Vec::new();
        while found.len() < limit {
            let most = (limit - found.len()).min(AT_ONCE);
            let page = self.ledger.scan(CHANGES, after.as_deref(), most)?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for entry in page {
                found.push(from_json(&entry)?);
            }
        }
        Ok(found)
    }

    pub(crate) fn entries(
        &mut self,
        is_in_the_making: bool,
        users: &[String],
    ) -> Result<Vec<Entry>, StoreError> {
        if is_in_the_making {
            self.begin()?;
        }
        self.changes_of(users)
    }

    pub(crate) fn count(&mut self) -> Result<Vec<Tally>, StoreError> {
        self.begin()?;
        // An effect has no order of its own; the name that JSON gives it has.
        let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
        for prefix in [CHANGES, OTHERS] {
            let mut after: Option<String> = None;
            loop {
                let page = self.ledger.scan(prefix, after.as_deref(), AT_ONCE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                for entry in page {
                    let Other { effect, reason } = match prefix == CHANGES {
                        true => counted(from_json(&entry)?),
                        false => from_json(&entry)?,
                    };
                    let key = (format!("{effect:?}"), reason.clone());
                    let tally = tallies.entry(key).or_insert(Tally {
                        effect,
                        reason,
                        entries: 0,
                    });
                    tally.entries += 1;
                }
            }
        }
        Ok(tallies.into_values().collect())
    }

    fn changes_of(&self, users: &[String]) -> Result<Vec<Entry>, StoreError> {
        let keys: Vec<_> = users
            .iter()
            .map(|user| format!("{CHANGES}{user}"))
            .collect();
        self.many(&keys)?.iter().map(from_json).collect()
    }

    fn many(&self, keys: &[String]) -> Result<Vec<wit::Entry>, StoreError> {
        let mut found = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            found.extend(self.ledger.get(keys)?);
        }
        Ok(found)
    }
}

fn removed(key: String) -> wit::Write {
    wit::Write { key, value: None }
}

fn changes_something(entry: &Entry) -> bool {
    !matches!(entry.what.effect, Effect::Unchanged | Effect::Skip)
}

/// The key under which an entry claims its contact.
fn link_of(entry: &Entry) -> Option<String> {
    let contact = entry.contact.as_ref()?;
    (entry.what.effect == Effect::Link).then(|| format!("{LINKS}{contact}"))
}

fn counted(entry: Entry) -> Other {
    Other {
        effect: entry.what.effect,
        reason: entry.what.reason,
    }
}

fn as_json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value)
        .map_err(|_| StoreError::Other("an entry of a plan cannot be written".to_owned()))
}

fn from_json<T: for<'e> Deserialize<'e>>(entry: &wit::Entry) -> Result<T, StoreError> {
    serde_json::from_slice(&entry.value).map_err(|_| {
        StoreError::Damaged("the plan in the ledger cannot be read; make it anew".to_owned())
    })
}
