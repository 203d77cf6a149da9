//! The retry ledger: who could not be written, kept in the state beside the cursor.

use crate::contact::ObjectId;
use crate::ports::State;
use crate::report::ledger::{Ledger, LedgerEntry};

use super::checkpoint::read;
use super::halt::Halt;

/// How many entries a report shows.
const SHOWN: usize = 100;
/// Entries read at a time.
const BATCH: u32 = 1_000;
const LEDGER: &str = "ledger/";

/// Whether somebody could not be written.
///
/// # Errors
///
/// Where the state cannot be read.
pub(crate) fn entry(state: &dyn State, user: &ObjectId) -> Result<Option<LedgerEntry>, Halt> {
    read(state, &format!("{LEDGER}{user}"))
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
        for (key, value) in page {
            let entry: LedgerEntry =
                serde_json::from_slice(&value).map_err(|_| Halt::Unreadable { key })?;
            if entry.is_given_up() {
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
