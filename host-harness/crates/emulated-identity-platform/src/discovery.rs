//! What a client asks before its first token: where the endpoints of a tenant are (OpenID Connect
//! Discovery 1.0, <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>), and
//! whether a host is one of Microsoft's at all
//! (<https://learn.microsoft.com/entra/msal/python/advanced/instance-discovery>).

use http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::context::Context;
use crate::refusal::Refusal;
use crate::tenant::{self, Named};
use crate::version::Version;
use emulated_http::is_loopback_root;
use emulated_http::{Call, Reply};

/// The clouds: the name to call, the name to keep tokens under, and all names.
const CLOUDS: [(&str, &str, &[&str]); 4] = [
    (
        "login.microsoftonline.com",
        "login.windows.net",
        &[
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ],
    ),
    (
        "login.partner.microsoftonline.cn",
        "login.partner.microsoftonline.cn",
        &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    ),
    (
        "login.microsoftonline.us",
        "login.microsoftonline.us",
        &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    ),
    (
        "login-us.microsoftonline.com",
        "login-us.microsoftonline.com",
        &["login-us.microsoftonline.com"],
    ),
];

/// The document at `/.well-known/openid-configuration`. Whatever name a tenant is asked for by, its
/// document speaks of its id.
///
/// # Errors
/// 400 for a tenant that is not there.
pub(crate) fn configuration(
    service: &Context<'_>,
    call: &Call,
    tenant: &str,
    version: Version,
) -> Result<Reply, Refusal> {
    let named = tenant::of_document(service, tenant)?;
    Ok(document(&configured(call, &named, version)))
}

/// Discovery documents may be kept for a day, and read by any page.
pub(crate) fn document(body: &Value) -> Reply {
    Reply::json(StatusCode::OK, body)
        .with_header("cache-control", "max-age=86400, private")
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-allow-methods", "GET, OPTIONS")
}

fn configured(call: &Call, named: &Named, version: Version) -> Value {
    let root = &call.root;
    let Named {
        segment, issuer, ..
    } = named;
    let host = authority(root);
    let (infix, keys, issuer, userinfo) = match version {
        Version::One => (
            "",
            "discovery/keys",
            format!("https://sts.windows.net/{issuer}/"),
            format!("{root}/{segment}/openid/userinfo"),
        ),
        Version::Two => (
            "/v2.0",
            "discovery/v2.0/keys",
            format!("{root}/{issuer}/v2.0"),
            format!("{root}/oidc/userinfo"),
        ),
    };
    let endpoint = |name: &str| format!("{root}/{segment}/oauth2{infix}/{name}");
    let mut body = json!({
        "token_endpoint": endpoint("token"),
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "private_key_jwt", "client_secret_basic",
        ],
        "jwks_uri": format!("{root}/{segment}/{keys}"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": userinfo,
        "authorization_endpoint": endpoint("authorize"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": endpoint("logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "kerberos_endpoint": format!("{root}/{segment}/kerberos"),
        "tenant_region_scope": if named.alone { json!("EU") } else { Value::Null },
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": host,
        "rbac_url": "https://pas.windows.net",
    });
    if version == Version::One
        && let Some(members) = body.as_object_mut()
    {
        members.remove("request_uri_parameter_supported");
        members.insert("scopes_supported".to_owned(), json!(["openid"]));
        members.insert("microsoft_multi_refresh_token".to_owned(), json!(true));
        members.insert(
            "check_session_iframe".to_owned(),
            json!(format!("{root}/{segment}/oauth2/checksession")),
        );
    }
    body
}

/// Host and port of a root.
fn authority(root: &str) -> &str {
    root.split_once("://").map_or(root, |(_, rest)| rest)
}

/// Whether the host of an authorisation endpoint is known. This emulator is, by any name of this
/// machine, and also where a client left the port out; the clouds are, whose tenants are here, too.
///
/// # Errors
/// 400 `invalid_instance` for any other host.
pub(crate) fn instance(call: &Call) -> Result<Reply, Refusal> {
    let asked = call
        .query
        .filled("authorization_endpoint")
        .ok_or_else(|| Refusal::missing_field("authorization_endpoint"))?;
    let unknown = || Refusal::bad("invalid_instance", 50_049, "Unknown or invalid instance.");
    let uri: Uri = asked.trim().parse().map_err(|_| unknown())?;
    let (Some(scheme), Some(at)) = (uri.scheme_str(), uri.authority()) else {
        return Err(unknown());
    };
    let of_cloud = CLOUDS.iter().any(|(_, _, names)| {
        let host = at.host();
        names.iter().any(|name| host.eq_ignore_ascii_case(name))
    });
    let here = is_loopback_root(&format!("{scheme}://{at}"));
    let mut segments = uri.path().split('/').filter(|segment| !segment.is_empty());
    let tenant = segments.next().filter(|_| here || of_cloud);
    let tenant = tenant.ok_or_else(unknown)?;
    let second = segments.any(|segment| segment.eq_ignore_ascii_case("v2.0"));
    let infix = if second { "/v2.0" } else { "" };
    let version = call.query.filled("api-version").unwrap_or("1.0");
    let mut body = json!({
        "tenant_discovery_endpoint":
            format!("{}/{tenant}{infix}/.well-known/openid-configuration", call.root),
    });
    if version == "1.1"
        && let Some(members) = body.as_object_mut()
    {
        members.insert("api-version".to_owned(), json!("1.1"));
        members.insert("metadata".to_owned(), json!(metadata(&call.root)));
    }
    Ok(document(&body))
}

fn metadata(root: &str) -> Vec<Value> {
    let own = authority(root);
    let host = own.rsplit_once(':').map_or(own, |(host, _)| host);
    let mut clouds = vec![json!({
        "preferred_network": own,
        "preferred_cache": own,
        "aliases": [own, host],
    })];
    clouds.extend(CLOUDS.iter().map(|(network, cache, aliases)| {
        json!({"preferred_network": network, "preferred_cache": cache, "aliases": aliases})
    }));
    clouds
}
