//! JSON that comes as bytes.
//!
//! Everything is read from text. The reader that `serde_json` has for bytes would do the same, and bring
//! a copy of itself, and of the code of every type that both of them read, into the component.

use serde::Deserialize;

/// Reads a value; `None` where the bytes are no JSON text, or the text is no such value.
pub fn from_bytes<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_no_value() {
        assert_eq!(from_bytes(b"\"\xc3\xa9\""), Some("é"));
        assert_eq!(from_bytes::<&str>(b"\"\xe9\""), None);
        assert_eq!(from_bytes::<u8>(b"256"), None);
        assert_eq!(from_bytes::<u8>(b"1 2"), None);
    }
}
