//! [`Secrets`] in SQLite.

use rusqlite::{Connection, OptionalExtension as _, params};
use vault::SecretScope;

use super::database::ServerDb;
use super::transaction::WriteTx;
use crate::records::{
    AuditEvent, RecordsError, Reseal, ResealError, SecretChange, Secrets, StoredSecret,
};

/// What the audit log calls it when a secret is set.
const SET: &str = "secret-set";

/// Between a secret's name and its version, in the audit log.
const VERSION: &str = ", version ";

/// The name and the version that an entry of the audit log is about.
fn parted(subject: &str) -> (&str, i64) {
    let parts = subject.rsplit_once(VERSION);
    let versioned = parts.and_then(|(name, version)| Some((name, version.parse().ok()?)));
    versioned.unwrap_or((subject, 0))
}

impl Secrets for ServerDb {
    fn secret(&self, workspace: &str, name: &str) -> Result<Option<StoredSecret>, RecordsError> {
        self.read(|connection| {
            let secret = connection
                .prepare_cached(
                    "SELECT sealed, version, set_at_ms, expires_at_ms FROM secrets \
                     WHERE workspace = ?1 AND name = ?2",
                )?
                .query_row(params![workspace, name], |row| {
                    Ok(StoredSecret {
                        sealed: row.get(0)?,
                        version: row.get(1)?,
                        set_at_ms: row.get(2)?,
                        expires_at_ms: row.get(3)?,
                    })
                })
                .optional()?;
            Ok(secret)
        })
    }

    fn newest_secret(&self, workspace: &str, name: &str) -> Result<i64, RecordsError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT subject FROM audit WHERE workspace = ?1 AND action = ?2 \
                 ORDER BY number DESC",
            )?;
            let mut subjects = statement.query(params![workspace, SET])?;
            while let Some(row) = subjects.next()? {
                let subject: Option<String> = row.get(0)?;
                let (of, version) = parted(subject.as_deref().unwrap_or_default());
                if of == name {
                    return Ok(version);
                }
            }
            Ok(0)
        })
    }

    fn has_secrets(&self) -> Result<bool, RecordsError> {
        self.read(|connection| {
            let any = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM secrets)")?
                .query_row([], |row| row.get(0))?;
            Ok(any)
        })
    }

    fn reseal(&self, event: AuditEvent<'_>, reseal: &mut Reseal<'_>) -> Result<u64, ResealError> {
        self.write(|tx| {
            let stored = all(tx).map_err(RecordsError::from)?;
            for (workspace, name, version, sealed) in &stored {
                let place = SecretScope {
                    workspace,
                    name,
                    version: *version,
                };
                let anew = reseal(place, sealed).map_err(ResealError::Unopened)?;
                tx.execute(
                    "UPDATE secrets SET sealed = ?3 WHERE workspace = ?1 AND name = ?2",
                    params![workspace, name, anew],
                )
                .map_err(RecordsError::from)?;
            }
            tx.note(None, event)?;
            Ok(stored.len() as u64)
        })
    }
}

/// Workspace, name, version, and the sealed secret.
type Row = (String, String, i64, Vec<u8>);

fn all(connection: &Connection) -> rusqlite::Result<Vec<Row>> {
    connection
        .prepare("SELECT workspace, name, version, sealed FROM secrets")?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect()
}

fn keep(
    connection: &Connection,
    workspace: &str,
    name: &str,
    secret: &StoredSecret,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO secrets (workspace, name, sealed, version, set_at_ms, expires_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            workspace,
            name,
            secret.sealed,
            secret.version,
            secret.set_at_ms,
            secret.expires_at_ms
        ],
    )?;
    Ok(())
}

/// Changes a secret in somebody's transaction, and notes that; who and when are those of the event that it is
/// part of.
pub(super) fn change_secret(
    tx: &WriteTx<'_>,
    workspace: &str,
    name: &str,
    change: &SecretChange,
    part_of: AuditEvent<'_>,
) -> Result<(), RecordsError> {
    let (action, subject) = match change {
        SecretChange::Set(secret) => {
            keep(tx, workspace, name, secret)?;
            (SET, format!("{name}{VERSION}{}", secret.version))
        }
        SecretChange::Expires(at_ms) => {
            let changed = tx.execute(
                "UPDATE secrets SET expires_at_ms = ?3 \
                 WHERE workspace = ?1 AND name = ?2 AND expires_at_ms IS NOT ?3",
                params![workspace, name, at_ms],
            )?;
            if changed == 0 {
                return Ok(());
            }
            ("secret-expiry-set", name.to_owned())
        }
        SecretChange::Forget => {
            let gone = tx.execute(
                "DELETE FROM secrets WHERE workspace = ?1 AND name = ?2",
                params![workspace, name],
            )?;
            if gone == 0 {
                return Ok(());
            }
            ("secret-forgotten", name.to_owned())
        }
    };
    let event = AuditEvent {
        action,
        subject: Some(&subject),
        ..part_of
    };
    tx.note(Some(workspace), event)
}
