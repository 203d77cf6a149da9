//! [`Consents`] in SQLite.

use rusqlite::{OptionalExtension as _, params};

use super::database::ServerDb;
use crate::records::{AuditEvent, Consents, NewRoundTrip, RecordsError, RoundTrip};

/// How the table names what a round trip is for.
fn stored(purpose: &RoundTrip) -> (&'static str, Option<&str>) {
    match purpose {
        RoundTrip::OwnConsent => ("own-consent", None),
        RoundTrip::PlatformConsent => ("platform-consent", None),
        RoundTrip::SignIn { tenant } => ("sign-in", Some(tenant)),
    }
}

/// What a row says; nothing where no version of this program has written it.
fn read(purpose: &str, tenant: Option<String>) -> Option<RoundTrip> {
    match (purpose, tenant) {
        ("own-consent", _) => Some(RoundTrip::OwnConsent),
        ("platform-consent", _) => Some(RoundTrip::PlatformConsent),
        ("sign-in", Some(tenant)) => Some(RoundTrip::SignIn { tenant }),
        _ => None,
    }
}

impl Consents for ServerDb {
    fn begin_consent(
        &self,
        trip: &NewRoundTrip<'_>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        let (purpose, tenant) = stored(trip.purpose);
        self.write(|tx| {
            tx.execute(
                "DELETE FROM consents WHERE expires_at_ms < ?1",
                [event.at_ms],
            )?;
            tx.execute(
                "INSERT INTO consents \
                     (state_hash, workspace, session_hash, expires_at_ms, purpose, tenant) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    trip.state_hash,
                    trip.workspace,
                    trip.session_hash,
                    trip.expires_at_ms,
                    purpose,
                    tenant
                ],
            )?;
            tx.note(Some(trip.workspace), event)
        })
    }

    fn workspace_of_consent(
        &self,
        state_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<String>, RecordsError> {
        self.read(|connection| {
            let workspace = connection
                .prepare_cached(
                    "SELECT workspace FROM consents WHERE state_hash = ?1 AND expires_at_ms > ?2",
                )?
                .query_row(params![state_hash, now_ms], |row| row.get(0))
                .optional()?;
            Ok(workspace)
        })
    }

    fn end_consent(
        &self,
        state_hash: &[u8],
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<RoundTrip>, RecordsError> {
        self.write(|tx| {
            let ended = tx
                .prepare_cached(
                    "DELETE FROM consents \
                     WHERE state_hash = ?1 AND session_hash = ?2 AND expires_at_ms > ?3 \
                     RETURNING purpose, tenant",
                )?
                .query_row(params![state_hash, session_hash, now_ms], |row| {
                    Ok((row.get::<_, String>(0)?, row.get(1)?))
                })
                .optional()?;
            Ok(ended.and_then(|(purpose, tenant)| read(&purpose, tenant)))
        })
    }
}
