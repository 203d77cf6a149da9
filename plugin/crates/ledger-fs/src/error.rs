//! Why the ledger does not answer.

use std::io;

use thiserror::Error;

/// Why nothing was read, or nothing was written. No text has a key or a value in it.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The folder could not be read or written.
    #[error("{doing} failed: {source}{}", advice(.source))]
    Folder {
        /// What was tried, and with which file.
        doing: String,
        /// As the system says it.
        source: io::Error,
    },
    /// A file is not what was written.
    #[error(
        "{file} is damaged ({what}); nothing was written over it. Put the whole folder back from a backup, or give an \
         empty one: then the destination finds its contacts again by what their service has of them, and the history of \
         runs is lost"
    )]
    Damaged {
        /// Its name.
        file: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another process has written since this one has read.
    #[error(
        "another process has written to this ledger since this one began; let one at a time work with a folder, and \
         run this again"
    )]
    SomebodyElse,
    /// Over the lengths of the contract.
    #[error("{what} of the ledger is longer than {most} bytes")]
    TooLong {
        /// A key, a value, a commit, an answer.
        what: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// It could not be found out what became of the commit before.
    #[error(
        "a commit before this one failed in a way that leaves open whether it was kept; begin a new call"
    )]
    Unclear,
}

/// What helps against what folders refuse most often.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => {
            "; give the component a directory of its own, under the name /ledger"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; let the component read and write in its directory"
        }
        io::ErrorKind::Unsupported => "; the ledger needs a file system that has hard links",
        _ => "",
    }
}

/// Says what was tried, of an error of the folder.
pub(crate) trait Doing<T> {
    /// The result, with what was tried and with which file.
    fn doing(self, what: &str, file: &str) -> Result<T, LedgerError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &str, file: &str) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::Folder {
            doing: format!("{what} {file}"),
            source,
        })
    }
}
