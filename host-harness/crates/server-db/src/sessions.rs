//! Who may come in: sign-in codes, which work once, and sessions.
//!
//! Both are random texts of 256 bits that only their hashes are kept of.

use api_types::views::Role;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use store_sqlite::DatabaseError;

use super::Books;
use super::audit::{Act, append};

/// Whom a sign-in link lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub workspace: String,
    /// What they are called in the audit log.
    pub who: String,
    /// What they may do there.
    pub role: Role,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_ms: i64,
}

/// Somebody who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub workspace: String,
    /// What they are called in the audit log.
    pub who: String,
    /// What they may do there.
    pub role: Role,
    /// What the forms of this session carry.
    pub csrf: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_ms: i64,
}

/// Ways in that were closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Sessions that were ended.
    pub sessions: u64,
    /// Links that nobody had used yet.
    pub links: u64,
}

impl Books {
    /// Lets a code in, once.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn invite(
        &self,
        code_hash: &[u8],
        invitation: &Invitation,
        act: Act<'_>,
    ) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM sign_in_codes WHERE expires_at_ms < ?1",
                [act.at_ms],
            )?;
            connection.execute(
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
            append(connection, Some(&invitation.workspace), act)
        })
    }

    /// Takes a code, which is worth nothing afterwards, for a session; none where it is not known, was
    /// used, or is too old.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn sign_in(
        &self,
        code_hash: &[u8],
        session_hash: &[u8],
        csrf: &str,
        now_ms: i64,
        lifetime_ms: i64,
    ) -> Result<Option<Session>, DatabaseError> {
        // Whoever guesses keeps nobody from writing.
        if !self.read(|connection| is_code(connection, code_hash))? {
            return Ok(None);
        }
        self.write(|connection| {
            connection.execute("DELETE FROM sessions WHERE expires_at_ms < ?1", [now_ms])?;
            let invitation = connection
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
            connection.execute(
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
            let act = Act {
                at_ms: now_ms,
                who: &session.who,
                action: "signed-in",
                subject: Some(role_name(session.role)),
            };
            append(connection, Some(&session.workspace), act)?;
            Ok(Some(session))
        })
    }

    /// The session of a token, where it is still good.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn session(
        &self,
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<Session>, DatabaseError> {
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

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn sign_out(
        &self,
        session_hash: &[u8],
        workspace: &str,
        act: Act<'_>,
    ) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute("DELETE FROM sessions WHERE hash = ?1", [session_hash])?;
            append(connection, Some(workspace), act)
        })
    }

    /// Ends the sessions of a workspace and takes back the codes for it: everybody's, or those of one name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn revoke(
        &self,
        workspace: &str,
        who: Option<&str>,
        act: Act<'_>,
    ) -> Result<Revoked, DatabaseError> {
        self.write(|connection| {
            let delete = |table: &str| {
                let sql = format!(
                    "DELETE FROM {table} WHERE workspace = ?1 AND (?2 IS NULL OR who = ?2)"
                );
                connection.execute(&sql, params![workspace, who])
            };
            let revoked = Revoked {
                sessions: delete("sessions")? as u64,
                links: delete("sign_in_codes")? as u64,
            };
            append(connection, Some(workspace), act)?;
            Ok(revoked)
        })
    }

    /// Remembers that a session went to Microsoft's consent page with this state.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn begin_consent(
        &self,
        state_hash: &[u8],
        workspace: &str,
        session_hash: &[u8],
        expires_at_ms: i64,
        act: Act<'_>,
    ) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute("DELETE FROM consents WHERE expires_at_ms < ?1", [act.at_ms])?;
            connection.execute(
                "INSERT INTO consents (state_hash, workspace, session_hash, expires_at_ms) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![state_hash, workspace, session_hash, expires_at_ms],
            )?;
            append(connection, Some(workspace), act)
        })
    }

    /// The workspace from which the round trip with this state started.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn workspace_of_consent(
        &self,
        state_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<String>, DatabaseError> {
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

    /// Ends the round trip of this session with this state; whether there was one. It ends once.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn end_consent(
        &self,
        state_hash: &[u8],
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<bool, DatabaseError> {
        self.write(|connection| {
            let ended = connection.execute(
                "DELETE FROM consents \
                 WHERE state_hash = ?1 AND session_hash = ?2 AND expires_at_ms > ?3",
                params![state_hash, session_hash, now_ms],
            )?;
            Ok(ended == 1)
        })
    }
}

fn is_code(connection: &Connection, hash: &[u8]) -> Result<bool, DatabaseError> {
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
