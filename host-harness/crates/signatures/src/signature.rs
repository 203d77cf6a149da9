//! A signature as text.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A signature: DER, and in base64 as text.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    der: Vec<u8>,
}

/// A text is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no signature in base64")]
pub struct InvalidSignature;

impl Signature {
    pub(crate) fn from_der(der: &[u8]) -> Self {
        Self { der: der.to_vec() }
    }

    /// The bytes of it, as `openssl` wants them.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl FromStr for Signature {
    type Err = InvalidSignature;

    fn from_str(text: &str) -> Result<Self, InvalidSignature> {
        let der = STANDARD.decode(text.trim()).map_err(|_| InvalidSignature)?;
        // Two numbers of 33 bytes at most, with their heads; whether it is one is found out by checking it.
        if der.is_empty() || der.len() > 72 {
            return Err(InvalidSignature);
        }
        Ok(Self { der })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&STANDARD.encode(&self.der))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read_as_it_was_written_and_nothing_else_is() {
        let signature = Signature::from_der(&[0x30, 0x06, 2, 1, 7, 2, 1, 9]);
        let text = format!("{signature}\n");
        assert_eq!(text.parse(), Ok(signature));
        for text in ["", "no base64!", &STANDARD.encode([1; 73])] {
            assert_eq!(text.parse::<Signature>(), Err(InvalidSignature), "{text}");
        }
    }
}
