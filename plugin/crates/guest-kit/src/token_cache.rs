//! Access tokens that outlive a call.

use std::time::Duration;

/// A token. It has no `Debug` and no `Display`, so that it cannot reach a log by accident.
pub struct KeptToken {
    /// As the service issued it.
    pub value: String,
    /// How long it may be used from now on.
    pub good_for: Duration,
}

/// Tokens by what they were issued for: everything on which they depend beside the value of a secret or a key.
pub trait TokenCache {
    /// The token that was put, while it is good and the secret or key from which it was made is the same.
    fn get(&self, issued_for: &str) -> Option<KeptToken>;

    /// Keeps a token that was made from secrets which were revealed, or keys which signed, in this call.
    fn put(&self, issued_for: &str, token: &KeptToken);

    /// Forgets a token.
    fn forget(&self, issued_for: &str);
}

/// Keeps nothing: whoever asks it signs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTokens;

impl TokenCache for NoTokens {
    fn get(&self, _: &str) -> Option<KeptToken> {
        None
    }

    fn put(&self, _: &str, _: &KeptToken) {}

    fn forget(&self, _: &str) {}
}
