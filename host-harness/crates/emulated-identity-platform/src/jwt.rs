//! A JSON web token (RFC 7519), taken apart and believed nothing of.

use base64::Engine;
use serde_json::{Map, Value};

use crate::base64url::BASE64;
use crate::refusal::Refusal;

/// A JWT, taken apart and believed nothing of.
pub(crate) struct Jwt<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    /// What was signed.
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (message, signature) = text.trim().rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let object = |part: &str| serde_json::from_slice(&BASE64.decode(part).ok()?).ok();
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            message,
            signature: BASE64.decode(signature).ok()?,
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim that must be there, as text.
    pub(crate) fn claim(&self, name: &str) -> Result<&str, Refusal> {
        match self.claims.get(name) {
            None | Some(Value::Null) => Err(Refusal::missing_field(name)),
            Some(value) => value.as_str().ok_or_else(malformed),
        }
    }

    /// A moment in seconds since 1970, with decimals or without (RFC 7519, section 2).
    pub(crate) fn moment(&self, name: &str) -> Result<Option<f64>, Refusal> {
        match self.claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or_else(malformed),
        }
    }
}

pub(crate) fn malformed() -> Refusal {
    Refusal::bad(
        "invalid_request",
        50_027,
        "JWT token is invalid or malformed.",
    )
}
