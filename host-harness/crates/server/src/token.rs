//! Random texts that nobody guesses: sign-in codes, session tokens, states, form tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The machine gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("this machine gives no random bytes: {0}")]
pub(crate) struct NoRandomness(#[from] getrandom::Error);

/// A new text of 256 random bits, for addresses and cookies.
pub(crate) fn new() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a token. A random text of this length needs no slow hash.
pub(crate) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// A key that is made of a token, for one purpose.
pub(crate) fn key(token: &str, purpose: &str) -> Vec<u8> {
    keyed_hash(token.as_bytes(), [purpose])
}

/// A text of 256 bits that follows from a key and another text, for one purpose; neither follows from it.
pub(crate) fn derived(key: &[u8], purpose: &str, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyed_hash(key, [purpose, text]))
}

/// What tells these texts from others, for who has the key.
pub(crate) fn idempotency_key<'t>(key: &[u8], texts: impl IntoIterator<Item = &'t str>) -> String {
    URL_SAFE_NO_PAD.encode(keyed_hash(key, texts))
}

/// HMAC-SHA-256 (RFC 2104) of texts, each led by its length, so that none can run over into the next.
fn keyed_hash<'t>(key: &[u8], texts: impl IntoIterator<Item = &'t str>) -> Vec<u8> {
    // RFC 2104 takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for text in texts {
        mac.update(&(text.len() as u64).to_le_bytes());
        mac.update(text.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

/// Whether two tokens are the same, in a time that does not tell how far they agree.
pub(crate) fn constant_time_eq(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_the_same_and_none_needs_escaping() {
        let (one, other) = (new().unwrap(), new().unwrap());
        assert!(!constant_time_eq(&one, &other));
        assert!(constant_time_eq(&one, &one.clone()));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(one.len() == 43 && one.chars().all(plain), "{one}");
    }

    #[test]
    fn an_idempotency_key_tells_texts_apart_and_is_another_with_another_key() {
        let key = key("token", "forms");
        let of = |texts: &[&str]| idempotency_key(&key, texts.iter().copied());
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab", ""]));
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["a"]), idempotency_key(b"another", ["a"]));
    }
}
