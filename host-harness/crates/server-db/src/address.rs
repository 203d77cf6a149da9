//! What the server says of itself: the address at which it is found.

use rusqlite::OptionalExtension as _;
use store_sqlite::DatabaseError;

use super::Books;

impl Books {
    /// Notes at which address the server is found, for sign-in links that are made beside it.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn set_public_url(&self, url: &str) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO server (only, public_url) VALUES (1, ?1) \
                 ON CONFLICT DO UPDATE SET public_url = ?1",
                [url],
            )?;
            Ok(())
        })
    }

    /// Writes what stands there already, to find out whether anything can be saved.
    ///
    /// # Errors
    ///
    /// Where nothing can.
    pub fn try_to_save(&self) -> Result<(), DatabaseError> {
        self.write(|connection| {
            // What is not changed is not written: SQLite compares.
            connection.execute("UPDATE server SET public_url = public_url || ' '", [])?;
            connection.execute("UPDATE server SET public_url = rtrim(public_url)", [])?;
            Ok(())
        })
    }

    /// The address at which the last server was found; none before the first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn public_url(&self) -> Result<Option<String>, DatabaseError> {
        self.read(|connection| {
            let url = connection
                .prepare_cached("SELECT public_url FROM server")?
                .query_row([], |row| row.get(0))
                .optional()?;
            Ok(url)
        })
    }
}
