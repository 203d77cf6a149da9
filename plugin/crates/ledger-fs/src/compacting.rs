//! When commits become a table, and how.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::error::{Doing as _, LedgerError};
use crate::folder::Folder;
use crate::names::{self, Named};
use crate::table::{Merged, Recent, Table};
use crate::table_file::TableWriter;

/// Commits are put into a table when they have come to a part of it, within these bounds, in bytes.
const PART: u64 = 4;
const LEAST: u64 = 1 << 20;
const MOST: u64 = 8 << 20;
/// Files that a call opens to read what is there.
const COMMITS: u64 = 256;

/// Whether so many commits, of so many bytes, are to be put into the table that has these bytes.
pub(crate) fn is_due(commits: u64, bytes: u64, table: u64) -> bool {
    commits >= COMMITS || bytes >= (table / PART).clamp(LEAST, MOST)
}

/// Makes a table of what is there after the commit of this number, and deletes what is in it.
pub(crate) fn compact<F: Folder>(
    folder: &F,
    table: Option<&Table<F::File>>,
    recent: &Recent,
    number: u64,
) -> Result<Table<F::File>, LedgerError> {
    let name = names::table(number);
    let (unfinished, file) = create(folder, &name)?;
    let written = write::<F>(file, &unfinished, table, recent, number);
    let renamed = written.and_then(|()| {
        folder
            .rename(&unfinished, &name)
            .doing("renaming", &unfinished)
    });
    if let Err(error) = renamed {
        // It is nobody's, and the next table takes it away.
        let _ = folder.remove(&unfinished);
        return Err(error);
    }
    folder.sync().doing("flushing", "the folder")?;
    let table = Table::open(folder, number)?;
    tidy(folder, number);
    Ok(table)
}

fn write<F: Folder>(
    file: F::New,
    name: &str,
    table: Option<&Table<F::File>>,
    recent: &Recent,
    number: u64,
) -> Result<(), LedgerError> {
    let mut writer = TableWriter::new(file, name)?;
    let mut entries = Merged::from(table, recent, "")?;
    while let Some(entry) = entries.next()? {
        writer.add(&entry)?;
    }
    writer.finish(number)
}

/// Deletes what nobody reads any more. What cannot be deleted stays until the next time.
fn tidy<F: Folder>(folder: &F, number: u64) {
    for name in folder.names().unwrap_or_default() {
        let is_done = match Named::of(&name) {
            Named::Commit(commit) => commit <= number,
            Named::Table(table) => table < number,
            Named::Unfinished => true,
            Named::Foreign => false,
        };
        if is_done {
            let _ = folder.remove(&name);
        }
    }
}

/// A new file beside the one that it is to be, and its name, which nobody else has: somebody who died may have left one,
/// and of two who write at the same time neither may name what the other one has begun.
pub(crate) fn create<F: Folder>(folder: &F, name: &str) -> Result<(String, F::New), LedgerError> {
    // The state of a hash map of the standard library is random, and another one each time.
    let mark = RandomState::new().build_hasher().finish();
    let unfinished = names::unfinished(name, mark);
    let file = folder.create(&unfinished).doing("making", &unfinished)?;
    Ok((unfinished, file))
}
