//! The access token: got with the client-credentials grant, kept in memory, renewed before it
//! expires.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>. The
//! client secret is asked of the host for the one request that needs it and then dropped. Lifetimes
//! are random between 60 and 90 minutes and may be as short as ten
//! (<https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>), so nothing
//! is assumed about them; they are measured from before the request was sent.

use std::cell::RefCell;
use std::time::Duration;

use serde::Deserialize;

use super::error::GraphError;
use super::exchange::Exchange;
use super::link::host_of;
use super::percent;
use super::purpose::Purpose;
use super::{jwt, sign_in};
use crate::config::settings::{Cloud, Connection};
use crate::ports::{HttpRequest, HttpResponse, Level, Method};

/// A token answer is about two kilobytes; with many roles a few more.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Renewed so long before it expires, or a tenth of its lifetime before, whichever is shorter.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token. It has no `Debug`.
struct Token {
    bearer: String,
    /// On `Clock::elapsed`.
    renew_at: Duration,
}

/// Gives the token of one connection.
pub(super) struct TokenSource<'a> {
    connection: &'a Connection,
    host: String,
    current: RefCell<Option<Token>>,
}

impl<'a> TokenSource<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            host: host_of(&connection.login),
            current: RefCell::new(None),
        }
    }

    /// The token, a new one where the current one is about to expire.
    pub(super) fn bearer(&self, exchange: &Exchange<'_>) -> Result<String, GraphError> {
        let now = exchange.ports().clock.elapsed();
        if let Some(token) = &*self.current.borrow()
            && now < token.renew_at
        {
            return Ok(token.bearer.clone());
        }
        self.renew(exchange, None)
    }

    /// A new token, whatever the current one is worth. `claims` answers a claims challenge.
    pub(super) fn renew(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
    ) -> Result<String, GraphError> {
        *self.current.borrow_mut() = None;
        let sent_at = exchange.ports().clock.elapsed();
        let response = exchange.send(
            Purpose::SignIn,
            &self.host,
            || self.request(exchange, claims),
            sign_in::is_transient,
        )?;
        let answer = self.read(&response, exchange)?;
        let lifetime = Duration::from_secs(answer.expires_in);
        *self.current.borrow_mut() = Some(Token {
            bearer: answer.access_token.clone(),
            renew_at: sent_at.saturating_add(lifetime - MARGIN.min(lifetime / 10)),
        });
        let lifetime = ("lifetime-s", answer.expires_in.to_string());
        exchange
            .ports()
            .control
            .log(Level::Debug, "graph-token", &[lifetime]);
        Ok(answer.access_token)
    }

    /// The application permissions of the current token; see [`jwt::roles`].
    pub(super) fn roles(&self, exchange: &Exchange<'_>) -> Result<Option<Vec<String>>, GraphError> {
        Ok(jwt::roles(&self.bearer(exchange)?))
    }

    fn request(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
    ) -> Result<HttpRequest, GraphError> {
        let Connection {
            tenant,
            client_id,
            secret,
            login,
            ..
        } = self.connection;
        let revealed =
            exchange
                .ports()
                .secrets
                .reveal(secret)
                .map_err(|cause| GraphError::SecretMissing {
                    name: secret.clone(),
                    cause,
                })?;
        let mut parameters = vec![
            ("client_id", client_id.as_str()),
            ("scope", scope(self.connection.cloud)),
            ("client_secret", revealed.reveal()),
            ("grant_type", "client_credentials"),
        ];
        parameters.extend(claims.map(|claims| ("claims", claims)));
        let body = percent::form(&parameters).into_bytes();
        Ok(HttpRequest {
            method: Method::Post,
            url: format!("{login}/{}/oauth2/v2.0/token", percent::encode(tenant)),
            headers: vec![
                ("accept", "application/json".to_owned()),
                (
                    "content-type",
                    "application/x-www-form-urlencoded".to_owned(),
                ),
                ("content-length", body.len().to_string()),
            ],
            body,
            max_response: LONGEST_ANSWER,
        })
    }

    fn read(&self, response: &HttpResponse, exchange: &Exchange<'_>) -> Result<Answer, GraphError> {
        if response.status != 200 {
            return Err(sign_in::classify(response, &self.host, exchange.now()));
        }
        let host = || self.host.clone();
        let value: serde_json::Value = serde_json::from_slice(&response.body)
            .map_err(|_| GraphError::NotJson { host: host() })?;
        let answer = Answer::deserialize(value).map_err(|_| GraphError::UnexpectedShape {
            host: host(),
            detail: "access_token or expires_in is missing",
        })?;
        // It becomes a header: anything else than visible ASCII could become two.
        if answer.access_token.is_empty()
            || !answer.access_token.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(GraphError::UnexpectedShape {
                host: host(),
                detail: "access_token is no token",
            });
        }
        Ok(answer)
    }
}

/// A token answer. It has no `Debug`.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

/// The scope of a cloud. It names the resource, not the endpoint: where an endpoint is overridden,
/// the resource stays the same.
fn scope(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "https://graph.microsoft.com/.default",
        Cloud::UsGovL4 => "https://graph.microsoft.us/.default",
        Cloud::UsGovL5 => "https://dod-graph.microsoft.us/.default",
        Cloud::China => "https://microsoftgraph.chinacloudapi.cn/.default",
    }
}

/// The claims a refusal asks the next token for, as JSON
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
pub(super) fn claims_challenge(response: &HttpResponse) -> Option<String> {
    response
        .headers
        .iter()
        .filter(|(name, _)| name == "www-authenticate")
        .find_map(|(_, value)| {
            let (_, after) = value.split_once("claims=\"")?;
            let (encoded, _) = after.split_once('"')?;
            jwt::decode_text(encoded)
        })
        .filter(|claims| serde_json::from_str::<serde_json::Map<_, _>>(claims).is_ok())
}
