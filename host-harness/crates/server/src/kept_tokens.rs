//! Access tokens that outlive a run, in memory alone: whoever has the disk has none of them, and a server that
//! starts has none.
//!
//! A token is found by its workspace and by what it was issued for, and comes with each secret from which it was made,
//! sealed as it was stored then: whoever gives it out compares them with those that are stored now. It is wiped
//! from memory when it is replaced or forgotten, and within a minute after it has expired.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::SecretString;

/// Tokens that are kept for one workspace. The connector has one; one more of each kind is there for a moment
/// after the settings were changed.
const MOST: usize = 8;

/// How often those that have expired are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The longest time for which a token is kept, whatever is said of it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A secret, by its name and as it was stored: sealed anew it is another one, whatever its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsedSecret {
    pub(crate) name: String,
    pub(crate) sealed: Vec<u8>,
}

/// A token as it is given out.
pub(crate) struct Found {
    pub(crate) value: SecretString,
    /// From now on.
    pub(crate) good_for: Duration,
    /// From which secrets it was made.
    pub(crate) made_from: Vec<UsedSecret>,
}

struct Kept {
    issued_for: String,
    made_from: Vec<UsedSecret>,
    value: SecretString,
    /// By a clock that nobody sets. It may stand still while the machine sleeps: then the directory refuses the
    /// token, and a new one is asked for.
    until: Instant,
}

/// The tokens of all workspaces, by workspace.
#[derive(Default)]
pub(crate) struct KeptTokens(Mutex<HashMap<String, Vec<Kept>>>);

impl KeptTokens {
    fn tokens(&self) -> MutexGuard<'_, HashMap<String, Vec<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token that was issued for this, while it is good.
    pub(crate) fn get(&self, workspace: &str, issued_for: &str, now: Instant) -> Option<Found> {
        let mut tokens = self.tokens();
        let kept = tokens.get_mut(workspace)?;
        kept.retain(|token| now < token.until);
        let token = kept.iter().find(|token| token.issued_for == issued_for)?;
        Some(Found {
            value: token.value.clone(),
            good_for: token.until.duration_since(now),
            made_from: token.made_from.clone(),
        })
    }

    /// Keeps a token, in the place of an earlier one that was issued for the same.
    pub(crate) fn put(&self, workspace: &str, issued_for: &str, token: Found, now: Instant) {
        let mut tokens = self.tokens();
        let kept = tokens.entry(workspace.to_owned()).or_default();
        kept.retain(|token| token.issued_for != issued_for);
        if kept.len() == MOST {
            kept.remove(0);
        }
        kept.push(Kept {
            issued_for: issued_for.to_owned(),
            made_from: token.made_from,
            value: token.value,
            until: now + token.good_for.min(LONGEST),
        });
    }

    /// Forgets a token.
    pub(crate) fn forget(&self, workspace: &str, issued_for: &str) {
        if let Some(kept) = self.tokens().get_mut(workspace) {
            kept.retain(|token| token.issued_for != issued_for);
        }
    }

    /// Forgets whatever is kept for a workspace.
    pub(crate) fn forget_all(&self, workspace: &str) {
        self.tokens().remove(workspace);
    }

    /// Wipes what has expired, every minute, for ever.
    pub(crate) async fn sweep_always(&self) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            self.sweep(Instant::now());
        }
    }

    fn sweep(&self, now: Instant) {
        self.tokens().retain(|_, kept| {
            kept.retain(|token| now < token.until);
            !kept.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// What the tokens here were issued for.
    const USE: &str = "login tenant client scope";

    fn secret() -> UsedSecret {
        UsedSecret {
            name: "client-secret".to_owned(),
            sealed: b"sealed".to_vec(),
        }
    }

    fn token(value: &str, good_for: Duration) -> Found {
        Found {
            value: value.into(),
            good_for,
            made_from: vec![secret()],
        }
    }

    fn holding(value: &str) -> (KeptTokens, Instant) {
        let (tokens, now) = (KeptTokens::default(), Instant::now());
        tokens.put("acme", USE, token(value, HOUR), now);
        (tokens, now)
    }

    fn found(
        tokens: &KeptTokens,
        workspace: &str,
        issued_for: &str,
        now: Instant,
    ) -> Option<String> {
        let found = tokens.get(workspace, issued_for, now)?;
        Some(found.value.expose_secret().to_owned())
    }

    #[test]
    fn a_token_is_found_until_it_expires_with_what_it_was_made_from() {
        let (tokens, now) = holding("t");
        let found_now = tokens.get("acme", USE, now + HOUR / 4).unwrap();
        assert_eq!(found_now.value.expose_secret(), "t");
        assert_eq!(found_now.good_for, HOUR * 3 / 4);
        assert_eq!(found_now.made_from, [secret()]);
        assert_eq!(found(&tokens, "acme", USE, now + HOUR), None);
        assert_eq!(found(&tokens, "acme", USE, now), None, "it is gone");
    }

    #[test]
    fn a_token_of_another_workspace_or_for_something_else_is_not_found() {
        let (tokens, now) = holding("t");
        assert_eq!(found(&tokens, "contoso", USE, now), None);
        assert_eq!(
            found(&tokens, "acme", "login tenant other scope", now),
            None
        );
        assert!(found(&tokens, "acme", USE, now).is_some());
    }

    #[test]
    fn a_new_token_takes_the_place_of_the_one_before() {
        let (tokens, now) = holding("t");
        tokens.put("acme", USE, token("u", HOUR), now);
        assert_eq!(found(&tokens, "acme", USE, now), Some("u".to_owned()));
        assert_eq!(tokens.tokens()["acme"].len(), 1);
    }

    #[test]
    fn what_is_forgotten_is_gone() {
        let (tokens, now) = holding("t");
        tokens.forget("acme", USE);
        assert_eq!(found(&tokens, "acme", USE, now), None);
        let (tokens, now) = holding("t");
        tokens.forget_all("acme");
        assert_eq!(found(&tokens, "acme", USE, now), None);
    }

    #[test]
    fn a_workspace_is_kept_a_few_tokens_and_the_oldest_goes_first() {
        let (tokens, now) = holding("t");
        for number in 0..MOST {
            tokens.put("acme", &number.to_string(), token("u", HOUR), now);
        }
        assert_eq!(tokens.tokens()["acme"].len(), MOST);
        assert_eq!(found(&tokens, "acme", USE, now), None);
    }

    #[test]
    fn what_has_expired_is_wiped_although_nobody_asks_for_it() {
        let (tokens, now) = holding("t");
        tokens.put("contoso", USE, token("u", HOUR), now + HOUR / 2);
        tokens.sweep(now + HOUR);
        let tokens = tokens.tokens();
        let workspaces: Vec<_> = tokens.keys().collect();
        assert_eq!(workspaces, ["contoso"]);
    }

    #[test]
    fn a_lifetime_without_end_is_a_day() {
        let (tokens, now) = (KeptTokens::default(), Instant::now());
        tokens.put("acme", USE, token("t", Duration::MAX), now);
        assert_eq!(tokens.get("acme", USE, now).unwrap().good_for, LONGEST);
    }
}
