//! What no foreign key and no unique index says is true all the same: nothing hangs on a contact that is no
//! more, and whatever is derived is what it is derived from.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row};

use crate::FILE_NAME;
use crate::address_hash::hash_of;
use crate::levels::{ADDRESSES, OBJECTS, PLAN_USERS};

/// Rows that must not be there, each with what is wrong with it.
const ORPHANS: [&str; 10] = [
    "SELECT contact_id FROM custom_values WHERE contact_id NOT IN (SELECT id FROM contacts)",
    "SELECT field_id FROM custom_values WHERE field_id NOT IN (SELECT id FROM custom_fields)",
    "SELECT contact_id FROM memberships WHERE contact_id NOT IN (SELECT id FROM contacts)",
    "SELECT list_id FROM memberships WHERE list_id NOT IN (SELECT id FROM lists)",
    "SELECT manager FROM memberships WHERE manager NOT IN (SELECT id FROM sources)",
    "SELECT contact_id FROM former_links WHERE contact_id NOT IN (SELECT id FROM contacts)",
    "SELECT contact_id FROM links l WHERE NOT EXISTS \
         (SELECT 1 FROM contacts c WHERE c.id = l.contact_id AND c.source_id < l.source_id)",
    "SELECT id FROM contacts WHERE source_id IS NOT NULL \
         AND source_id NOT IN (SELECT id FROM sources WHERE id <> 0)",
    "SELECT id FROM contacts WHERE (source_id IS NULL) <> (object_id IS NULL) \
         OR (source_id IS NULL) <> (link IS NULL) OR (source_id IS NULL AND base IS NOT NULL)",
    "SELECT round_id FROM sightings WHERE round_id NOT IN (SELECT id FROM rounds)",
];

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], read).unwrap();
    rows.map(Result::unwrap).collect()
}

fn column<T: FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
    rows(connection, sql, |row| row.get(0))
}

/// Checks a whole database.
pub(super) fn check(directory: &Path) {
    let connection = Connection::open(directory.join(FILE_NAME)).unwrap();
    for orphans in ORPHANS {
        assert_eq!(
            column::<i64>(&connection, orphans),
            Vec::<i64>::new(),
            "{orphans}"
        );
    }
    let faults = column::<String>(&connection, "PRAGMA integrity_check");
    assert_eq!(faults, ["ok"]);
    check_objects(&connection);
    check_addresses(&connection);
    check_plans(&connection);
    check_tallies(&connection);
    check_numbers(&connection);
}

fn check_objects(connection: &Connection) {
    let as_text = "CASE typeof(object_id) WHEN 'blob' THEN hex(object_id) ELSE object_id END";
    let read = |row: &Row<'_>| -> rusqlite::Result<(i64, String, i64, i64)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    let found = OBJECTS
        .over(|objects| format!("SELECT source_id, {as_text}, contact_id, link FROM {objects}"));
    let mut found = rows(connection, &found, read);
    let linked = format!(
        "SELECT source_id, {as_text}, id, link FROM contacts WHERE source_id IS NOT NULL \
         UNION ALL SELECT source_id, {as_text}, contact_id, link FROM links"
    );
    let mut linked = rows(connection, &linked, read);
    found.sort();
    linked.sort();
    assert_eq!(found, linked);
    let users: BTreeSet<_> = linked
        .iter()
        .map(|(source, user, ..)| (source, user))
        .collect();
    assert_eq!(users.len(), linked.len(), "a user has two contacts");
}

fn check_addresses(connection: &Connection) {
    let found = ADDRESSES.over(|addresses| format!("SELECT hash, contact_id FROM {addresses}"));
    let mut found: Vec<(i64, i64)> = rows(connection, &found, |row| Ok((row.get(0)?, row.get(1)?)));
    let having = "SELECT email, id FROM contacts WHERE email IS NOT NULL";
    let mut hashed: Vec<(i64, i64)> = rows(connection, having, |row| {
        Ok((hash_of(&row.get::<_, String>(0)?), row.get(1)?))
    });
    found.sort_unstable();
    hashed.sort_unstable();
    assert_eq!(found, hashed);
}

fn check_plans(connection: &Connection) {
    let indexed =
        PLAN_USERS.over(|users| format!("SELECT entry AS id, object_id, plan_id FROM {users}"));
    let differ = format!(
        "SELECT count(*) FROM ({indexed}) u FULL JOIN plan_entries p \
         ON p.id = u.id AND p.object_id = u.object_id AND p.id >> 32 = u.plan_id \
         WHERE p.id IS NULL OR u.id IS NULL OR u.plan_id NOT IN (SELECT id FROM plans)"
    );
    assert_eq!(column::<i64>(connection, &differ), [0]);
}

fn check_tallies(connection: &Connection) {
    let read = |row: &Row<'_>| -> rusqlite::Result<(i64, i64, i64, i64)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    let kept = "SELECT source_id, active, filled, contacts FROM tallies ORDER BY 1, 2, 3";
    let counted = "SELECT l.source_id, c.active, c.filled, count(*) FROM \
         (SELECT id, source_id FROM contacts WHERE source_id IS NOT NULL \
          UNION ALL SELECT contact_id, source_id FROM links) l \
         JOIN contacts c ON c.id = l.id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    assert_eq!(
        rows(connection, kept, read),
        rows(connection, counted, read)
    );
}

/// No number of an entry is given twice, and none is greater than the last that was given out.
fn check_numbers(connection: &Connection) {
    let overlapping = "SELECT count(*) FROM creations b JOIN creations n \
         ON n.number > b.number AND (n.number < b.number + b.contacts \
             OR n.first_contact < b.first_contact + b.contacts)";
    assert_eq!(column::<i64>(connection, overlapping), [0]);
    let foreign = "SELECT count(*) FROM creations b JOIN journal j \
         ON j.number >= b.number AND j.number < b.number + b.contacts \
         WHERE j.effect <> 'create' \
             OR j.contact_id - b.first_contact <> j.number - b.number";
    assert_eq!(column::<i64>(connection, foreign), [0]);
    let beyond = "SELECT count(*) FROM sequences WHERE name = 'journal' AND last < max( \
             (SELECT coalesce(max(number), 0) FROM journal), \
             (SELECT coalesce(max(number + contacts - 1), 0) FROM creations)) \
         OR name = 'link' AND last < (SELECT coalesce(max(link), 0) FROM contacts)";
    assert_eq!(column::<i64>(connection, beyond), [0]);
}
