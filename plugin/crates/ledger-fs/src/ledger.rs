//! The ledger: what is there, and how something is added to it.

use std::collections::BTreeSet;
use std::io;

use crate::commit_file;
use crate::compacting;
use crate::error::{Doing as _, LedgerError};
use crate::folder::{Folder, NewFile as _};
use crate::names;
use crate::opening::{self, Listed, Opened};
use crate::table::Merged;

/// Longest key, longest value, and both of one commit or one answer together, in bytes, as the contract says.
const MAX_KEY: usize = 1_024;
const MAX_VALUE: usize = 2 << 20;
const MAX_AT_ONCE: usize = 16 << 20;
/// Entries of one page, as the contract says.
const MAX_LIMIT: u32 = 1_000;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// By which it is found; unique.
    pub key: String,
    /// What it holds.
    pub value: Vec<u8>,
}

/// An entry to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Which.
    pub key: String,
    /// `None` deletes it.
    pub value: Option<Vec<u8>>,
}

/// What an entry must hold for a commit to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Which.
    pub key: String,
    /// `None`: there is no such entry.
    pub value: Option<Vec<u8>>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is kept, and durable.
    Kept,
    /// An expectation was not met, and nothing was written.
    Unexpected,
}

/// The ledger in a folder, for the length of one call.
pub struct FolderLedger<F: Folder> {
    folder: F,
    opened: Opened<F::File>,
    /// Whether it is not known what became of a commit: nothing is said any more then.
    unclear: bool,
}

impl<F: Folder> FolderLedger<F> {
    /// Opens what is there; an empty folder is an empty ledger.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read, or something in it is damaged. Nothing is written in either case.
    pub fn open(folder: F) -> Result<Self, LedgerError> {
        Ok(Self {
            opened: opening::open(&folder)?,
            folder,
            unclear: false,
        })
    }

    /// Those of the entries that are there, each once.
    ///
    /// # Errors
    ///
    /// Where they cannot be read, or are more than one answer may have.
    pub fn get(&self, keys: &[String]) -> Result<Vec<Entry>, LedgerError> {
        let (mut room, mut found) = (Room::default(), Vec::new());
        // In order, so that neighbours in the table are read together.
        let keys: BTreeSet<&String> = keys.iter().collect();
        for key in keys {
            if let Some(value) = self.value(key)? {
                let entry = Entry {
                    key: key.clone(),
                    value,
                };
                room.take(&entry)?;
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// Entries whose key starts with `prefix`, in byte order of the key, after the key `after`, at most `limit` and at
    /// most 1,000.
    ///
    /// # Errors
    ///
    /// Where they cannot be read, or are more than one answer may have.
    pub fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        self.clear()?;
        let first = after.map_or(prefix, |after| prefix.max(after));
        let limit = usize::try_from(limit.min(MAX_LIMIT)).unwrap_or(usize::MAX);
        let mut entries = Merged::from(self.opened.table.as_ref(), &self.opened.recent, first)?;
        let (mut room, mut found) = (Room::default(), Vec::new());
        while found.len() < limit {
            match entries.next()? {
                Some(entry) if Some(entry.key.as_str()) == after => {}
                Some(entry) if entry.key.starts_with(prefix) => {
                    room.take(&entry)?;
                    found.push(entry);
                }
                _ => break,
            }
        }
        Ok(found)
    }

    /// Writes where all expectations are met: everything or nothing, and durable when it gives back.
    ///
    /// # Errors
    ///
    /// Where nothing was written: something is too long, the folder refused it, or another process has written.
    pub fn commit(
        &mut self,
        expect: &[Expectation],
        writes: Vec<Write>,
    ) -> Result<Committed, LedgerError> {
        self.clear()?;
        accept(&writes)?;
        for expected in expect {
            if self.value(&expected.key)? != expected.value {
                return Ok(Committed::Unexpected);
            }
        }
        let number = self.opened.number + 1;
        let bytes = self.keep(number, &writes)?;
        let opened = &mut self.opened;
        for write in writes {
            opened.recent.insert(write.key, write.value);
        }
        opened.number = number;
        opened.commits += 1;
        opened.bytes += bytes;
        self.tidy();
        Ok(Committed::Kept)
    }

    fn value(&self, key: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.clear()?;
        match (self.opened.recent.get(key), &self.opened.table) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(table)) => table.get(key),
            (None, None) => Ok(None),
        }
    }

    fn clear(&self) -> Result<(), LedgerError> {
        if self.unclear {
            return Err(LedgerError::Unclear);
        }
        Ok(())
    }

    /// Writes the file of a commit, and makes it durable; how long it is.
    fn keep(&mut self, number: u64, writes: &[Write]) -> Result<u64, LedgerError> {
        let name = names::commit(number);
        let bytes = commit_file::written(number, writes);
        let (unfinished, mut file) = compacting::create(&self.folder, &name)?;
        let written = file
            .write(&bytes)
            .and_then(|()| file.sync())
            .doing("writing", &unfinished);
        let claimed = written.and_then(|()| self.claim(number, &unfinished, &name));
        // It has the other name by now, or is of no use.
        let _ = self.folder.remove(&unfinished);
        claimed?;
        Ok(bytes.len() as u64)
    }

    /// Gives a commit its name, if nobody else has got it.
    fn claim(&mut self, number: u64, unfinished: &str, name: &str) -> Result<(), LedgerError> {
        match self.folder.link(unfinished, name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::SomebodyElse);
            }
            // Made beside us as an unfinished file that is nobody's, and taken away by the other one's table.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LedgerError::SomebodyElse);
            }
            Err(error) => return Err(error).doing("naming", name),
        }
        // The name may have been free only because the commit that had it is in a table by now.
        if Listed::of(&self.folder)?.table >= Some(number) {
            let _ = self.folder.remove(name);
            return Err(LedgerError::SomebodyElse);
        }
        // Somebody may have read it already, so it is not taken back.
        let synced = self.folder.sync().doing("flushing", "the folder");
        self.unclear = synced.is_err();
        synced
    }

    /// Makes a table where one is due. Whatever was promised is kept without it, so where it fails, it is tried again
    /// after the next commit.
    fn tidy(&mut self) {
        let opened = &mut self.opened;
        let table = opened.table.as_ref();
        let length = table.map_or(0, super::table::Table::length);
        if !compacting::is_due(opened.commits, opened.bytes, length) {
            return;
        }
        let made = compacting::compact(&self.folder, table, &opened.recent, opened.number);
        if let Ok(table) = made {
            opened.table = Some(table);
            opened.recent.clear();
            opened.commits = 0;
            opened.bytes = 0;
        }
    }
}

/// Checks the lengths of a commit, before anything of it is done.
fn accept(writes: &[Write]) -> Result<(), LedgerError> {
    let mut room = 0;
    for write in writes {
        let value = write.value.as_ref().map_or(0, Vec::len);
        within("a key", write.key.len(), MAX_KEY)?;
        within("a value", value, MAX_VALUE)?;
        room += write.key.len() + value;
    }
    within("a commit", room, MAX_AT_ONCE)
}

fn within(what: &'static str, length: usize, most: usize) -> Result<(), LedgerError> {
    if length > most {
        return Err(LedgerError::TooLong { what, most });
    }
    Ok(())
}

/// What one answer may still have.
#[derive(Default)]
struct Room {
    taken: usize,
}

impl Room {
    fn take(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.taken += entry.key.len() + entry.value.len();
        within("an answer", self.taken, MAX_AT_ONCE)
    }
}
