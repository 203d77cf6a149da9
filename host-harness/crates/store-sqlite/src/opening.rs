//! Opening a store to write: a file that is there, of this version, and nobody else's.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::files::{beside, put_in_place, remove};
use super::migration::{self, MigrationProgress};
use super::schema::{self, OpenError};

/// Makes the data directory and the file where they are missing, rewrites a file of an earlier version, and
/// gives the connection that writes, and where the file is: SQLite has what is beside it there.
pub(super) fn open_writer(
    named: &Path,
    tell: &mut dyn FnMut(MigrationProgress),
) -> Result<(Connection, PathBuf), OpenError> {
    if let Some(directory) = named.parent() {
        local_files::create_directory(directory).map_err(|source| OpenError::Directory {
            path: directory.to_owned(),
            source,
        })?;
    }
    let place = followed(named)?;
    let path = place.as_path();
    // Beside the file itself: who comes by another name must wait, too.
    let _opening = schema::alone_to_open(path)?;
    if path.try_exists().map_err(|source| file(path, source))? {
        look_at(path)?;
    } else {
        make(path)?;
    }
    let within = |source: rusqlite::Error| OpenError::Database {
        path: path.to_owned(),
        source: source.into(),
    };
    let mut connection = schema::connect(path).map_err(within)?;
    let version = schema::version_of_ours(&connection, path)?;
    let added = schema::add_what_is_new(&mut connection, version).map_err(within)?;
    if !added && (1..schema::VERSION).contains(&version) {
        drop(connection);
        migration::rewrite(path, version, tell)?;
        connection = schema::connect(path).map_err(within)?;
    }
    schema::configure_writer(&connection).map_err(within)?;
    if version == 0 {
        make_tables(&mut connection).map_err(within)?;
    }
    Ok((connection, place))
}

/// The file itself where the name is that of a link: what is written beside it, and renamed, is there.
fn followed(named: &Path) -> Result<PathBuf, OpenError> {
    match fs::canonicalize(named) {
        Ok(path) if named.is_symlink() => Ok(path),
        Err(source) if named.is_symlink() => Err(file(named, source)),
        _ => Ok(named.to_owned()),
    }
}

/// Refuses what is there and is no database, in the system's own words where it is the system that refuses:
/// SQLite tells less.
fn look_at(path: &Path) -> Result<(), OpenError> {
    let metadata = fs::metadata(path).map_err(|source| file(path, source))?;
    if metadata.is_dir() {
        return Err(file(path, io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    if metadata.len() == 0 {
        return Err(OpenError::Empty {
            path: path.to_owned(),
        });
    }
    let opened = OpenOptions::new().read(true).write(true).open(path);
    opened.map(drop).map_err(|source| file(path, source))
}

/// Makes a new file, which gets its name when it is whole: one that is empty was cut off, and is none of ours.
fn make(path: &Path) -> Result<(), OpenError> {
    let begun = beside(path, ".begun");
    // What a log of that name knows is of a file that is gone.
    for part in [&begun, &beside(path, "-wal"), &beside(path, "-shm")] {
        remove(part).map_err(|source| file(part, source))?;
    }
    schema::create_file(&begun)?;
    let make = || {
        let mut connection = schema::connect(&begun)?;
        // It is flushed as a whole below.
        connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "off")?;
        make_tables(&mut connection)
    };
    make().map_err(|source: rusqlite::Error| OpenError::Database {
        path: begun.clone(),
        source: source.into(),
    })?;
    put_in_place(&begun, path).map_err(|source| file(path, source))
}

fn make_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    schema::make_tables(&transaction)?;
    schema::name_version(&transaction)?;
    transaction.commit()
}

fn file(path: &Path, source: io::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        source,
    }
}
