//! The retry ledger: who could not be written, kept in the state beside the cursor.

use crate::contact::ObjectId;
use crate::ports::State;
use crate::report::ledger::{Ledger, LedgerEntry};

use super::halt::Halt;

/// How many entries a report shows.
const SHOWN: usize = 100;
/// Entries read at a time.
const BATCH: u32 = 1_000;
const LEDGER: &str = "ledger/";

fn key(user: &ObjectId) -> String {
    format!("{LEDGER}{user}")
}

fn entry((key, value): (String, Vec<u8>)) -> Result<LedgerEntry, Halt> {
    let failing = serde_json::from_slice(&value);
    match (key.strip_prefix(LEDGER), failing) {
        (Some(user), Ok(failing)) => Ok(LedgerEntry {
            object_id: ObjectId::new(user),
            failing,
        }),
        _ => Err(Halt::Unreadable { key }),
    }
}

/// The entry of one user.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn of_user(state: &dyn State, user: &ObjectId) -> Result<Option<LedgerEntry>, Halt> {
    state
        .get(&key(user))?
        .map(|value| entry((key(user), value)))
        .transpose()
}

/// Everybody who could not be written.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn ledger(state: &dyn State) -> Result<Ledger, Halt> {
    let mut ledger = Ledger::default();
    let mut after: Option<String> = None;
    loop {
        let page = state.list(LEDGER, after.as_deref(), BATCH)?;
        let Some((last, _)) = page.last() else {
            return Ok(ledger);
        };
        after = Some(last.clone());
        for found in page {
            let entry = entry(found)?;
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
