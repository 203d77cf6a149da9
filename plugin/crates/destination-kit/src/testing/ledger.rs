//! A ledger in memory. Clones are one ledger.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Life;
use crate::contract::{Entry, StateWrite, StoreError};
use crate::ledger::{Committed, Expectation, Ledger};

/// Keys and values that outlive whoever works with them.
#[derive(Clone, Debug, Default)]
pub struct MemoryLedger {
    entries: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    life: Life,
}

impl MemoryLedger {
    /// In the hands of a process.
    #[must_use]
    pub fn of(life: &Life) -> Self {
        Self {
            entries: Arc::default(),
            life: life.clone(),
        }
    }

    /// Everything that is kept.
    pub fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alive(&self) -> Result<(), StoreError> {
        if self.life.is_over() {
            return Err(StoreError::Unavailable("killed".to_owned()));
        }
        Ok(())
    }
}

impl Ledger for MemoryLedger {
    fn get(&self, keys: &[String]) -> Result<Vec<Entry>, StoreError> {
        self.alive()?;
        let entries = self.entries();
        let entry = |key: &String| {
            let value = entries.get(key)?.clone();
            let key = key.clone();
            Some(Entry { key, value })
        };
        Ok(keys.iter().filter_map(entry).collect())
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.alive()?;
        let entries = self.entries();
        Ok(entries
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(limit as usize)
            .map(|(key, value)| Entry {
                key: key.clone(),
                value: value.clone(),
            })
            .collect())
    }

    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[StateWrite],
    ) -> Result<Committed, StoreError> {
        let mut entries = self.entries();
        let is_met = |expected: &Expectation| entries.get(&expected.key) == expected.value.as_ref();
        if !expect.iter().all(is_met) {
            return Ok(Committed::Unexpected);
        }
        if !self.life.deed() {
            return Err(StoreError::Unavailable("killed".to_owned()));
        }
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => entries.insert(key.clone(), value.clone()),
                None => entries.remove(key),
            };
        }
        Ok(Committed::Kept)
    }
}
