//! One flat table, with an index by the object id and one by the address, and one upsert a person.
//!
//! The statements are those of `tests/compare/sync.mjs`. There are no links, no lists, no journal and no state.

use std::path::Path;

use rusqlite::{Connection, params_from_iter};

use super::super::people::{FIELDS, Person};
use super::{Tables, connect};

pub(super) struct FlatTable {
    connection: Connection,
    upsert: String,
}

impl Tables for FlatTable {
    fn make(path: &Path) -> rusqlite::Result<Self> {
        let connection = connect(path)?;
        let columns = FIELDS.map(|field| format!(", \"{field}\" TEXT")).concat();
        connection.execute_batch(&format!(
            "CREATE TABLE contacts (object_id TEXT PRIMARY KEY{columns}); \
             CREATE INDEX contacts_by_email ON contacts (email);"
        ))?;
        let values = FIELDS.map(|_| ", ?").concat();
        let updates = FIELDS.map(|field| format!("\"{field}\" = excluded.\"{field}\""));
        Ok(Self {
            connection,
            upsert: format!(
                "INSERT INTO contacts VALUES (?{values}) \
                 ON CONFLICT (object_id) DO UPDATE SET {}",
                updates.join(", ")
            ),
        })
    }

    fn page(&mut self, people: &[Person]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut upsert = transaction.prepare_cached(&self.upsert)?;
            for person in people {
                upsert.execute(params_from_iter(person))?;
            }
        }
        transaction.commit()
    }

    fn close(self) -> rusqlite::Result<()> {
        self.connection.close().map_err(|(_, error)| error)
    }
}
