//! What a credential becomes in a request for a token.

use std::fmt::Write as _;

use configuration_document::secret;
use guest_kit::{Certificate, HttpResponse, Outside, Timestamp, retry};

use crate::connection::{Connection, Credential};

use super::client_assertion::ClientAssertion;
use super::error::GraphError;

/// The one type of assertion that proves a client (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A token of another issuer is a few kilobytes.
const LONGEST_TOKEN: usize = 64 * 1024;

/// The codes of AADSTS refusals that are told with more than the table says.
const NOT_REGISTERED: &str = "AADSTS700027";
const NOT_ITS_TIME: &str = "AADSTS700024";

/// By how much clocks may differ without a word.
const SKEW_MS: u64 = 60 * 1_000;

/// The parameters that prove the application. It has no `Debug`.
pub(super) struct Proof {
    pub(super) parameters: Vec<(&'static str, String)>,
    /// The certificate of the key that signed.
    pub(super) certificate: Option<Certificate>,
}

impl Proof {
    /// What proves the application now: a secret and a token are asked of the host for the one request, a signature
    /// is made for it.
    ///
    /// # Errors
    ///
    /// Where the host does not give it, or gives what cannot be one.
    pub(super) fn of(
        credential: &Credential,
        connection: &Connection,
        endpoint: &str,
        outside: &Outside<'_>,
    ) -> Result<Self, GraphError> {
        let reveal = |name: &str| {
            let revealed = outside.secrets.reveal(name);
            revealed.map_err(|cause| GraphError::SecretMissing {
                credential: credential.to_string(),
                cause,
            })
        };
        match credential {
            Credential::Secret { name, .. } => {
                let revealed = reveal(name)?;
                let value = secret::value(revealed.reveal());
                let value = value.map_err(|flaw| GraphError::SecretUnusable {
                    credential: credential.to_string(),
                    flaw,
                })?;
                Ok(Self {
                    parameters: vec![("client_secret", value.to_owned())],
                    certificate: None,
                })
            }
            Credential::Certificate { key, send_chain } => {
                let assertion = ClientAssertion {
                    client_id: &connection.client_id,
                    audience: endpoint,
                    key,
                    send_chain: *send_chain,
                };
                let signed = assertion.sign(outside);
                let (assertion, certificate) = signed.map_err(|cause| GraphError::KeyUnusable {
                    credential: credential.to_string(),
                    cause,
                })?;
                Ok(Self {
                    parameters: asserted(assertion),
                    certificate: Some(certificate),
                })
            }
            Credential::Federated { token } => {
                let revealed = reveal(token)?;
                let value = revealed.reveal().trim();
                if !is_web_token(value) {
                    return Err(GraphError::TokenUnusable {
                        credential: credential.to_string(),
                    });
                }
                Ok(Self {
                    parameters: asserted(value.to_owned()),
                    certificate: None,
                })
            }
        }
    }
}

fn asserted(assertion: String) -> Vec<(&'static str, String)> {
    vec![
        ("client_assertion_type", JWT_BEARER.to_owned()),
        ("client_assertion", assertion),
    ]
}

/// Three parts in base64url (RFC 7515, section 3.1).
fn is_web_token(text: &str) -> bool {
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
    };
    text.len() <= LONGEST_TOKEN && text.split('.').count() == 3 && text.split('.').all(is_part)
}

/// Tells more of a refusal than its code does: which certificate was sent, or by how much the clocks differ.
pub(super) fn explain(
    error: &mut GraphError,
    response: &HttpResponse,
    sent: Option<&Certificate>,
    now: Timestamp,
) {
    let GraphError::Unauthorized(failure) = error else {
        return;
    };
    match (failure.code.as_str(), sent) {
        (NOT_REGISTERED, Some(certificate)) => {
            // Writing to a string cannot fail.
            let _ = write!(
                failure.message,
                "; the certificate that was used has the thumbprint {} (SHA-1), {} (SHA-256)",
                hexadecimal(&certificate.thumbprint_sha1),
                hexadecimal(&certificate.thumbprint_sha256)
            );
        }
        (NOT_ITS_TIME, _) => {
            let header = response.header("date");
            if let Some(words) = header.and_then(|date| skew(date, now)) {
                let _ = write!(
                    failure.message,
                    "; the clock here is {words} that of the service"
                );
            }
        }
        _ => {}
    }
}

fn skew(date: &str, now: Timestamp) -> Option<String> {
    let theirs = retry::http_date(date)?;
    let seconds = now.0.abs_diff(theirs.0) / 1_000;
    let direction = if now > theirs { "ahead of" } else { "behind" };
    (now.0.abs_diff(theirs.0) > SKEW_MS).then(|| format!("{seconds} seconds {direction}"))
}

/// In capitals, as the Entra admin center shows a thumbprint.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}
