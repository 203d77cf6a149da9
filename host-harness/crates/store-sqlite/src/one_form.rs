//! Brings a database of an earlier version into the forms in which identities are kept.
//!
//! Earlier versions compared object ids byte by byte and lists letter by letter. Where two rows come
//! to be one, the older one stays: a second contact that was linked to the same user under another
//! spelling loses that link and keeps everything else.

use std::collections::HashMap;

use contact_identity::{ObjectId, address, list};
use rusqlite::{Transaction, params};

use super::errors::DatabaseError;
use super::replaced::Replaced;

/// Rows whose id may be spelt in another way than the canonical one: everything that is not 36 small
/// hexadecimal digits and hyphens.
const SUSPECT: &str = "GLOB '*[^-0-9a-f]*'";

/// Everything that the database knows somebody or something by.
pub(super) fn bring(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    lists(transaction)?;
    addresses(transaction)?;
    links(transaction)?;
    former_links(transaction)?;
    for table in ["journal", "notes"] {
        object_ids(transaction, table)?;
    }
    plans(transaction)?;
    state(transaction)
}

/// Lists whose names differ by case alone become one, the one that was made first.
fn lists(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    let all: Vec<(i64, String)> = transaction
        .prepare("SELECT id, name FROM lists ORDER BY id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut first: HashMap<String, i64> = HashMap::new();
    let mut merged: HashMap<i64, i64> = HashMap::new();
    for (id, name) in all {
        let key = list::comparable(&name).into_owned();
        if let Some(kept) = first.get(&key) {
            transaction.execute(
                "INSERT OR IGNORE INTO memberships (contact_id, list_id, manager) \
                 SELECT contact_id, ?2, manager FROM memberships WHERE list_id = ?1",
                [id, *kept],
            )?;
            transaction.execute("DELETE FROM memberships WHERE list_id = ?1", [id])?;
            transaction.execute("DELETE FROM lists WHERE id = ?1", [id])?;
            merged.insert(id, *kept);
        } else {
            transaction.execute("UPDATE lists SET key = ?2 WHERE id = ?1", params![id, key])?;
            first.insert(key, id);
        }
    }
    transaction.execute_batch("CREATE UNIQUE INDEX lists_by_key ON lists (key)")?;
    if merged.is_empty() {
        return Ok(());
    }
    journal_of_deleted(transaction, &merged)
}

/// What the journal keeps of deleted contacts names lists by their numbers.
fn journal_of_deleted(
    transaction: &Transaction<'_>,
    merged: &HashMap<i64, i64>,
) -> Result<(), DatabaseError> {
    let deleted: Vec<(i64, String)> = transaction
        .prepare(
            "SELECT number, before FROM journal WHERE effect = 'delete' AND before IS NOT NULL",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (number, text) in deleted {
        let Ok(mut before) = serde_json::from_str::<Replaced>(&text) else {
            continue;
        };
        let Some(whole) = &mut before.whole else {
            continue;
        };
        for (list, _) in &mut whole.lists {
            *list = merged.get(list).copied().unwrap_or(*list);
        }
        let text = serde_json::to_string(&before).map_err(|_| {
            DatabaseError::Other("an entry of the journal cannot be written".to_owned())
        })?;
        transaction.execute(
            "UPDATE journal SET before = ?2 WHERE number = ?1",
            params![number, text],
        )?;
    }
    Ok(())
}

/// The key of an address in ASCII is what it was, except where its domain is encoded.
fn addresses(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    let other: Vec<(i64, String)> = transaction
        .prepare(
            "SELECT id, email FROM contacts WHERE email IS NOT NULL \
             AND (email GLOB '*[^ -~]*' OR email_key LIKE '%xn--%')",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, email) in other {
        transaction.execute(
            "UPDATE contacts SET email_key = ?2 WHERE id = ?1",
            params![id, address::comparable(&email)],
        )?;
    }
    Ok(())
}

fn links(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    let suspects: Vec<(i64, i64, String)> = transaction
        .prepare(&format!(
            "SELECT sequence, source_id, object_id FROM links WHERE object_id {SUSPECT} \
             ORDER BY sequence"
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut any_lost = false;
    for (sequence, source, id) in suspects {
        let canonical = ObjectId::canonical(&id);
        if canonical == id {
            continue;
        }
        let rival: Option<i64> = transaction.query_row(
            "SELECT max(sequence) FROM links WHERE source_id = ?1 AND object_id = ?2",
            params![source, canonical],
            |row| row.get(0),
        )?;
        if let Some(rival) = rival {
            unlink(transaction, sequence.max(rival))?;
            any_lost = true;
        }
        // Without effect where it is the one that was taken away.
        transaction.execute(
            "UPDATE links SET object_id = ?2 WHERE sequence = ?1",
            params![sequence, canonical],
        )?;
    }
    if any_lost {
        transaction.execute_batch(
            "DELETE FROM tallies; \
             INSERT INTO tallies (source_id, active, filled, contacts) \
             SELECT l.source_id, c.active, c.filled, count(*) \
             FROM links l JOIN contacts c ON c.id = l.contact_id GROUP BY 1, 2, 3",
        )?;
    }
    Ok(())
}

/// A second contact of one user stays as nobody's, off the lists of the connection.
fn unlink(transaction: &Transaction<'_>, sequence: i64) -> Result<(), DatabaseError> {
    transaction.execute(
        "DELETE FROM memberships WHERE (contact_id, manager) IN \
         (SELECT contact_id, source_id FROM links WHERE sequence = ?1)",
        [sequence],
    )?;
    transaction.execute(
        "UPDATE contacts SET version = version + 1 WHERE id = \
         (SELECT contact_id FROM links WHERE sequence = ?1)",
        [sequence],
    )?;
    transaction.execute("DELETE FROM links WHERE sequence = ?1", [sequence])?;
    Ok(())
}

fn former_links(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    object_ids(transaction, "former_links")?;
    // Who is linked is nobody's former user.
    transaction.execute(
        "DELETE FROM former_links WHERE EXISTS (SELECT 1 FROM links l \
         WHERE l.source_id = former_links.source_id AND l.object_id = former_links.object_id)",
        [],
    )?;
    Ok(())
}

/// Rows of a user who has a row in the canonical form already go.
fn object_ids(transaction: &Transaction<'_>, table: &str) -> Result<(), DatabaseError> {
    let suspects: Vec<String> = transaction
        .prepare(&format!(
            "SELECT DISTINCT object_id FROM {table} WHERE object_id {SUSPECT}"
        ))?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in suspects {
        let canonical = ObjectId::canonical(&id);
        if canonical == id {
            continue;
        }
        transaction.execute(
            &format!("UPDATE OR IGNORE {table} SET object_id = ?2 WHERE object_id = ?1"),
            params![id, canonical],
        )?;
        transaction.execute(
            &format!("DELETE FROM {table} WHERE object_id = ?1"),
            params![id],
        )?;
    }
    Ok(())
}

/// A plan that names somebody in another form cannot be proven by its digest any more.
fn plans(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    let suspects: Vec<(i64, String)> = transaction
        .prepare(&format!(
            "SELECT plan_id, object_id FROM plan_entries WHERE object_id {SUSPECT}"
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (plan, id) in suspects {
        if ObjectId::canonical(&id) != id {
            transaction.execute("DELETE FROM plans WHERE id = ?1", [plan])?;
        }
    }
    Ok(())
}

/// What the connector keeps about a user ends its key with the user's id.
fn state(transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
    let keys: Vec<String> = transaction
        .prepare("SELECT key FROM state WHERE key LIKE '%/%'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for key in keys {
        let Some((prefix, id)) = key.rsplit_once('/') else {
            continue;
        };
        let canonical = ObjectId::canonical(id);
        if canonical == id {
            continue;
        }
        transaction.execute(
            "UPDATE OR REPLACE state SET key = ?2 WHERE key = ?1",
            params![key, format!("{prefix}/{canonical}")],
        )?;
    }
    Ok(())
}
