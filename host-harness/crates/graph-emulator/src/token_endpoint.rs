//! `POST /{tenant}/oauth2/v2.0/token` for client credentials
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>; codes:
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::Grant;
use super::exchange::{Call, Reply};
use super::moments;
use super::query::decode_form;
use super::service::Service;

/// Graph roots that clients are configured with: the national clouds.
const GRAPH_ROOTS: [&str; 4] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
];

/// The number in an `AADSTS` code.
pub(super) type AadCode = u32;

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    code: AadCode,
    message: String,
    retry_after: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    fn bad(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, code, message)
    }

    fn client(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", code, message)
    }

    fn missing(parameter: &str) -> Self {
        Self::bad(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// What the endpoint answers when a fault is injected.
    pub(super) fn injected(status: StatusCode, retry_after: Option<String>) -> Self {
        let (error, code, message) = match status.as_u16() {
            429 => (
                "temporarily_unavailable",
                90_055,
                "Too many requests to the tenant.",
            ),
            401 => (
                "invalid_client",
                7_000_215,
                "Invalid client secret provided.",
            ),
            400..500 => ("invalid_request", 90_014, "The request was refused."),
            _ => (
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred. Please try again.",
            ),
        };
        Self {
            retry_after,
            ..Self::new(status, error, code, message)
        }
    }

    /// The answer, with the ids that support asks for.
    pub(super) fn reply(&self, service: &Service, call: &Call) -> Reply {
        let timestamp = moments::spaced(service.now());
        let trace_id = Uuid::new_v4().to_string();
        let correlation_id = call
            .header("client-request-id")
            .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\n\
             Timestamp: {timestamp}",
            self.code, self.message
        );
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("{}/error?code={}", call.root, self.code),
        });
        let mut reply = Reply::json(self.status, &body);
        if let Some(after) = &self.retry_after {
            reply.set("retry-after", after);
        }
        finish(reply)
    }
}

/// Nothing of the token endpoint may be kept (RFC 6749, section 5.1).
fn finish(mut reply: Reply) -> Reply {
    reply.set("cache-control", "no-store, no-cache");
    reply.set("pragma", "no-cache");
    reply.set("x-ms-request-id", &Uuid::new_v4().to_string());
    reply
}

/// Answers a request for a token for the tenant that the path names.
pub(super) fn answer(service: &Service, call: &Call, tenant: &str) -> Reply {
    match issue(service, call, tenant) {
        Ok(body) => finish(Reply::json(StatusCode::OK, &body)),
        Err(refusal) => refusal.reply(service, call),
    }
}

fn issue(service: &Service, call: &Call, tenant: &str) -> Result<Value, Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::bad(
            "invalid_request",
            900_561,
            format!(
                "The endpoint only accepts POST requests. Received a {} request.",
                call.method
            ),
        ));
    }
    let form = Form::parse(call)?;
    let grant_type = form.require("grant_type")?;
    check_tenant(service, tenant)?;
    let (client_id, secret) = credentials(call, &form)?;
    if grant_type != "client_credentials" {
        return Err(Refusal::bad(
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        ));
    }
    let audience = audience(form.require("scope")?, &call.root)?;
    let mut access = service.access();
    if !client_id.eq_ignore_ascii_case(&access.client_id) {
        return Err(Refusal::bad(
            "unauthorized_client",
            700_016,
            unknown_application(&client_id, service.organization_name()),
        ));
    }
    check_secret(
        secret.as_deref(),
        &access.client_secret,
        access.expired_secret.as_deref(),
        &client_id,
    )?;
    let roles = access.roles.clone();
    let grant = Grant {
        audience,
        tenant_id: service.tenant_id(),
        client_id: &client_id,
        roles: &roles,
    };
    let lifetime = access.token_lifetime;
    let token = access.issuer.issue(&grant, service.now(), lifetime);
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime.as_secs(),
        "ext_expires_in": lifetime.as_secs(),
        "access_token": token,
    }))
}

/// What AADSTS700016 says.
pub(super) fn unknown_application(client_id: &str, organization: &str) -> String {
    format!(
        "Application with identifier '{client_id}' was not found in the directory '{organization}'. \
         This can happen if the application has not been installed by the administrator of the \
         tenant or consented to by any user in the tenant. You may have sent your authentication \
         request to the wrong tenant."
    )
}

/// The posted parameters.
struct Form(Vec<(String, String)>);

impl Form {
    fn parse(call: &Call) -> Result<Self, Refusal> {
        let content_type = call.header("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            // The real endpoint does not see parameters in any other type of body.
            return Err(Refusal::missing("grant_type"));
        }
        Ok(Self(decode_form(&String::from_utf8_lossy(&call.body))))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| &**value)
            .filter(|value| !value.is_empty())
    }

    fn require(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }
}

fn check_tenant(service: &Service, tenant: &str) -> Result<(), Refusal> {
    let tenant_lower = tenant.to_lowercase();
    if matches!(&*tenant_lower, "common" | "consumers") {
        return Err(Refusal::bad(
            "invalid_request",
            9_001_023,
            "The grant type isn't supported over the /common or /consumers endpoints. Please use \
             the /organizations or tenant-specific endpoint.",
        ));
    }
    if service.is_named(tenant) {
        return Ok(());
    }
    let plausible = tenant.contains('.') || Uuid::parse_str(tenant).is_ok();
    if !plausible {
        return Err(Refusal::bad(
            "invalid_request",
            900_023,
            format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid \
                 external domain."
            ),
        ));
    }
    Err(Refusal::bad(
        "invalid_tenant",
        90_002,
        format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud. Check with your subscription administrator, this \
             may happen if there are no active subscriptions for the tenant."
        ),
    ))
}

/// Client id and secret from the body, or from HTTP Basic (RFC 6749, section 2.3.1), where both are
/// form-encoded before they are joined.
fn credentials(call: &Call, form: &Form) -> Result<(String, Option<String>), Refusal> {
    if let Some((client_id, secret)) = call.header("authorization").and_then(basic) {
        return Ok((client_id, Some(secret).filter(|secret| !secret.is_empty())));
    }
    let client_id = form.require("client_id")?.to_owned();
    Ok((client_id, form.get("client_secret").map(str::to_owned)))
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        let pairs = decode_form(&format!("v={text}"));
        pairs.into_iter().next().map(|(_, value)| value)
    };
    Some((decode(client_id)?, decode(secret)?))
}

fn check_secret(
    secret: Option<&str>,
    good: &str,
    expired: Option<&str>,
    client_id: &str,
) -> Result<(), Refusal> {
    match secret {
        Some(secret) if secret == good => Ok(()),
        Some(secret) if Some(secret) == expired => Err(Refusal::client(
            7_000_222,
            format!(
                "The provided client secret keys for app '{client_id}' are expired. Visit the Azure \
                 portal to create new keys for your app: https://aka.ms/NewClientSecret, or \
                 consider using certificate credentials for added security: \
                 https://aka.ms/certCreds."
            ),
        )),
        Some(_) => Err(Refusal::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{client_id}'."
            ),
        )),
        None => Err(Refusal::client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        )),
    }
}

/// Whether a scope's resource is Graph: in any cloud, or the emulator itself.
pub(super) fn is_graph(resource: &str, root: &str) -> bool {
    GRAPH_ROOTS.contains(&resource) || resource == root || super::server::is_loopback_root(resource)
}

/// The resource of `<resource>/.default`; there is exactly one, and it is Graph.
fn audience(scope: &str, root: &str) -> Result<String, Refusal> {
    let refuse = |scope: &str| {
        Refusal::bad(
            "invalid_scope",
            70_011,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope \
                 {scope} is not valid."
            ),
        )
    };
    let mut scopes = scope.split_whitespace();
    let (Some(only), None) = (scopes.next(), scopes.next()) else {
        return Err(refuse(scope));
    };
    let resource = only.strip_suffix("/.default").ok_or_else(|| refuse(only))?;
    let resource = resource.trim_end_matches('/');
    if is_graph(resource, root) {
        Ok(resource.to_owned())
    } else {
        Err(refuse(only))
    }
}
