//! The tables of an old file, and how a portion of each comes into the new one.
//!
//! Rows are copied in order of their keys, so that the last one in the new file says where to go on.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params_from_iter};

use super::contacts;
use crate::errors::DatabaseError;
use crate::plan::{entries_of, plan_of};

/// A table of the old file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// Its name in both files.
    pub(super) name: &'static str,
    key: &'static [&'static str],
    /// The other columns.
    rest: &'static [&'static str],
    /// Rows of a portion: so few that they have room in memory.
    portion: usize,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// The columns are the same.
    AsItIs,
    /// With their links.
    Contacts,
    /// Sequence within their plan.
    PlanEntries,
}

const fn table(
    name: &'static str,
    key: &'static [&'static str],
    rest: &'static [&'static str],
) -> Table {
    Table {
        name,
        key,
        rest,
        portion: if cfg!(test) { 3 } else { 5_000 },
        how: How::AsItIs,
    }
}

/// All of them, in the order in which they are copied.
pub(super) const ALL: [Table; 19] = [
    table("sources", &["id"], &["name"]),
    table("custom_fields", &["id"], &["name"]),
    table("run_names", &["id"], &["name", "began_ms"]),
    table(
        "lists",
        &["id"],
        &["name", "description", "key", "named_by", "named_in"],
    ),
    Table {
        how: How::Contacts,
        ..table("contacts", &["id"], &[])
    },
    table("custom_values", &["contact_id", "field_id"], &["value"]),
    table("memberships", &["contact_id", "list_id", "manager"], &[]),
    table("tallies", &["source_id", "active", "filled"], &["contacts"]),
    table("former_links", &["contact_id", "source_id"], &["object_id"]),
    table(
        "journal",
        &["number"],
        &[
            "source_id",
            "run_id",
            "at_ms",
            "object_id",
            "contact_id",
            "effect",
            "reason",
            "evidence",
            "version",
            "before",
            "address",
        ],
    ),
    table(
        "notes",
        &["object_id"],
        &[
            "source_id",
            "address",
            "contact_id",
            "reason",
            "run_id",
            "since_ms",
        ],
    ),
    table(
        "plans",
        &["id"],
        &["digest", "mode", "created_at_ms", "summary"],
    ),
    Table {
        how: How::PlanEntries,
        ..table(
            "plan_entries",
            &["plan_id", "object_id"],
            &["effect", "reason", "contact_id", "version", "detail"],
        )
    },
    table("plan_lists", &["plan_id", "key"], &["name", "named_by"]),
    table(
        "rounds",
        &["id"],
        &["source_id", "name", "high_water", "known_links"],
    ),
    table("sightings", &["round_id", "link"], &[]),
    Table {
        // Of at most 1 MiB each.
        portion: if cfg!(test) { 3 } else { 50 },
        ..table("state", &["key"], &["value"])
    },
    table("settings", &["name"], &["value"]),
    table(
        "lease",
        &["id"],
        &[
            "token",
            "task",
            "process",
            "machine",
            "since_ms",
            "expires_at_ms",
        ],
    ),
];

impl Table {
    /// Copies the next rows; how many.
    pub(super) fn copy_portion(
        &self,
        old: &Connection,
        new: &Transaction<'_>,
    ) -> Result<u64, DatabaseError> {
        let copied = match self.how {
            How::AsItIs => {
                let rows = self.rows_after(old, last_key(new, self)?)?;
                let columns = [self.key, self.rest].concat();
                for row in &rows {
                    insert(new, self.name, &columns, row)?;
                }
                rows.len()
            }
            How::Contacts => contacts::copy_portion(old, new, self.portion)?,
            How::PlanEntries => {
                let rows = self.rows_after(old, last_planned(new)?)?;
                for row in &rows {
                    insert_planned(new, row)?;
                }
                rows.len()
            }
        };
        Ok(copied as u64)
    }

    /// The next rows of the old file, after that key.
    fn rows_after(
        &self,
        old: &Connection,
        last: Option<Vec<Value>>,
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let key = self.key.join(", ");
        let columns = [self.key, self.rest].concat().join(", ");
        let after = match &last {
            Some(last) => format!("WHERE ({key}) > ({})", places(1, last.len())),
            None => String::new(),
        };
        let sql = format!(
            "SELECT {columns} FROM {} {after} ORDER BY {key} LIMIT {}",
            self.name, self.portion
        );
        let rows = old
            .prepare_cached(&sql)?
            .query_map(params_from_iter(last.unwrap_or_default()), |row| {
                (0..self.key.len() + self.rest.len())
                    .map(|column| row.get(column))
                    .collect()
            })?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn places(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count)
        .map(|place| format!("?{place}"))
        .collect();
    places.join(", ")
}

/// The key of the last row that is in the new file.
fn last_key(new: &Connection, table: &Table) -> Result<Option<Vec<Value>>, DatabaseError> {
    let descending: Vec<_> = table.key.iter().map(|key| format!("{key} DESC")).collect();
    let sql = format!(
        "SELECT {} FROM {} ORDER BY {} LIMIT 1",
        table.key.join(", "),
        table.name,
        descending.join(", ")
    );
    let last = new
        .prepare_cached(&sql)?
        .query_row([], |row| {
            (0..table.key.len()).map(|column| row.get(column)).collect()
        })
        .optional()?;
    Ok(last)
}

fn insert(
    new: &Connection,
    table: &str,
    columns: &[&str],
    row: &[Value],
) -> Result<(), DatabaseError> {
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        places(1, columns.len())
    );
    new.prepare_cached(&sql)?.execute(params_from_iter(row))?;
    Ok(())
}

/// The plan and the user of the last entry that is in the new file.
fn last_planned(new: &Connection) -> Result<Option<Vec<Value>>, DatabaseError> {
    let last: Option<(i64, String)> = new
        .prepare_cached("SELECT id, object_id FROM plan_entries ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.map(|(id, user)| vec![Value::Integer(plan_of(id)), Value::Text(user)]))
}

fn insert_planned(new: &Connection, row: &[Value]) -> Result<(), DatabaseError> {
    let [Value::Integer(plan), user, effect, ..] = row else {
        return Err(DatabaseError::unreadable("an entry of a plan"));
    };
    let (first, end) = entries_of(*plan);
    let last: Option<i64> = new
        .prepare_cached("SELECT max(id) FROM plan_entries WHERE id >= ?1 AND id < ?2")?
        .query_row([first, end], |row| row.get(0))?;
    let id = Value::Integer(last.map_or(first, |last| last + 1));
    let columns = [
        "id",
        "object_id",
        "effect",
        "reason",
        "contact_id",
        "version",
        "detail",
    ];
    let values: Vec<Value> = std::iter::once(id.clone())
        .chain(row.iter().skip(1).cloned())
        .collect();
    insert(new, "plan_entries", &columns, &values)?;
    let changes =
        !matches!(effect, Value::Text(effect) if effect == "unchanged" || effect == "skip");
    let columns = ["plan_id", "object_id", "entry", "changes"];
    let values = [
        Value::Integer(*plan),
        user.clone(),
        id,
        Value::Integer(changes.into()),
    ];
    insert(new, "plan_users_0", &columns, &values)
}
