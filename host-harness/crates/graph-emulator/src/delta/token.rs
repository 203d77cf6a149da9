//! What a delta query's tokens carry, and when they stop being good.

use std::time::SystemTime;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::behaviour::{Behaviour, ExpiredToken};
use emulated_directory::Member;
use emulated_directory::moments::unix;
use emulated_odata::failure::Failure;
use emulated_odata::opaque::Sealer;

/// What a round covers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in super::super) struct Scope {
    /// The value of `$select`.
    pub(super) select: Option<String>,
    /// The objects of `$filter`.
    pub(super) ids: Option<Vec<String>>,
}

/// Where a round stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in super::super) struct Cursor {
    /// The change after which an incremental round begins; `None` for an initial one.
    pub(super) from: Option<u64>,
    /// The last change the round covers; the next round begins after it.
    pub(super) until: u64,
    /// How far the round has come: an ordinal, or a place in the list of what is covered.
    pub(super) at: u64,
    /// A user or group to be stated again at the top of the page.
    pub(super) again: Option<u64>,
    /// Where the part of that group began which is to be stated again; `None` for its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) again_inside: Option<Inside>,
    pub(super) stage: Stage,
    /// How far the group has come that did not end on the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) inside: Option<Inside>,
    /// The groups whose other members come after all the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) postponed: Vec<Postponed>,
}

/// Which of a group's members are stated next.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Inside {
    /// Those from this one on.
    Member(Member),
    /// The changes from this place on.
    Change(u64),
}

/// A group that goes on later.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Postponed {
    pub(super) group: u64,
    pub(super) inside: Inside,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Stage {
    Fresh,
    Underway,
    Closed,
}

impl Cursor {
    /// The beginning of an initial round.
    pub(super) fn initial(head: u64) -> Self {
        Self {
            from: None,
            until: head,
            at: 0,
            again: None,
            again_inside: None,
            stage: Stage::Fresh,
            inside: None,
            postponed: Vec::new(),
        }
    }

    /// A round that has been read to its end.
    pub(super) fn closed(until: u64) -> Self {
        Self {
            stage: Stage::Closed,
            ..Self::initial(until)
        }
    }

    /// The beginning of the round after a closed one.
    pub(super) fn next_round(&self, head: u64) -> Self {
        Self {
            from: Some(self.until),
            ..Self::initial(head.max(self.until))
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct Token {
    cursor: Cursor,
    scope: Scope,
    epoch: u64,
    /// Makes every token another one, also that of a round without changes.
    serial: u64,
    issued: u64,
}

/// Which tokens are still good.
#[derive(Debug, Default)]
pub(in super::super) struct TokenBook {
    epoch: u64,
    issued: u64,
    expired_through: u64,
}

impl TokenBook {
    /// Lets every token issued so far expire.
    pub(in super::super) fn expire(&mut self) {
        self.expired_through = self.issued;
    }

    /// Begins a new epoch, as a maintenance or a migration of the tenant does: tokens of earlier
    /// ones are answered with 410 and the way back to the start.
    pub(in super::super) fn reset(&mut self) {
        self.epoch += 1;
    }

    pub(in super::super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(in super::super) fn seal(
        &mut self,
        sealer: &Sealer,
        (set, cursor, scope): (&str, Cursor, Scope),
        now: SystemTime,
    ) -> String {
        self.issued += 1;
        let kind = if cursor.is_closed() { "delta" } else { "page" };
        let token = Token {
            cursor,
            scope,
            epoch: self.epoch,
            serial: self.issued,
            issued: unix(now),
        };
        sealer.seal(&format!("{set} {kind}"), &token)
    }

    /// Opens a token and judges it.
    ///
    /// # Errors
    /// 400 for no token of that kind, 410 with `Location` for one of an earlier epoch, the
    /// configured status for an expired one.
    pub(in super::super) fn open(
        &self,
        sealer: &Sealer,
        behaviour: &Behaviour,
        (set, kind, token): (&str, &str, &str),
        path: &str,
        (now, head): (SystemTime, u64),
    ) -> Result<(Cursor, Scope), Failure> {
        let token: Token = sealer
            .open(&format!("{set} {kind}"), token)
            .ok_or_else(|| Failure::bad_request("Badly formed token."))?;
        if token.epoch != self.epoch {
            return Err(reset(behaviour, &token.scope, path));
        }
        let age = unix(now).saturating_sub(token.issued);
        // A token from before a restart may point beyond the log, which the restart emptied.
        let lost = token.cursor.until > head;
        let too_old = age > behaviour.delta_token_lifetime_seconds;
        if too_old || lost || token.serial <= self.expired_through {
            return Err(expired(behaviour));
        }
        Ok((token.cursor, token.scope))
    }
}

fn expired(behaviour: &Behaviour) -> Failure {
    let status = match behaviour.expired_token {
        ExpiredToken::BadRequest => StatusCode::BAD_REQUEST,
        ExpiredToken::NotFound => StatusCode::NOT_FOUND,
        ExpiredToken::Gone => StatusCode::GONE,
    };
    let code = if behaviour.capital_sync_state {
        "SyncStateNotFound"
    } else {
        "syncStateNotFound"
    };
    Failure::new(
        status,
        code,
        "The sync state generation is not found. The delta token is expired and data must be \
         synchronized again.",
    )
}

/// 410 with the address that a full synchronisation starts from: the first request of the round,
/// with an empty token.
fn reset(behaviour: &Behaviour, scope: &Scope, path: &str) -> Failure {
    let mut options = Vec::new();
    if let Some(select) = &scope.select {
        options.push(format!("$select={}", escaped(select)));
    }
    if let Some(ids) = &scope.ids {
        let clauses: Vec<_> = ids.iter().map(|id| format!("id eq '{id}'")).collect();
        options.push(format!("$filter={}", escaped(&clauses.join(" or "))));
    }
    options.push("$deltatoken=".to_owned());
    let refusal = Failure::new(
        StatusCode::GONE,
        "resyncRequired",
        "Resync required. Replace any local items with the server's version.",
    );
    if behaviour.reset_without_location {
        return refusal;
    }
    refusal.with_header("location", format!("{path}?{}", options.join("&")))
}

/// Percent-encodes what may not stand in a query value (RFC 3986, section 3.4).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,'()*".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
