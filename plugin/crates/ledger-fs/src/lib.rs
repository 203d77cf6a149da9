//! The `ledger` of the contract in a folder, for a host that has a directory to give and no table: keys and values that
//! are kept all or nothing, and are there after the power has failed.
//!
//! | file | what it is |
//! |---|---|
//! | `commit-NUMBER` | the writes of one commit; it is complete from the moment in which it has this name |
//! | `table-NUMBER` | all entries as they were after the commit of this number, in order of their keys |
//! | `….new` | what is being written, or was when a process died; nobody reads it |
//!
//! **A commit** is written under another name, flushed, and then given its own by a hard link, which fails where the name
//! is taken: so it is there whole or not at all, and of two processes that have read the same entries one keeps its
//! commit, and the other is told. The folder is flushed before the commit counts.
//!
//! **A table** is made when the commits since the last one have come to a quarter of it (between 1 and 8 MiB): entries and
//! commits are merged in a stream, and commits that are in a table are deleted once it is durable. So a commit costs what
//! it writes, and what is kept is written anew about once for every quarter that has changed, or once for 8 MiB above 32.
//!
//! **Memory** holds what was written since the last table (at most 8 MiB and a commit), and the first key of every 16 KiB
//! of the table. Everything that is read has a checksum: what is damaged is told, and nothing is written over it.
//!
//! The folder is that of one account of one workspace, as the contract says of a ledger. It has personal data in it.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bytes;
mod commit_file;
mod compacting;
#[cfg(target_family = "wasm")]
mod component;
mod error;
mod folder;
mod ledger;
mod names;
mod opening;
mod table;
mod table_file;

#[cfg(test)]
mod tests;

pub use error::LedgerError;
pub use folder::{Directory, Folder, NewFile, ReadAt};
pub use ledger::{Committed, Entry, Expectation, FolderLedger, Write};
