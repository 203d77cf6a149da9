//! The database of a workspace, looked at from outside: who is in it, and how often contacts were written.

use std::path::Path;

use anyhow::Context as _;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use store_sqlite::FILE_NAME;

/// People of one portion: those of a page of the directory.
const PORTION: u32 = 999;

/// The described fields of the store.
pub(crate) const FIELDS: [&str; 12] = [
    "first_name",
    "last_name",
    "display_name",
    "email",
    "mobile_phone",
    "company",
    "job_title",
    "department",
    "office_location",
    "contact_name",
    "phone_number",
    "group",
];

/// A database that is only read.
pub(crate) struct Database(Connection);

/// The object id of somebody, and what [`FIELDS`] hold.
pub(crate) type Person = Vec<Value>;

/// Some people, in the order in which they were written.
#[derive(Default)]
pub(crate) struct Portion {
    pub(crate) people: Vec<Person>,
    /// The id of the last one's contact.
    pub(crate) last: i64,
}

impl Database {
    /// Opens the database of a data directory.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(data.join(FILE_NAME), flags)
            .context("the measured database cannot be read")?;
        Ok(Self(connection))
    }

    /// How often contacts were written since the database was made, as long as none was deleted:
    /// every write of a contact, its link or its membership counts its version up.
    pub(crate) fn contact_writes(&self) -> anyhow::Result<u64> {
        let sum: i64 = self.0.query_row(
            "SELECT coalesce(sum(version), 0) FROM contacts",
            [],
            |row| row.get(0),
        )?;
        Ok(sum.try_into()?)
    }

    /// Linked contacts with an id after that one.
    pub(crate) fn portion(&self, after: i64) -> anyhow::Result<Portion> {
        let columns = FIELDS.map(|field| format!(", \"{field}\"")).concat();
        let mut last = after;
        let people = self
            .0
            .prepare_cached(&format!(
                "SELECT id, hex(object_id){columns} FROM contacts \
                 WHERE id > ?1 AND object_id IS NOT NULL ORDER BY id LIMIT ?2"
            ))?
            .query_map([after, PORTION.into()], |row| {
                last = row.get(0)?;
                let digits: String = row.get(1)?;
                let fields = (2..2 + FIELDS.len()).map(|column| row.get(column));
                std::iter::once(Ok(Value::Text(as_uuid(&digits))))
                    .chain(fields)
                    .collect()
            })?
            .collect::<Result<_, _>>()?;
        Ok(Portion { people, last })
    }
}

/// A UUID as the directory writes it.
fn as_uuid(digits: &str) -> String {
    let mut text = digits.to_ascii_lowercase();
    for place in [20, 16, 12, 8] {
        if text.is_char_boundary(place) {
            text.insert(place, '-');
        }
    }
    text
}
