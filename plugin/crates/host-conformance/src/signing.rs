//! Keys that the host keeps. That a signature is right for its key, whoever verifies it finds out; here is what a
//! host gets wrong before that.

use sha2::{Digest, Sha256};

use crate::bindings::imports::signing::{self, Signer, SigningError};
use crate::document::Document;
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same, shown};

/// A name that nobody gives to a key.
const UNKNOWN: &str = "host-conformance-nobody-has-this-key";

/// Of header and claims, as they are signed.
const MESSAGE: &[u8] = b"eyJhbGciOiJQUzI1NiJ9.eyJzdWIiOiJob3N0LWNvbmZvcm1hbmNlIn0";

pub(crate) fn unknown() -> Outcome {
    match signing::get(UNKNOWN) {
        Err(SigningError::NotFound) => Ok(()),
        Err(error) => differs("not-found", shown(&error)),
        Ok(_) => differs("not-found", "a handle"),
    }
}

fn signer(document: &Document) -> Result<Signer, Amiss> {
    let Some(name) = &document.key else {
        return not_tried("the document names no key in /credentials/certificate/key");
    };
    match signing::get(name) {
        Ok(signer) => Ok(signer),
        Err(error) => differs("a handle", shown(&error)),
    }
}

pub(crate) fn certificate(document: &Document) -> Outcome {
    let signer = signer(document)?;
    let certificate = signer.certificate();
    let chain = signer.chain();
    let Some(first) = chain.first() else {
        return differs("a chain with the certificate", "an empty one");
    };
    let digest = Sha256::digest(first).to_vec();
    same(
        "the thumbprint by SHA-256",
        certificate.thumbprint_sha256,
        digest,
    )?;
    same(
        "the length of the thumbprint by SHA-1",
        certificate.thumbprint_sha1.len(),
        20,
    )?;
    holds(
        "a certificate that begins to be valid before it ends",
        certificate.not_before_ms < certificate.not_after_ms,
        (certificate.not_before_ms, certificate.not_after_ms),
    )
}

pub(crate) fn signature(document: &Document) -> Outcome {
    let signer = signer(document)?;
    let sign = || match signer.sign(MESSAGE) {
        Ok(signature) => Ok(signature),
        Err(error) => differs("a signature", shown(&error)),
    };
    let (one, two): (Vec<u8>, Vec<u8>) = (sign()?, sign()?);
    holds(
        "as many bytes as an RSA key of 2048 to 4096 bits",
        (256..=512).contains(&one.len()),
        one.len(),
    )?;
    same("the length of the second", two.len(), one.len())?;
    holds(
        "two signatures that differ by their salt",
        one != two,
        "twice the same",
    )
}
