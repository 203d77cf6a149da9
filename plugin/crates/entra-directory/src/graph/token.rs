//! The access token: got with the client-credentials grant, kept in memory, renewed before it
//! expires.
//!
//! A host can keep it between calls. One that an earlier call got has to pass what a new one has to: the tenant
//! is proven by it. It is given up where Graph does not accept it, and also where a permission is missing in it,
//! because that can have been given since.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>. The
//! client secret, or what proves the application in its place, is asked of the host for the one request that needs
//! it and then dropped. Where it is refused for its own sake and the document names a second one, that one is
//! tried: so that one can take the other's place without a day on which nothing is synced. Lifetimes
//! are random between 60 and 90 minutes and may be as short as ten
//! (<https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>), so nothing
//! is assumed about them; they are measured from before the request was sent.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use guest_kit::{Certificate, HttpRequest, HttpResponse, KeptToken, Level, Method, json, percent};

use crate::connection::{Cloud, Connection, Credential};

use super::error::GraphError;
use super::exchange::Exchange;
use super::link::host_of;
use super::proof::{self, Proof};
use super::purpose::Purpose;
use super::tenant::{TenantId, moved, other_tenant};
use super::token_answer::Answer;
use super::{jwt, sign_in};

/// A token answer is about two kilobytes; with many roles a few more.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Renewed so long before it expires, or a tenth of its lifetime before, whichever is shorter.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token. It has no `Debug`.
struct Token<'a> {
    bearer: String,
    /// On `Clock::elapsed`.
    renew_at: Duration,
    /// An earlier call got it.
    is_kept: bool,
    /// What it was issued for.
    credential: &'a Credential,
}

/// Gives the token of one connection.
pub(super) struct TokenSource<'a> {
    connection: &'a Connection,
    host: String,
    current: RefCell<Option<Token<'a>>>,
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
        let mut credentials = self.connection.credentials();
        let (credential, kept) = credentials.find_map(|credential| {
            let kept = ports.tokens.get(&self.issued_for(credential))?;
            let is_usable = is_token(&kept.value) && self.prove_tenant(&kept.value).is_ok();
            is_usable.then_some((credential, kept))
        })?;
        *self.current.borrow_mut() = Some(Token {
            bearer: kept.value.clone(),
            renew_at: ports.clock.elapsed().saturating_add(kept.good_for),
            is_kept: true,
            credential,
        });
        Some(kept.value)
    }

    /// Everything on which a token depends beside the value of the secret.
    fn issued_for(&self, credential: &Credential) -> String {
        let Connection {
            tenant,
            client_id,
            login,
            cloud,
            ..
        } = self.connection;
        // A token of the second credential stands for a refusal of the first, and is none of a document in which
        // it is the first.
        let mut parts = vec![login.as_str(), tenant, client_id];
        let (first, credential) = (self.connection.credential.identity(), credential.identity());
        parts.push(&first);
        if credential != first {
            parts.push(&credential);
        }
        parts.push(scope(*cloud));
        parts.join(" ")
    }

    /// Lets the next call sign in.
    fn forget(&self, exchange: &Exchange<'_>) {
        for credential in self.connection.credentials() {
            exchange.ports().tokens.forget(&self.issued_for(credential));
        }
    }

    /// That the token is not of the first credential, which was refused.
    pub(super) fn remark(&self) -> Option<String> {
        let current = self.current.borrow();
        let (first, used) = (&self.connection.credential, current.as_ref()?.credential);
        (used != first).then(|| {
            format!(
                "{first} was refused, and {used} served in its place: replace the one, or take it out of the \
                 configuration"
            )
        })
    }

    /// Whether an earlier call got the token: what it may do can have changed since.
    pub(super) fn is_kept(&self) -> bool {
        let current = self.current.borrow();
        current.as_ref().is_some_and(|token| token.is_kept)
    }

    /// The directory does not take the token, though it is new: the next call is to sign in.
    pub(super) fn let_nobody_keep_it(&self, exchange: &Exchange<'_>) {
        self.forget(exchange);
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
        if self.current.take().is_some() {
            self.forget(exchange);
        }
        let Issued {
            credential,
            sent_at,
            answer,
        } = self.issue(exchange, claims)?;
        self.prove_tenant(&answer.access_token)?;
        let lifetime = answer.lifetime;
        let renew_at = sent_at.saturating_add(lifetime - MARGIN.min(lifetime / 10));
        *self.current.borrow_mut() = Some(Token {
            bearer: answer.access_token.clone(),
            renew_at,
            is_kept: false,
            credential,
        });
        let lifetime = ("lifetime-s", lifetime.as_secs().to_string());
        ports.control.log(Level::Debug, "graph-token", &[lifetime]);
        let token = KeptToken {
            value: answer.access_token,
            good_for: renew_at.saturating_sub(ports.clock.elapsed()),
        };
        ports.tokens.put(&self.issued_for(credential), &token);
        Ok(token.value)
    }

    /// Signs in; with the second credential where the first is refused for its own sake. Where both are, the
    /// refusal of the first is told.
    fn issue(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
    ) -> Result<Issued<'a>, GraphError> {
        let Connection {
            credential,
            fallback,
            ..
        } = self.connection;
        let refusal = match (self.issue_for(exchange, claims, credential), fallback) {
            (Err(refusal), Some(_)) if refusal.is_of_credential() => refusal,
            (issued, _) => return issued,
        };
        let fields = [
            ("credential", credential.identity()),
            ("code", refusal.code().to_owned()),
        ];
        let control = exchange.ports().control;
        control.log(Level::Warn, "credential-refused", &fields);
        let second = fallback
            .as_ref()
            .map(|second| self.issue_for(exchange, claims, second));
        match second {
            Some(Err(error)) if !error.is_of_credential() => Err(error),
            Some(Ok(issued)) => Ok(issued),
            Some(Err(_)) | None => Err(refusal),
        }
    }

    fn issue_for(
        &self,
        exchange: &Exchange<'_>,
        claims: Option<&str>,
        credential: &'a Credential,
    ) -> Result<Issued<'a>, GraphError> {
        let sent_at = exchange.ports().clock.elapsed();
        let certificate = RefCell::new(None);
        let send = || {
            exchange.send(
                Purpose::SignIn,
                &self.host,
                None,
                || {
                    let (request, used) = self.request(exchange, claims, credential)?;
                    certificate.replace(used);
                    Ok(request)
                },
                sign_in::is_transient,
            )
        };
        let mut response = send()?;
        if sign_in::is_tried_once_more(&response) {
            response = send()?;
        }
        match self.read(&response, exchange) {
            Ok(answer) => Ok(Issued {
                credential,
                sent_at,
                answer,
            }),
            Err(mut error) => {
                let certificate = certificate.take();
                proof::explain(&mut error, &response, certificate.as_ref(), exchange.now());
                Err(error)
            }
        }
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
        credential: &Credential,
    ) -> Result<(HttpRequest, Option<Certificate>), GraphError> {
        let Connection {
            tenant,
            client_id,
            login,
            ..
        } = self.connection;
        let url = format!("{login}/{}/oauth2/v2.0/token", percent::encode(tenant));
        let proof = Proof::of(credential, self.connection, &url, exchange.ports())?;
        let mut parameters = vec![
            ("client_id", client_id.as_str()),
            ("scope", scope(self.connection.cloud)),
        ];
        let proving = proof.parameters.iter();
        parameters.extend(proving.map(|(name, value)| (*name, value.as_str())));
        parameters.push(("grant_type", "client_credentials"));
        parameters.extend(claims.map(|claims| ("claims", claims)));
        let body = percent::form(&parameters).into_bytes();
        let request = HttpRequest {
            method: Method::Post,
            url,
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
        };
        Ok((request, proof.certificate))
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

/// A token answer, and what it was issued for. It has no `Debug`.
struct Issued<'a> {
    credential: &'a Credential,
    /// On `Clock::elapsed`.
    sent_at: Duration,
    answer: Answer,
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
