//! Secrets as they are kept: sealed, with their age.

use rusqlite::{Connection, OptionalExtension as _, params};
use store_sqlite::DatabaseError;
use vault::Place;

use super::audit::{Act, append};
use super::{Books, Writing};

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

/// A sealed secret.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// As the vault made it.
    pub sealed: Vec<u8>,
    /// Which of the secrets of that name it is, counted from one.
    pub version: i64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub set_at_ms: i64,
    /// When it expires, where the administrator said.
    pub expires_at_ms: Option<i64>,
}

/// What becomes of a secret when the settings are saved.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretChange {
    /// This one takes its place.
    Set(StoredSecret),
    /// It stays, and this is when it expires.
    Expires(Option<i64>),
}

impl Books {
    /// The secret of that name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn secret(
        &self,
        workspace: &str,
        name: &str,
    ) -> Result<Option<StoredSecret>, DatabaseError> {
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

    /// The version of the newest secret of that name that was ever set, as the audit log has it; 0 where none
    /// was, or before they were counted.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn newest_secret(&self, workspace: &str, name: &str) -> Result<i64, DatabaseError> {
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

    /// Whether any secret is kept.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn has_secrets(&self) -> Result<bool, DatabaseError> {
        self.read(|connection| {
            let any = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM secrets)")?
                .query_row([], |row| row.get(0))?;
            Ok(any)
        })
    }

    /// Seals every secret anew, all of them or none; how many there were.
    ///
    /// # Errors
    ///
    /// Where one does not open, or the database cannot be written; then all are as they were.
    pub fn reseal<E: From<DatabaseError>>(
        &self,
        act: Act<'_>,
        mut reseal: impl FnMut(Place<'_>, &[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<u64, E> {
        self.write(|connection| {
            let stored: Vec<(String, String, i64, Vec<u8>)> = (|| {
                connection
                    .prepare("SELECT workspace, name, version, sealed FROM secrets")?
                    .query_map([], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })?
                    .collect::<rusqlite::Result<_>>()
            })()
            .map_err(DatabaseError::from)?;
            for (workspace, name, version, sealed) in &stored {
                let place = Place {
                    workspace,
                    name,
                    version: *version,
                };
                let anew = reseal(place, sealed)?;
                connection
                    .execute(
                        "UPDATE secrets SET sealed = ?3 WHERE workspace = ?1 AND name = ?2",
                        params![workspace, name, anew],
                    )
                    .map_err(DatabaseError::from)?;
            }
            append(connection, None, act)?;
            Ok(stored.len() as u64)
        })
    }
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

/// Changes a secret in somebody's transaction, and notes that; who and when are those of the act that it is
/// part of.
pub(super) fn change_secret(
    connection: &Writing<'_>,
    workspace: &str,
    name: &str,
    change: &SecretChange,
    part_of: Act<'_>,
) -> Result<(), DatabaseError> {
    let (action, subject) = match change {
        SecretChange::Set(secret) => {
            keep(connection, workspace, name, secret)?;
            (SET, format!("{name}{VERSION}{}", secret.version))
        }
        SecretChange::Expires(at_ms) => {
            let changed = connection.execute(
                "UPDATE secrets SET expires_at_ms = ?3 \
                 WHERE workspace = ?1 AND name = ?2 AND expires_at_ms IS NOT ?3",
                params![workspace, name, at_ms],
            )?;
            if changed == 0 {
                return Ok(());
            }
            ("secret-expiry-set", name.to_owned())
        }
    };
    let act = Act {
        action,
        subject: Some(&subject),
        ..part_of
    };
    append(connection, Some(workspace), act)
}
