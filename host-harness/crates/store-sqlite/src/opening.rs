//! Opening a store to write: a file that is there, of this version, and nobody else's.

use std::path::Path;

use rusqlite::Connection;

use super::migration::{self, MigrationProgress};
use super::schema::{self, OpenError};

/// Makes the data directory and the file where they are missing, rewrites a file of an earlier version, and
/// gives the connection that writes.
pub(super) fn open_writer(
    path: &Path,
    tell: &mut dyn FnMut(MigrationProgress),
) -> Result<Connection, OpenError> {
    schema::create_file(path)?;
    let _opening = schema::alone_to_open(path)?;
    let within = |source: rusqlite::Error| OpenError::Database {
        path: path.to_owned(),
        source: source.into(),
    };
    let mut connection = schema::connect(path).map_err(within)?;
    let version = schema::version_of_ours(&connection, path)?;
    if (1..schema::VERSION).contains(&version) {
        drop(connection);
        migration::rewrite(path, version, tell)?;
        connection = schema::connect(path).map_err(within)?;
    }
    schema::configure_writer(&connection).map_err(within)?;
    if version == 0 {
        let transaction = connection.transaction().map_err(within)?;
        schema::make_tables(&transaction).map_err(within)?;
        schema::name_version(&transaction).map_err(within)?;
        transaction.commit().map_err(within)?;
    }
    Ok(connection)
}
