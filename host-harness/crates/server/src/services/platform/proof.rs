//! What ties a sign-in to the browser session in which it began.
//!
//! Both texts follow from the session's cookie and the state, so nothing of them has to be kept: this server has
//! neither until the browser comes back with both, and whoever sees only the addresses, which carry the state, has not
//! the cookie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::token;

/// The proof that whoever brings a code has asked for it (RFC 7636), and that the ID token answers that request.
pub(crate) struct SignInProof {
    verifier: String,
    nonce: String,
}

impl SignInProof {
    /// For a round trip with this state, in a session with this key.
    pub(crate) fn of(session_key: &[u8], state: &str) -> Self {
        Self {
            verifier: token::derived(session_key, "code-verifier", state),
            nonce: token::derived(session_key, "nonce", state),
        }
    }

    /// What only the token endpoint is told.
    pub(crate) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// What the page is told of it (RFC 7636, section 4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// What the ID token has to say.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_for_the_same_session_and_state_and_another_for_any_other() {
        let one = SignInProof::of(b"session", "state");
        let again = SignInProof::of(b"session", "state");
        assert_eq!(
            (one.verifier(), one.nonce()),
            (again.verifier(), again.nonce())
        );
        // RFC 7636 asks for 43 characters at least.
        assert_eq!(one.verifier().len(), 43);
        assert_ne!(one.verifier(), one.nonce());
        for other in [
            SignInProof::of(b"session", "another"),
            SignInProof::of(b"another", "state"),
        ] {
            assert_ne!(one.verifier(), other.verifier());
            assert_ne!(one.nonce(), other.nonce());
        }
    }
}
