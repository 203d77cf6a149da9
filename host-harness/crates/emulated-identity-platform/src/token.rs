//! `POST /{tenant}/oauth2/v2.0/token` for client credentials
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>), and for the
//! code of somebody who signed in ([`redeemed`]; codes of errors:
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>), and the older
//! `/{tenant}/oauth2/token`, which asks for a `resource` and states numbers as text
//! (<https://learn.microsoft.com/previous-versions/azure/active-directory/azuread-dev/v1-oauth2-client-creds-grant-flow>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::access_token::Grant;
use crate::accounts::is_other_tenant;
use crate::application::Application;
use crate::assertion::{self, Expected, JWT_BEARER};
use crate::codes::Redemption;
use crate::context::Context;
use crate::refusal::{Refusal, unkept};
use crate::version::Version;
use crate::{audience, federated, id_token, tenant};
use emulated_directory::moments::unix;
use emulated_http::is_loopback_root;
use emulated_http::query::decode_form;
use emulated_http::{Call, Reply};

/// Answers a request for a token of the tenant that the path names.
///
/// # Errors
/// What is wrong with the request, the tenant, the resource, the application or its proof.
pub(crate) fn answer(
    service: &Context<'_>,
    call: &Call,
    tenant: &str,
    version: Version,
) -> Result<Reply, Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::wrong_method("POST", &call.method));
    }
    let form = Form::parse(call)?;
    let grant_type = form.require("grant_type")?;
    if grant_type == "authorization_code" && version == Version::Two {
        return redeemed(service, call, tenant, &form);
    }
    tenant::of_application(service, tenant)?;
    let (client_id, proof) = credentials(call, &form)?;
    if grant_type != "client_credentials" {
        return Err(Refusal::bad(
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        ));
    }
    let organization = service.organization_name();
    let audience = match version {
        Version::One => audience::of_resource(form.require("resource")?, &call.root, organization),
        Version::Two => audience::of_scope(form.require("scope")?, &call.root, organization),
    }?;
    service.settle_consent();
    let access = service.application();
    if !client_id.eq_ignore_ascii_case(&access.client_id) {
        return Err(Refusal::bad(
            "unauthorized_client",
            700_016,
            unknown_application(&client_id, organization),
        ));
    }
    check_proof(service, call, (&client_id, &proof), &access)?;
    let roles = access.roles.clone();
    let tenant_id = service.tenant_id();
    let grant = Grant {
        audience: audience.clone(),
        tenant_id: &tenant_id,
        client_id: &client_id,
        roles: &roles,
    };
    let (now, lifetime) = (service.now(), access.token_lifetime);
    let token = service.issuer().issue(&grant, now, lifetime);
    let textual = version == Version::One || service.textual_lifetimes();
    let seconds = |seconds: u64| match textual {
        true => json!(seconds.to_string()),
        false => json!(seconds),
    };
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": seconds(lifetime.as_secs()),
        "ext_expires_in": seconds(lifetime.as_secs()),
        "access_token": token,
    });
    if version == Version::One
        && let Some(members) = body.as_object_mut()
    {
        let expires_on = unix(now).saturating_add(lifetime.as_secs());
        members.insert("expires_on".to_owned(), seconds(expires_on));
        members.insert("not_before".to_owned(), seconds(unix(now)));
        members.insert("resource".to_owned(), Value::from(audience));
    }
    Ok(unkept(Reply::json(StatusCode::OK, &body)))
}

/// Answers whoever brings the code of somebody who signed in
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token>).
/// The ID token says who it was; the access token is good for nothing that an application may read.
fn redeemed(
    service: &Context<'_>,
    call: &Call,
    tenant: &str,
    form: &Form,
) -> Result<Reply, Refusal> {
    let (client_id, proof) = credentials(call, form)?;
    let redemption = Redemption {
        code: form.require("code")?,
        redirect_uri: form.require("redirect_uri")?,
        verifier: form.get("code_verifier"),
    };
    let (lifetime, client_id) = {
        let access = service.application();
        if !client_id.eq_ignore_ascii_case(&access.client_id) {
            return Err(Refusal::bad(
                "unauthorized_client",
                700_016,
                unknown_application(&client_id, service.organization_name()),
            ));
        }
        check_proof(service, call, (&client_id, &proof), &access)?;
        (access.token_lifetime, access.client_id.clone())
    };
    let now = service.now();
    let sign_in = service.codes().redeem(&redemption, now)?;
    let names_it = tenant.eq_ignore_ascii_case(&sign_in.tenant_id)
        || (service.is_named(tenant) && service.is_named(&sign_in.tenant_id))
        || ["organizations", "common"]
            .iter()
            .any(|any| tenant.eq_ignore_ascii_case(any));
    if !names_it {
        return Err(Refusal::bad(
            "invalid_grant",
            700_005,
            "Provided Authorization Code is intended to use against other tenant, thus rejected.",
        ));
    }
    let grant = Grant {
        audience: "https://graph.microsoft.com".to_owned(),
        tenant_id: &sign_in.tenant_id,
        client_id: &client_id,
        roles: &[],
    };
    let token = service.issuer().issue(&grant, now, lifetime);
    let mut body = json!({
        "token_type": "Bearer",
        "scope": sign_in.scope,
        "expires_in": lifetime.as_secs(),
        "ext_expires_in": lifetime.as_secs(),
        "access_token": token,
    });
    if sign_in
        .scope
        .split_whitespace()
        .any(|scope| scope == "openid")
    {
        let id_token = id_token::issue(service, &call.root, &client_id, &sign_in);
        body["id_token"] = Value::from(id_token);
    }
    Ok(unkept(Reply::json(StatusCode::OK, &body)))
}

/// What AADSTS700016 says.
pub(crate) fn unknown_application(client_id: &str, organization: &str) -> String {
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

/// How an application proves itself.
enum Proof {
    Secret(String),
    Assertion(String),
    Nothing,
}

/// Client id and proof from the body, or from HTTP Basic (RFC 6749, section 2.3.1), where id and
/// secret are form-encoded before they are joined.
fn credentials(call: &Call, form: &Form) -> Result<(String, Proof), Refusal> {
    let basic = call.header("authorization").and_then(basic);
    if let Some(assertion) = form.get("client_assertion") {
        let kind = form.require("client_assertion_type")?;
        if kind != JWT_BEARER {
            return Err(Refusal::bad(
                "invalid_request",
                50_027,
                format!("The client assertion type '{kind}' is not supported; use '{JWT_BEARER}'."),
            ));
        }
        let client_id = basic.map_or_else(
            || form.require("client_id").map(str::to_owned),
            |(client_id, _)| Ok(client_id),
        )?;
        return Ok((client_id, Proof::Assertion(assertion.to_owned())));
    }
    let of = |secret: Option<String>| {
        secret
            .filter(|secret| !secret.is_empty())
            .map_or(Proof::Nothing, Proof::Secret)
    };
    if let Some((client_id, secret)) = basic {
        return Ok((client_id, of(Some(secret))));
    }
    let client_id = form.require("client_id")?.to_owned();
    Ok((client_id, of(form.get("client_secret").map(str::to_owned))))
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

fn check_proof(
    service: &Context<'_>,
    call: &Call,
    (client_id, proof): (&str, &Proof),
    access: &Application,
) -> Result<(), Refusal> {
    match proof {
        Proof::Assertion(text)
            if federated::is_meant(text, client_id, &access.federated_credentials) =>
        {
            federated::check(text, &access.federated_credentials, service.now())
        }
        Proof::Assertion(text) => {
            let expected = Expected {
                client_id,
                is_audience: &|audience| is_this_service(service, call, audience),
                certificates: &access.certificates,
                now: service.now(),
            };
            assertion::check(text, &expected)
        }
        Proof::Secret(secret) if *secret == access.client_secret => Ok(()),
        Proof::Secret(secret) if Some(secret) == access.expired_secret.as_ref() => {
            Err(Refusal::client(
                7_000_222,
                format!(
                    "The provided client secret keys for app '{client_id}' are expired. Visit the \
                     Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, \
                     or consider using certificate credentials for added security: \
                     https://aka.ms/certCreds."
                ),
            ))
        }
        Proof::Secret(_) => Err(Refusal::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{client_id}'."
            ),
        )),
        Proof::Nothing => Err(Refusal::client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        )),
    }
}

/// Whether an assertion's audience is this service, for this tenant: the token endpoint of the
/// discovery document, or the issuer or authority that it belongs to.
fn is_this_service(service: &Context<'_>, call: &Call, audience: &str) -> bool {
    let Some((scheme, rest)) = audience.trim().split_once("://") else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let root = format!("{scheme}://{host}");
    let path = path.strip_suffix('/').unwrap_or(path);
    let (tenant, place) = path.split_once('/').unwrap_or((path, ""));
    let here = root.eq_ignore_ascii_case(&call.root) || is_loopback_root(&root);
    let known = ["", "v2.0", "oauth2/token", "oauth2/v2.0/token"];
    let named = service.is_named(tenant) || is_other_tenant(tenant);
    here && named && known.iter().any(|known| place.eq_ignore_ascii_case(known))
}
