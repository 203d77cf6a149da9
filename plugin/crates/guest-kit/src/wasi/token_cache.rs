//! Tokens, kept by the host.

use std::time::Duration;

use crate::{KeptToken, TokenCache};

use super::bindings::contact_sync::connector::token_cache as wit;

/// The host's cache of tokens.
pub struct HostTokens;

impl TokenCache for HostTokens {
    fn get(&self, issued_for: &str) -> Option<KeptToken> {
        let token = wit::get(issued_for)?;
        Some(KeptToken {
            value: token.value,
            good_for: Duration::from_millis(token.good_for_ms),
        })
    }

    fn put(&self, issued_for: &str, token: &KeptToken) {
        let token = wit::Token {
            value: token.value.clone(),
            good_for_ms: token.good_for.as_millis() as u64,
        };
        wit::put(issued_for, &token);
    }

    fn forget(&self, issued_for: &str) {
        let token = wit::Token {
            value: String::new(),
            good_for_ms: 0,
        };
        wit::put(issued_for, &token);
    }
}
