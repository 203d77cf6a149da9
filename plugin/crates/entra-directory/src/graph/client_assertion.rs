//! `client_assertion`: a JSON web token by which an application proves itself, signed with the key of its
//! certificate (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>, RFC 7523).
//!
//! Each request for a token has one of its own: it is good for some minutes, and one that was made long before
//! it is sent may be over by then. The key stays with the host, which signs.

use std::time::Duration;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use guest_kit::{Certificate, Outside, SigningError, json};
use serde_json::{Map, Value};

use super::request_id::request_id;

/// So long before now it begins to be good, for a service whose clock is behind; nobody promises to be lenient.
const EARLIER: Duration = Duration::from_secs(60);

/// For so long it is good: Microsoft advises 5 to 10 minutes.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// An assertion of an application.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientAssertion<'a> {
    /// Who signs in.
    pub(super) client_id: &'a str,
    /// The token endpoint.
    pub(super) audience: &'a str,
    /// The key's name at the host.
    pub(super) key: &'a str,
    /// Whether the certificates go along (`x5c`).
    pub(super) send_chain: bool,
}

impl ClientAssertion<'_> {
    /// The assertion, signed now, and the certificate of the key that signed it.
    ///
    /// # Errors
    ///
    /// Where the host does not sign.
    pub(super) fn sign(
        &self,
        outside: &Outside<'_>,
    ) -> Result<(String, Certificate), SigningError> {
        let signer = outside.signing.get(self.key)?;
        let certificate = signer.certificate();
        let mut header: Vec<(&str, Value)> = vec![
            ("alg", Value::from("PS256")),
            ("typ", Value::from("JWT")),
            (
                "x5t#S256",
                Value::from(Base64UrlUnpadded::encode_string(
                    &certificate.thumbprint_sha256,
                )),
            ),
        ];
        if self.send_chain {
            let chain = signer.chain();
            let chain = chain
                .iter()
                .map(|der| Value::from(Base64::encode_string(der)));
            header.push(("x5c", chain.collect()));
        }
        let now = Duration::from_millis(outside.clock.now().0);
        let from = now.saturating_sub(EARLIER);
        let claims = vec![
            ("aud", Value::from(self.audience)),
            ("iss", Value::from(self.client_id)),
            ("sub", Value::from(self.client_id)),
            ("jti", Value::from(request_id(outside.entropy))),
            ("iat", Value::from(from.as_secs())),
            ("nbf", Value::from(from.as_secs())),
            ("exp", Value::from((from + LIFETIME).as_secs())),
        ];
        let message = format!("{}.{}", part(header), part(claims));
        let signature = signer.sign(message.as_bytes())?;
        let signature = Base64UrlUnpadded::encode_string(&signature);
        Ok((format!("{message}.{signature}"), certificate))
    }
}

fn part(members: Vec<(&str, Value)>) -> String {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    Base64UrlUnpadded::encode_string(json::to_text(&Value::Object(object)).as_bytes())
}
