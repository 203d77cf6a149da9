//! Access tokens that outlive a call.

use std::time::Duration;

/// A token. It has no `Debug`, so that it reaches no log by accident.
pub struct KeptToken {
    /// As the component got it.
    pub value: String,
    /// How long it may be used from now on.
    pub good_for: Duration,
}

/// Keeps tokens of one workspace: interface `token-cache` of the contract, which says what a platform promises
/// that keeps any. All methods are called on the executor, so they must not wait for long.
pub trait TokenCache: Send + Sync {
    /// The token that was put for this use, where it is still good and the secrets and keys from which it was made
    /// are still the same.
    fn get(&self, issued_for: &str) -> Option<KeptToken>;

    /// Keeps a token, in the place of an earlier one for the same use, or does not. It was made from the secrets
    /// that this call was given, or the keys with which it signed.
    fn put(&self, issued_for: &str, token: KeptToken);

    /// Forgets a token.
    fn forget(&self, issued_for: &str);
}

/// Keeps nothing, so that each call signs in.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTokens;

impl TokenCache for NoTokens {
    fn get(&self, _issued_for: &str) -> Option<KeptToken> {
        None
    }

    fn put(&self, _issued_for: &str, _token: KeptToken) {}

    fn forget(&self, _issued_for: &str) {}
}
