//! [`Sessions`] in SQLite.

use api_types::views::Role;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::database::ServerDb;
use crate::records::{AuditEvent, Invitation, RecordsError, Revoked, Session, Sessions};

impl Sessions for ServerDb {
    fn invite(
        &self,
        code_hash: &[u8],
        invitation: &Invitation,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute(
                "DELETE FROM sign_in_codes WHERE expires_at_ms < ?1",
                [event.at_ms],
            )?;
            tx.execute(
                "INSERT INTO sign_in_codes (hash, workspace, who, role, expires_at_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    code_hash,
                    invitation.workspace,
                    invitation.who,
                    role_name(invitation.role),
                    invitation.expires_at_ms
                ],
            )?;
            tx.note(Some(&invitation.workspace), event)
        })
    }

    fn sign_in(
        &self,
        code_hash: &[u8],
        session_hash: &[u8],
        csrf: &str,
        now_ms: i64,
        lifetime_ms: i64,
    ) -> Result<Option<Session>, RecordsError> {
        // Whoever guesses keeps nobody from writing.
        if !self.read(|connection| is_code(connection, code_hash))? {
            return Ok(None);
        }
        self.write(|tx| {
            tx.execute("DELETE FROM sessions WHERE expires_at_ms < ?1", [now_ms])?;
            let invitation = tx
                .prepare_cached(
                    "DELETE FROM sign_in_codes WHERE hash = ?1 \
                     RETURNING workspace, who, role, expires_at_ms",
                )?
                .query_map([code_hash], read_invitation)?
                .next()
                .transpose()?;
            let Some(invitation) = invitation.filter(|one| now_ms < one.expires_at_ms) else {
                return Ok(None);
            };
            let session = Session {
                workspace: invitation.workspace,
                who: invitation.who,
                role: invitation.role,
                csrf: csrf.to_owned(),
                expires_at_ms: now_ms.saturating_add(lifetime_ms),
            };
            tx.execute(
                "INSERT INTO sessions (hash, workspace, who, role, csrf, expires_at_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    session_hash,
                    session.workspace,
                    session.who,
                    role_name(session.role),
                    session.csrf,
                    session.expires_at_ms
                ],
            )?;
            let event = AuditEvent {
                at_ms: now_ms,
                who: &session.who,
                action: "signed-in",
                subject: Some(role_name(session.role)),
            };
            tx.note(Some(&session.workspace), event)?;
            Ok(Some(session))
        })
    }

    fn session(&self, session_hash: &[u8], now_ms: i64) -> Result<Option<Session>, RecordsError> {
        self.read(|connection| {
            let session = connection
                .prepare_cached(
                    "SELECT workspace, who, role, csrf, expires_at_ms FROM sessions \
                     WHERE hash = ?1 AND expires_at_ms > ?2",
                )?
                .query_row(params![session_hash, now_ms], read_session)
                .optional()?;
            Ok(session)
        })
    }

    fn sign_out(
        &self,
        session_hash: &[u8],
        workspace: &str,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute("DELETE FROM sessions WHERE hash = ?1", [session_hash])?;
            tx.note(Some(workspace), event)
        })
    }

    fn revoke(
        &self,
        workspace: &str,
        who: Option<&str>,
        event: AuditEvent<'_>,
    ) -> Result<Revoked, RecordsError> {
        self.write(|tx| {
            let delete = |table: &str| {
                let sql = format!(
                    "DELETE FROM {table} WHERE workspace = ?1 AND (?2 IS NULL OR who = ?2)"
                );
                tx.execute(&sql, params![workspace, who])
            };
            let revoked = Revoked {
                sessions: delete("sessions")? as u64,
                links: delete("sign_in_codes")? as u64,
            };
            tx.note(Some(workspace), event)?;
            Ok(revoked)
        })
    }
}

fn is_code(connection: &Connection, hash: &[u8]) -> Result<bool, RecordsError> {
    let is_code = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sign_in_codes WHERE hash = ?1)")?
        .query_row([hash], |row| row.get(0))?;
    Ok(is_code)
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrator",
        Role::Member => "member",
    }
}

/// Whatever is not plainly an administrator is a member.
fn role_named(name: &str) -> Role {
    if name == role_name(Role::Administrator) {
        Role::Administrator
    } else {
        Role::Member
    }
}

fn read_invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        workspace: row.get(0)?,
        who: row.get(1)?,
        role: role_named(&row.get::<_, String>(2)?),
        expires_at_ms: row.get(3)?,
    })
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        workspace: row.get(0)?,
        who: row.get(1)?,
        role: role_named(&row.get::<_, String>(2)?),
        csrf: row.get(3)?,
        expires_at_ms: row.get(4)?,
    })
}
