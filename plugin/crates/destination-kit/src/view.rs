//! The ledger as one call sees it: what is kept, and over it what this call is about to keep.
//!
//! What is put is seen at once, and kept with the next [`View::commit`], all of it or nothing.
//!
//! **Fencing.** Every commit expects the entry `fence` to be as this call has seen it, and writes it anew. So of
//! two that work at the same time, the one that writes second finds another fence and is refused: nothing that
//! was decided on an older view is kept. A call that only reads writes no fence, and disturbs nobody.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::{Entry, StateWrite, StoreError};
use crate::keys;
use crate::ledger::{Committed, Expectation, Ledger};

/// Keys that are asked for, and entries that are read, at a time.
const AT_ONCE: usize = 1_000;

pub(crate) struct View<L> {
    ledger: L,
    pending: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
    fence: RefCell<Fence>,
}

#[derive(Clone, Debug)]
enum Fence {
    /// Nothing was read yet.
    Unseen,
    /// As it was when something was read first.
    Seen(Option<Vec<u8>>),
    /// Written by this call: its number among the writers, and that of its last commit.
    Held(u64, u64),
}

impl<L: Ledger> View<L> {
    pub(crate) fn new(ledger: L) -> Self {
        Self {
            ledger,
            pending: RefCell::default(),
            fence: RefCell::new(Fence::Unseen),
        }
    }

    /// Forgets everything that is not kept, and which fence was seen: a new call begins.
    pub(crate) fn begin(&self) {
        self.give_up();
        *self.fence.borrow_mut() = Fence::Unseen;
    }

    /// Forgets what is not kept.
    pub(crate) fn give_up(&self) {
        self.pending.borrow_mut().clear();
    }

    /// Makes sure that what is decided from now on is refused if somebody else writes meanwhile.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        if matches!(*self.fence.borrow(), Fence::Unseen) {
            let found = self.ledger.get(&[keys::FENCE.to_owned()])?;
            let seen = found.into_iter().next().map(|entry| entry.value);
            *self.fence.borrow_mut() = Fence::Seen(seen);
        }
        Ok(())
    }

    pub(crate) fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.look()?;
        if let Some(pending) = self.pending.borrow().get(key) {
            return Ok(pending.clone());
        }
        let found = self.ledger.get(&[key.to_owned()])?;
        Ok(found.into_iter().next().map(|entry| entry.value))
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.bytes(key)?.as_deref().map(parsed).transpose()
    }

    /// Those that are there.
    pub(crate) fn all_bytes(
        &self,
        keys: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        self.look()?;
        let mut found = BTreeMap::new();
        let mut unknown = Vec::new();
        for key in keys {
            match self.pending.borrow().get(&key) {
                Some(Some(value)) => {
                    found.insert(key, value.clone());
                }
                Some(None) => {}
                None => unknown.push(key),
            }
        }
        for keys in unknown.chunks(AT_ONCE) {
            let entries = self.ledger.get(keys)?.into_iter();
            found.extend(entries.map(|Entry { key, value }| (key, value)));
        }
        Ok(found)
    }

    /// Those that are there.
    pub(crate) fn read_all<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, T>, StoreError> {
        let found = self.all_bytes(keys)?.into_iter();
        found
            .map(|(key, value)| Ok((key, parsed(&value)?)))
            .collect()
    }

    /// Entries whose key starts with `prefix`, in byte order, after `after`, at most `limit`.
    pub(crate) fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.look()?;
        let pending = self.pending.borrow();
        let mut found = BTreeMap::new();
        let mut place = after.map(str::to_owned);
        // Up to where the ledger was read.
        let read_to = loop {
            let chunk = self.ledger.scan(prefix, place.as_deref(), AT_ONCE as u32)?;
            let is_last = chunk.len() < AT_ONCE;
            place = chunk.last().map(|entry| entry.key.clone());
            for Entry { key, value } in chunk {
                if !pending.contains_key(&key) {
                    found.insert(key, value);
                }
            }
            if is_last {
                break None;
            }
            if found.len() >= limit {
                break place;
            }
        };
        for (key, value) in pending.range(prefix.to_owned()..) {
            if !key.starts_with(prefix) {
                break;
            }
            let is_behind = after.is_none_or(|after| key.as_str() > after);
            let was_read = read_to.as_ref().is_none_or(|read_to| key <= read_to);
            if let Some(value) = value
                && is_behind
                && was_read
            {
                found.insert(key.clone(), value.clone());
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    /// Every entry whose key starts with `prefix`, in byte order, one page after another.
    pub(crate) fn for_each(
        &self,
        prefix: &str,
        mut with: impl FnMut(&str, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut place: Option<String> = None;
        loop {
            let page = self.scan(prefix, place.as_deref(), AT_ONCE)?;
            for (key, value) in &page {
                with(key, value)?;
            }
            match page.into_iter().next_back() {
                Some((last, _)) => place = Some(last),
                None => return Ok(()),
            }
        }
    }

    pub(crate) fn put_bytes(&self, key: String, value: Vec<u8>) {
        self.pending.borrow_mut().insert(key, Some(value));
    }

    pub(crate) fn put<T: Serialize>(&self, key: String, value: &T) -> Result<(), StoreError> {
        let value = serde_json::to_vec(value).map_err(|_| {
            StoreError::Other("an entry of the ledger cannot be written".to_owned())
        })?;
        self.put_bytes(key, value);
        Ok(())
    }

    pub(crate) fn delete(&self, key: String) {
        self.pending.borrow_mut().insert(key, None);
    }

    /// Keeps all that was put, or nothing of it.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        self.look()?;
        let mut writes: Vec<StateWrite> = self
            .pending
            .borrow()
            .iter()
            .map(|(key, value)| StateWrite {
                key: key.clone(),
                value: value.clone(),
            })
            .collect();
        if writes.is_empty() {
            return Ok(());
        }
        let (seen, next) = match &*self.fence.borrow() {
            Fence::Unseen => (None, (1, 0)),
            Fence::Seen(seen) => (seen.clone(), (writer(seen.as_deref()) + 1, 0)),
            Fence::Held(writer, commits) => (Some(text(*writer, *commits)), (*writer, commits + 1)),
        };
        writes.push(StateWrite {
            key: keys::FENCE.to_owned(),
            value: Some(text(next.0, next.1)),
        });
        let expected = Expectation {
            key: keys::FENCE.to_owned(),
            value: seen,
        };
        match self.ledger.commit(&[expected], &writes)? {
            Committed::Kept => {
                *self.fence.borrow_mut() = Fence::Held(next.0, next.1);
                self.give_up();
                Ok(())
            }
            Committed::Unexpected => Err(StoreError::LeaseLost(
                "another call has written to this destination's ledger meanwhile".to_owned(),
            )),
        }
    }
}

fn text(writer: u64, commits: u64) -> Vec<u8> {
    format!("{writer}.{commits}").into_bytes()
}

/// The number of the writer that a fence names.
fn writer(fence: Option<&[u8]>) -> u64 {
    let text = fence.and_then(|fence| std::str::from_utf8(fence).ok());
    let writer = text.and_then(|text| text.split('.').next());
    writer.and_then(|writer| writer.parse().ok()).unwrap_or(0)
}

/// An entry as a value.
pub(crate) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| {
        StoreError::Damaged("an entry of the destination's ledger cannot be read".to_owned())
    })
}
