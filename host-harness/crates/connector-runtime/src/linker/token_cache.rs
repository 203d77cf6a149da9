//! Binds `token-cache` to the workspace's tokens.

use std::time::Duration;

use connector_contract::bindings::contact_sync::connector::token_cache::{self, Token};
use connector_contract::imports::KeptToken;

use crate::call_state::CallState;
use wasmtime::component::{HasSelf, Linker};

/// The longest token, and the longest text of what it was issued for, that a platform is asked to keep. Entra's
/// tokens have about 2 KiB.
const LONGEST: usize = 64 << 10;

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    token_cache::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl token_cache::Host for CallState {
    async fn get(&mut self, issued_for: String) -> wasmtime::Result<Option<Token>> {
        let kept = self.workspace.tokens.get(&issued_for);
        Ok(kept.map(|kept| Token {
            value: kept.value,
            good_for_ms: u64::try_from(kept.good_for.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    async fn put(&mut self, issued_for: String, token: Token) -> wasmtime::Result<()> {
        let tokens = &self.workspace.tokens;
        if token.good_for_ms == 0 {
            tokens.forget(&issued_for);
        } else if issued_for.len() <= LONGEST && token.value.len() <= LONGEST {
            let token = KeptToken {
                value: token.value,
                good_for: Duration::from_millis(token.good_for_ms),
            };
            tokens.put(&issued_for, token);
        }
        Ok(())
    }
}
