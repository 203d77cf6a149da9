//! [`Installation`] in SQLite.

use rusqlite::OptionalExtension as _;

use super::database::ServerDb;
use crate::records::{Installation, RecordsError};

impl Installation for ServerDb {
    fn set_public_url(&self, url: &str) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO server (only, public_url) VALUES (1, ?1) \
                 ON CONFLICT DO UPDATE SET public_url = ?1",
                [url],
            )?;
            Ok(())
        })
    }

    fn public_url(&self) -> Result<Option<String>, RecordsError> {
        self.read(|connection| {
            let url = connection
                .prepare_cached("SELECT public_url FROM server")?
                .query_row([], |row| row.get(0))
                .optional()?;
            Ok(url)
        })
    }

    fn try_to_save(&self) -> Result<(), RecordsError> {
        self.write(|tx| {
            // What is not changed is not written: SQLite compares.
            tx.execute("UPDATE server SET public_url = public_url || ' '", [])?;
            tx.execute("UPDATE server SET public_url = rtrim(public_url)", [])?;
            Ok(())
        })
    }
}
