//! What is in a folder, as the ledger of a call begins: the newest table, and the commits behind it.

use std::io;

use crate::commit_file;
use crate::error::{Doing as _, LedgerError};
use crate::folder::Folder;
use crate::names::{self, Named};
use crate::table::{Recent, Table};

/// How often it is begun anew where another process puts commits into a table meanwhile.
const TRIES: usize = 5;

/// What was found.
pub(crate) struct Opened<R> {
    pub(crate) table: Option<Table<R>>,
    pub(crate) recent: Recent,
    /// The number of the last commit.
    pub(crate) number: u64,
    /// Commits that are in no table, and the bytes of their files.
    pub(crate) commits: u64,
    pub(crate) bytes: u64,
}

/// Reads what is there. What is seen is made durable first: whoever it was written by may have died before it was.
pub(crate) fn open<F: Folder>(folder: &F) -> Result<Opened<F::File>, LedgerError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let listed = Listed::of(folder)?;
        folder.sync().doing("flushing", "the folder")?;
        match listed.read(folder) {
            // Put into a table, and deleted, between the list and the look.
            Err(error) if tries < TRIES && may_have_moved(&error) => {}
            result => return result,
        }
    }
}

fn may_have_moved(error: &LedgerError) -> bool {
    match error {
        LedgerError::Folder { source, .. } => source.kind() == io::ErrorKind::NotFound,
        LedgerError::Damaged { what, .. } => *what == MISSING,
        _ => false,
    }
}

const MISSING: &str = "it is not there, and later ones are";

/// The newest table, and the newest commit.
pub(crate) struct Listed {
    pub(crate) table: Option<u64>,
    pub(crate) commit: Option<u64>,
}

impl Listed {
    pub(crate) fn of<F: Folder>(folder: &F) -> Result<Self, LedgerError> {
        let names = folder.names().doing("reading", "the folder")?;
        let (mut table, mut commit) = (None, None);
        for name in names {
            match Named::of(&name) {
                Named::Table(number) => table = table.max(Some(number)),
                Named::Commit(number) => commit = commit.max(Some(number)),
                Named::Unfinished | Named::Foreign => {}
            }
        }
        Ok(Self { table, commit })
    }

    fn read<F: Folder>(&self, folder: &F) -> Result<Opened<F::File>, LedgerError> {
        let table = self.table.map(|number| Table::open(folder, number));
        let begins = self.table.unwrap_or(0);
        let mut opened = Opened {
            table: table.transpose()?,
            recent: Recent::new(),
            number: begins,
            commits: 0,
            bytes: 0,
        };
        let last = self.commit.unwrap_or(0);
        while opened.number < last {
            let number = opened.number + 1;
            let (writes, bytes) = commit_file::read(folder, number).map_err(|error| {
                let is_missing = may_have_moved(&error);
                if is_missing { missing(number) } else { error }
            })?;
            for write in writes {
                opened.recent.insert(write.key, write.value);
            }
            opened.number = number;
            opened.commits += 1;
            opened.bytes += bytes;
        }
        Ok(opened)
    }
}

fn missing(number: u64) -> LedgerError {
    LedgerError::Damaged {
        file: names::commit(number),
        what: MISSING,
    }
}
