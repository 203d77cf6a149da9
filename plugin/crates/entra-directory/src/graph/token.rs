//! The access token: got with the client-credentials grant, kept in memory, renewed before it
//! expires.
//!
//! A host can keep it between calls. One that an earlier call got has to pass what a new one has to: the tenant
//! is proven by it. It is given up where Graph does not accept it, and also where a permission is missing in it,
//! because that can have been given since.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>. The
//! client secret is asked of the host for the one request that needs it and then dropped. Lifetimes
//! are random between 60 and 90 minutes and may be as short as ten
//! (<https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>), so nothing
//! is assumed about them; they are measured from before the request was sent.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use configuration_document::secret;
use guest_kit::{
    HttpRequest, HttpResponse, KeptToken, Level, Method, Timestamp, json, percent, retry,
};
use serde_json::Value;

use crate::connection::{Cloud, Connection};

use super::error::GraphError;
use super::exchange::Exchange;
use super::link::host_of;
use super::purpose::Purpose;
use super::tenant::{TenantId, moved, other_tenant};
use super::{jwt, sign_in};

/// A token answer is about two kilobytes; with many roles a few more.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Renewed so long before it expires, or a tenth of its lifetime before, whichever is shorter.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// The longest lifetime that is believed; policies allow a day
/// (<https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>).
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token. It has no `Debug`.
struct Token {
    bearer: String,
    /// On `Clock::elapsed`.
    renew_at: Duration,
    /// An earlier call got it.
    is_kept: bool,
}

/// Gives the token of one connection.
pub(super) struct TokenSource<'a> {
    connection: &'a Connection,
    host: String,
    current: RefCell<Option<Token>>,
    /// Whether the host was asked for the token of an earlier call.
    asked_host: Cell<bool>,
    /// The tenant that the tokens have to be of: the configured one, else that of the first token
    /// which tells its tenant.
    tenant: RefCell<Option<TenantId>>,
}

impl<'a> TokenSource<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            host: host_of(&connection.login),
            current: RefCell::new(None),
            asked_host: Cell::new(false),
            tenant: RefCell::new(TenantId::parse(&connection.tenant)),
        }
    }

    /// The token, a new one where the current one is about to expire.
    pub(super) fn bearer(&self, exchange: &Exchange<'_>) -> Result<String, GraphError> {
        let bearer = self.current_bearer(exchange);
        match bearer.or_else(|| self.restore(exchange)) {
            Some(bearer) => Ok(bearer),
            None => self.renew(exchange, None),
        }
    }

    /// The token of an earlier call, where the host has kept it; asked for once.
    fn restore(&self, exchange: &Exchange<'_>) -> Option<String> {
        if self.asked_host.replace(true) {
            return None;
        }
        let ports = exchange.ports();
        let kept = ports.tokens.get(&self.issued_for())?;
        if !is_token(&kept.value) || self.prove_tenant(&kept.value).is_err() {
            return None;
        }
        *self.current.borrow_mut() = Some(Token {
            bearer: kept.value.clone(),
            renew_at: ports.clock.elapsed().saturating_add(kept.good_for),
            is_kept: true,
        });
        Some(kept.value)
    }

    /// Everything on which a token depends beside the value of the secret.
    fn issued_for(&self) -> String {
        let Connection {
            tenant,
            client_id,
            secret,
            login,
            cloud,
            ..
        } = self.connection;
        [login, tenant, client_id, secret, scope(*cloud)].join(" ")
    }

    /// Whether an earlier call got the token: what it may do can have changed since.
    pub(super) fn is_kept(&self) -> bool {
        let current = self.current.borrow();
        current.as_ref().is_some_and(|token| token.is_kept)
    }

    /// The directory does not take the token, though it is new: the next call is to sign in.
    pub(super) fn let_nobody_keep_it(&self, exchange: &Exchange<'_>) {
        exchange.ports().tokens.forget(&self.issued_for());
    }

    /// The token that is there, unless it is about to expire. Asks nobody.
    pub(super) fn current_bearer(&self, exchange: &Exchange<'_>) -> Option<String> {
        let now = exchange.ports().clock.elapsed();
        let current = self.current.borrow();
        let token = current.as_ref().filter(|token| now < token.renew_at)?;
        Some(token.bearer.clone())
    }

    /// A new token, whatever the current one is worth. `claims` answers a claims challenge.
    pub(super) fn renew(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
    ) -> Result<String, GraphError> {
        let ports = exchange.ports();
        let issued_for = self.issued_for();
        if self.current.take().is_some() {
            ports.tokens.forget(&issued_for);
        }
        let sent_at = ports.clock.elapsed();
        let response = exchange.send(
            Purpose::SignIn,
            &self.host,
            None,
            || self.request(exchange, claims),
            sign_in::is_transient,
        )?;
        let answer = self.read(&response, exchange)?;
        self.prove_tenant(&answer.access_token)?;
        let lifetime = answer.lifetime;
        let renew_at = sent_at.saturating_add(lifetime - MARGIN.min(lifetime / 10));
        *self.current.borrow_mut() = Some(Token {
            bearer: answer.access_token.clone(),
            renew_at,
            is_kept: false,
        });
        let lifetime = ("lifetime-s", lifetime.as_secs().to_string());
        ports.control.log(Level::Debug, "graph-token", &[lifetime]);
        let token = KeptToken {
            value: answer.access_token,
            good_for: renew_at.saturating_sub(ports.clock.elapsed()),
        };
        ports.tokens.put(&issued_for, &token);
        Ok(token.value)
    }

    /// The application permissions of the current token; see [`jwt::roles`].
    pub(super) fn roles(&self, exchange: &Exchange<'_>) -> Result<Option<Vec<String>>, GraphError> {
        Ok(jwt::roles(&self.bearer(exchange)?))
    }

    /// The application permissions of the token that is there, where it can be read. Asks nobody.
    pub(super) fn current_roles(&self) -> Option<Vec<String>> {
        let current = self.current.borrow();
        jwt::roles(&current.as_ref()?.bearer)
    }

    /// The tenant that the current token is of; see [`jwt::tenant`]. Signs in where that was not done
    /// yet.
    pub(super) fn tenant(&self, exchange: &Exchange<'_>) -> Result<Option<TenantId>, GraphError> {
        Ok(jwt::tenant(&self.bearer(exchange)?))
    }

    /// A domain can come to stand for another tenant while a call goes on. A token of that tenant must
    /// not be used.
    fn prove_tenant(&self, token: &str) -> Result<(), GraphError> {
        let Some(issuer) = jwt::tenant(token) else {
            return Ok(());
        };
        let configured = &self.connection.tenant;
        let mut expected = self.tenant.borrow_mut();
        match &*expected {
            Some(expected) if *expected == issuer => Ok(()),
            Some(expected) if TenantId::parse(configured).is_some() => {
                Err(other_tenant(expected, &issuer))
            }
            Some(expected) => Err(moved(configured, expected, &issuer)),
            None => {
                *expected = Some(issuer);
                Ok(())
            }
        }
    }

    fn request(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
    ) -> Result<HttpRequest, GraphError> {
        let Connection {
            tenant,
            client_id,
            secret: name,
            login,
            ..
        } = self.connection;
        let revealed =
            exchange
                .ports()
                .secrets
                .reveal(name)
                .map_err(|cause| GraphError::SecretMissing {
                    name: name.clone(),
                    cause,
                })?;
        let value =
            secret::value(revealed.reveal()).map_err(|flaw| GraphError::SecretUnusable {
                name: name.clone(),
                flaw,
            })?;
        let mut parameters = vec![
            ("client_id", client_id.as_str()),
            ("scope", scope(self.connection.cloud)),
            ("client_secret", value),
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
        let value =
            json::value(&response.body).ok_or_else(|| GraphError::NotJson { host: host() })?;
        let answer =
            Answer::read(&value, exchange.now()).map_err(|detail| GraphError::UnexpectedShape {
                host: host(),
                detail,
            })?;
        if !is_token(&answer.access_token) {
            return Err(GraphError::UnexpectedShape {
                host: host(),
                detail: "access_token is no token",
            });
        }
        Ok(answer)
    }
}

/// Whether it can be a token: it becomes a header, and anything else than visible ASCII could become two.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A token answer. It has no `Debug`.
struct Answer {
    access_token: String,
    lifetime: Duration,
}

impl Answer {
    /// Reads an answer. Numbers may be text, as the v1.0 endpoint and gateways write them; where
    /// `expires_in` is not there, `expires_on` says when.
    fn read(answer: &Value, now: Timestamp) -> Result<Self, &'static str> {
        let access_token = answer
            .get("access_token")
            .and_then(Value::as_str)
            .ok_or("access_token is missing")?;
        let lifetime = match (answer.get("expires_in"), answer.get("expires_on")) {
            (Some(value), _) if !value.is_null() => {
                seconds(value).ok_or("expires_in is no number of seconds")?
            }
            (_, Some(value)) if !value.is_null() => {
                let until = seconds(value).ok_or("expires_on is no moment")?;
                until.saturating_sub(Duration::from_millis(now.0))
            }
            _ => return Err("access_token or expires_in is missing"),
        };
        Ok(Self {
            access_token: access_token.to_owned(),
            lifetime: lifetime.min(LONGEST_LIFETIME),
        })
    }
}

/// A number of seconds from 0, also one that is written as text or with a fraction.
fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(number) => {
            let seconds = number.as_f64().filter(|seconds| *seconds >= 0.0)?;
            // The conversion rounds down, and saturates.
            Some(Duration::from_secs(seconds as u64))
        }
        Value::String(text) => {
            let seconds = retry::decimal(text.trim())?;
            Some(Duration::from_secs(seconds.as_secs()))
        }
        _ => None,
    }
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
        .filter(|claims| json::value(claims.as_bytes()).is_some_and(|claims| claims.is_object()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2001-09-09T01:46:40Z.
    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn lifetime(mut answer: Value) -> Result<u64, &'static str> {
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("access_token".to_owned(), json!("a"));
        }
        Answer::read(&answer, NOW).map(|answer| answer.lifetime.as_secs())
    }

    #[test]
    fn a_lifetime_is_read_as_number_and_as_text() {
        for (answer, seconds) in [
            (json!({"expires_in": 3599}), 3_599),
            (json!({"expires_in": "3599"}), 3_599),
            (json!({"expires_in": " 3599 "}), 3_599),
            (json!({"expires_in": 3599.9}), 3_599),
            (json!({"expires_in": "3599.0"}), 3_599),
            (json!({"expires_in": 0}), 0),
            (json!({"expires_in": u64::MAX}), 86_400),
            (json!({"expires_in": 1e300}), 86_400),
            (json!({"expires_in": "99999999999999999999999"}), 86_400),
            (
                json!({"expires_in": "3599", "ext_expires_in": "x", "expires_on": -1}),
                3_599,
            ),
            (json!({"expires_on": 1_000_003_599}), 3_599),
            (json!({"expires_on": "1000003599"}), 3_599),
            (
                json!({"expires_in": null, "expires_on": "1000003599"}),
                3_599,
            ),
            (json!({"expires_on": 5}), 0),
        ] {
            assert_eq!(lifetime(answer.clone()), Ok(seconds), "{answer}");
        }
    }

    #[test]
    fn what_is_no_lifetime_is_told_apart_from_none_at_all() {
        for answer in [
            json!({}),
            json!({"expires_in": null}),
            json!({"ext_expires_in": 3599}),
        ] {
            assert!(
                lifetime(answer.clone()).unwrap_err().contains("missing"),
                "{answer}"
            );
        }
        for answer in [
            json!({"expires_in": -5}),
            json!({"expires_in": "-5"}),
            json!({"expires_in": ""}),
            json!({"expires_in": "soon"}),
            json!({"expires_in": "1e3"}),
            json!({"expires_in": "NaN"}),
            json!({"expires_in": true}),
            json!({"expires_in": [3599]}),
            json!({"expires_on": "tomorrow"}),
        ] {
            let told = lifetime(answer.clone()).unwrap_err();
            assert!(told.contains("is no"), "{answer}: {told}");
        }
    }
}
