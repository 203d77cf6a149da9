//! Secrets. What is told of one is whether it is right, and never what it is.

use sha2::{Digest, Sha256};

use crate::bindings::imports::secrets::{self, SecretError};
use crate::document::Document;
use host_promises::verdict::{Outcome, differs, holds, not_tried, same, shown};

/// A name that nobody gives to a secret.
const UNKNOWN: &str = "host-conformance-nobody-has-set-this";

pub(crate) fn value(document: &Document) -> Outcome {
    let Some(name) = &document.secret else {
        return not_tried("the document names no secret in /credentials/secret");
    };
    let handle = match secrets::get(name) {
        Ok(handle) => handle,
        Err(error) => return differs("a handle", shown(&error)),
    };
    let revealed = match handle.reveal() {
        Ok(value) => value,
        Err(error) => return differs("the value", shown(&error)),
    };
    holds(
        "a value that is not empty",
        !revealed.is_empty(),
        "an empty text",
    )?;
    let Some(expected) = &document.secret_sha256 else {
        return Ok(());
    };
    let digest = hexadecimal(&Sha256::digest(revealed.as_bytes()));
    same("the value's SHA-256", &digest, expected)
}

pub(crate) fn unknown() -> Outcome {
    match secrets::get(UNKNOWN) {
        Err(SecretError::NotFound) => Ok(()),
        Err(error) => differs("not-found", shown(&error)),
        Ok(_) => differs("not-found", "a handle"),
    }
}

/// Bytes as small hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
