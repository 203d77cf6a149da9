//! The retry ledger: who could not be written, kept in the state beside the cursor.
//!
//! The cursor passes somebody who could not be written, so nothing in the directory's changes will
//! bring them back, or they say only half of what there is to know. The ledger does: the next runs ask
//! for them by id. An entry is written in the commit that passes the user, even where the process ends
//! before it hears that the store refused (see `commit.otherwise` in `wit/contact-store.wit`).

use guest_kit::json;
use guest_kit::ordered::Map;

use crate::contact::ObjectId;
use crate::ports::{Contingency, State, StateWrite};
use crate::run::ledger::{Ledger, LedgerEntry, LedgerRecord};

use super::checkpoint::{delete, write};
use super::run_abort::RunAbort;

const LEDGER: &str = "ledger/";

/// How many entries a report shows.
const SHOWN: usize = 100;
/// Entries read at a time.
const BATCH: u32 = 1_000;

fn key(user: &ObjectId) -> String {
    format!("{LEDGER}{user}")
}

fn entry((key, value): (String, Vec<u8>)) -> Result<LedgerEntry, RunAbort> {
    let failing = json::from_bytes(&value);
    match (key.strip_prefix(LEDGER), failing) {
        (Some(user), Some(failing)) => Ok(LedgerEntry {
            object_id: ObjectId::new(user),
            failing,
        }),
        _ => Err(RunAbort::Unreadable { key }),
    }
}

/// Saves an entry.
pub(super) fn save(user: &ObjectId, failing: &LedgerRecord) -> Result<StateWrite, RunAbort> {
    write(&key(user), failing)
}

/// Drops an entry: the user was written, or nothing is left to write.
pub(super) fn forget(user: &ObjectId) -> StateWrite {
    delete(key(user))
}

/// Saves an entry for each user whose change is not applied.
pub(super) fn unless_applied(
    changes: Vec<u32>,
    failing: &LedgerRecord,
) -> Result<Contingency, RunAbort> {
    let StateWrite { value, .. } = write(LEDGER, failing)?;
    Ok(Contingency {
        changes,
        key_prefix: LEDGER.to_owned(),
        value: value.unwrap_or_default(),
    })
}

/// Whether there is any entry.
pub(super) fn is_in_use(state: &dyn State) -> Result<bool, RunAbort> {
    Ok(!state.list(LEDGER, None, 1)?.is_empty())
}

/// The entries of these users, where they have one.
pub(super) fn of<'u>(
    state: &dyn State,
    users: impl Iterator<Item = &'u ObjectId>,
) -> Result<Map<ObjectId, LedgerRecord>, RunAbort> {
    let keys: Vec<_> = users.map(key).collect();
    if keys.is_empty() {
        return Ok(Map::new());
    }
    state
        .get_many(keys)?
        .into_iter()
        .map(|found| entry(found).map(|entry| (entry.object_id, entry.failing)))
        .collect()
}

/// The entry of one user.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn of_user(state: &dyn State, user: &ObjectId) -> Result<Option<LedgerEntry>, RunAbort> {
    state
        .get(&key(user))?
        .map(|value| entry((key(user), value)))
        .transpose()
}

/// Some entries in byte order of the object id.
pub(super) fn page(
    state: &dyn State,
    after: Option<&ObjectId>,
) -> Result<Vec<LedgerEntry>, RunAbort> {
    let after = after.map(key);
    state
        .list(LEDGER, after.as_deref(), BATCH)?
        .into_iter()
        .map(entry)
        .collect()
}

/// Everybody who could not be written.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn ledger(state: &dyn State) -> Result<Ledger, RunAbort> {
    let mut ledger = Ledger::default();
    let mut after: Option<ObjectId> = None;
    loop {
        let page = page(state, after.as_ref())?;
        let Some(last) = page.last() else {
            return Ok(ledger);
        };
        after = Some(last.object_id.clone());
        for entry in page {
            if entry.failing.is_given_up() {
                ledger.given_up += 1;
            } else {
                ledger.waiting += 1;
            }
            if ledger.entries.len() < SHOWN {
                ledger.entries.push(entry);
            }
        }
    }
}
