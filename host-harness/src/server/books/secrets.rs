//! Secrets as they are kept: sealed, with their age.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit::{Act, append};
use super::{Books, Writing};
use crate::store::DatabaseError;

/// A sealed secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredSecret {
    /// As the vault made it.
    pub(crate) sealed: Vec<u8>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) set_at_ms: i64,
    /// When it expires, where the administrator said.
    pub(crate) expires_at_ms: Option<i64>,
}

/// What becomes of a secret when the settings are saved.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SecretChange {
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
    pub(crate) fn secret(
        &self,
        workspace: &str,
        name: &str,
    ) -> Result<Option<StoredSecret>, DatabaseError> {
        self.read(|connection| {
            let secret = connection
                .prepare_cached(
                    "SELECT sealed, set_at_ms, expires_at_ms FROM secrets \
                     WHERE workspace = ?1 AND name = ?2",
                )?
                .query_row(params![workspace, name], |row| {
                    Ok(StoredSecret {
                        sealed: row.get(0)?,
                        set_at_ms: row.get(1)?,
                        expires_at_ms: row.get(2)?,
                    })
                })
                .optional()?;
            Ok(secret)
        })
    }

    /// Whether any secret is kept.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(crate) fn has_secrets(&self) -> Result<bool, DatabaseError> {
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
    pub(crate) fn reseal<E: From<DatabaseError>>(
        &self,
        act: Act<'_>,
        mut reseal: impl FnMut(&str, &str, &[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<u64, E> {
        self.write(|connection| {
            let stored: Vec<(String, String, Vec<u8>)> = (|| {
                connection
                    .prepare("SELECT workspace, name, sealed FROM secrets")?
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect::<rusqlite::Result<_>>()
            })()
            .map_err(DatabaseError::from)?;
            for (workspace, name, sealed) in &stored {
                let anew = reseal(workspace, name, sealed)?;
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
        "INSERT OR REPLACE INTO secrets (workspace, name, sealed, set_at_ms, expires_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            workspace,
            name,
            secret.sealed,
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
    let action = match change {
        SecretChange::Set(secret) => {
            keep(connection, workspace, name, secret)?;
            "secret-set"
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
            "secret-expiry-set"
        }
    };
    let act = Act {
        action,
        subject: Some(name),
        ..part_of
    };
    append(connection, Some(workspace), act)
}
