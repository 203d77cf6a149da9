//! A code becomes somebody who signed in: this server asks the token endpoint itself, and looks at what it gets.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use connector_contract::SigningError;
use connector_runtime::HttpAccess;
use connector_runtime::http::ExchangeError;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use id_token::{Expected, IdTokenFlaw, KeySet, SignedIn, verify};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::client_assertion::{JWT_BEARER, client_assertion};
use super::proof::SignInProof;
use crate::platform_application::{PlatformApplication, PlatformCredential};

/// The longest answer that is read. A token endpoint's is a few kilobytes, a key set's some ten.
const MOST_BYTES: u64 = 256 << 10;

/// Why nobody is known to have signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeFailed {
    /// The sign-in service was not reached.
    #[error(transparent)]
    Unreached(#[from] ExchangeError),
    /// It does not take the code, or the application.
    #[error("the sign-in service refused: {0}")]
    Refused(String),
    /// It says something else than it should.
    #[error("the sign-in service gave no usable answer (status {0})")]
    Unusable(StatusCode),
    /// The ID token is none to believe.
    #[error(transparent)]
    Flaw(#[from] IdTokenFlaw),
    /// The application's certificate cannot sign.
    #[error("the certificate of the platform's application cannot sign: {0:?}")]
    Unsigned(SigningError),
    /// A request could not be made.
    #[error("the address of the sign-in service cannot be used")]
    Address,
}

/// A code, and what it was asked for with.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    /// The tenant in which somebody signed in, as the request named it.
    pub(crate) tenant: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) proof: &'a SignInProof,
}

/// The sign-in service, as this server asks it.
pub(crate) struct SignInService<'a> {
    pub(crate) http: HttpAccess,
    /// Its root.
    pub(crate) login: &'a str,
    pub(crate) application: &'a PlatformApplication,
}

/// What the token endpoint says.
#[derive(Deserialize)]
struct TokenAnswer {
    id_token: Option<String>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

impl SignInService<'_> {
    /// Who signed in.
    pub(crate) async fn redeem(
        &self,
        redemption: &Redemption<'_>,
    ) -> Result<SignedIn, ExchangeFailed> {
        let token = self.id_token(redemption).await?;
        let keys = format!("{}/{}/discovery/v2.0/keys", self.login, redemption.tenant);
        let request = Request::get(keys).body(Bytes::new());
        let answer = self
            .http
            .exchange(request.map_err(|_| ExchangeFailed::Address)?, MOST_BYTES)
            .await?;
        let keys = KeySet::read(answer.body());
        let keys = keys.ok_or(ExchangeFailed::Unusable(answer.status()))?;
        let expected = Expected {
            login: self.login,
            client_id: self.application.client_id(),
            nonce: redemption.proof.nonce(),
            // By this machine's clock, as signatures are made.
            now: SystemTime::now(),
        };
        Ok(verify(token.expose_secret(), &keys, &expected)?)
    }

    async fn id_token(&self, redemption: &Redemption<'_>) -> Result<SecretString, ExchangeFailed> {
        let endpoint = format!("{}/{}/oauth2/v2.0/token", self.login, redemption.tenant);
        let form = self.form(redemption, &endpoint)?;
        let request = Request::post(endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form));
        let request = request.map_err(|_| ExchangeFailed::Address)?;
        let answer = self.http.exchange(request, MOST_BYTES).await?;
        let status = answer.status();
        let told: TokenAnswer =
            serde_json::from_slice(answer.body()).map_err(|_| ExchangeFailed::Unusable(status))?;
        match told.id_token {
            Some(token) if status.is_success() => Ok(SecretString::from(token)),
            _ if told.error.is_empty() => Err(ExchangeFailed::Unusable(status)),
            _ => Err(ExchangeFailed::Refused(named(&told))),
        }
    }

    fn form(&self, redemption: &Redemption<'_>, endpoint: &str) -> Result<String, ExchangeFailed> {
        let client_id = self.application.client_id();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("client_id", client_id)
            .append_pair("code", redemption.code)
            .append_pair("redirect_uri", redemption.redirect_uri)
            .append_pair("code_verifier", redemption.proof.verifier());
        match self.application.credential() {
            PlatformCredential::Secret(secret) => {
                form.append_pair("client_secret", secret.expose_secret());
            }
            PlatformCredential::Certificate(key) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                let now = now.unwrap_or_default().as_secs();
                let assertion = client_assertion(&**key, client_id, endpoint, now)
                    .map_err(ExchangeFailed::Unsigned)?;
                form.append_pair("client_assertion_type", JWT_BEARER)
                    .append_pair("client_assertion", &assertion);
            }
        }
        Ok(form.finish())
    }
}

/// A refusal by its code; the description has an account's name in some.
fn named(told: &TokenAnswer) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    match told.error_codes.first() {
        Some(number) => format!("AADSTS{number}"),
        None => told.error.chars().filter(plain).take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_named_by_its_code_and_nothing_else_of_it_is_told() {
        let told = |error: &str, error_codes: Vec<u32>| TokenAnswer {
            id_token: None,
            error: error.to_owned(),
            error_codes,
        };
        assert_eq!(named(&told("invalid_grant", vec![54_005])), "AADSTS54005");
        assert_eq!(named(&told("invalid_grant", Vec::new())), "invalid_grant");
        assert_eq!(
            named(&told("<b>ada@contoso.com</b>", Vec::new())),
            "badacontosocomb"
        );
    }
}
