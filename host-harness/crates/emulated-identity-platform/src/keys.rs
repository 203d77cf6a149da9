//! The keys of the tenant (RFC 7517), in the shape of the real ones.
//!
//! The access tokens that the emulator issues cannot be verified with them. That is so with the real
//! ones for Graph: they are signed over a header that the client does not get to see, because they
//! are opaque to everybody but Graph
//! (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens>).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::certificates::Certificate;
use crate::context::Context;
use crate::discovery::document;
use crate::refusal::Refusal;
use crate::tenant;
use crate::version::Version;
use emulated_http::{Call, Reply};

/// A certificate whose key nobody has.
const SIGNING: &str = "\
    MIICzjCCAbagAwIBAgIUCQJWAiZdMykylJakwCkBbV2Wzy4wDQYJKoZIhvcNAQELBQAwITEfMB0GA1UEAwwWR3Jh\
    cGggZW11bGF0b3Igc2lnbmluZzAeFw0yMDAxMDEwMDAwMDBaFw00OTEyMzEwMDAwMDBaMCExHzAdBgNVBAMMFkdy\
    YXBoIGVtdWxhdG9yIHNpZ25pbmcwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCk20vbKMFWb1r6/l6g\
    6KcAqyC3XD25zcthJ+3rqbiRpmEZm+LZFhqBuM4CCfKzsTdOawzE42zazz90o+n7S+nwQKCcrlHgpFdIb/El6Ddl\
    9zbxRh6EGmvweT8SDi3Z5r9zVQz3cuVt1ERYxzJzVER49DjcXPZpCs3g4qwhtacJeASQXutRCZzkM/4weyXr44ft\
    VB7RAyhuxZ3wE4ACcLfStRPZRGnZMEsd0R3kUvPzgT2D7fiTeRlbW7lO1+fzCT9g6ofTeqnoJEGLWllbMl8xUqeU\
    RyjKHccW3XYZl8II+NG2En+u7zIv1LY4z3fv2ucnfOuE0P4Q9Ukfl3rLwle/AgMBAAEwDQYJKoZIhvcNAQELBQAD\
    ggEBAA1CI29/bleriLkIF066Bhe76bh4kJrHN21QMV9RhgZbKpsSmZjs82CUQNNDRDijfCDYQ+Woh/Jll/izXK60\
    r1+Hht7qlRobI7VhYlAHSIsNb0hoGvCuQt1CiTBhb5lXDpCtQga9H4QcH5Wlv+D4gTMq7PNqOZFIg06W3yFu34Gv\
    A3FossAM8kxTZ090KdDqnXaTC51THTpebcsgklVAHNPQczSvcUMKWxEFIq5spyjCiXQ0CUintGRzAhPmWqfTARnA\
    a34dm7TI3IU0gIwrDGxvSC+OpJm5zHIcEaxHMugQTmSFLFU55kLKEk3rBLr6Yr3YD4wXOM2LpAvVLLJeovs=";

static CERTIFICATE: LazyLock<Option<Certificate>> =
    LazyLock::new(|| Certificate::parse(SIGNING).ok());

/// The key set of a tenant.
///
/// # Errors
/// 400 for a tenant that is not there.
pub(crate) fn answer(
    service: &Context<'_>,
    call: &Call,
    tenant: &str,
    version: Version,
) -> Result<Reply, Refusal> {
    let named = tenant::of_document(service, tenant)?;
    let keys = CERTIFICATE.iter().map(|certificate| {
        let thumbprint = URL_SAFE_NO_PAD.encode(certificate.sha1());
        let (modulus, exponent) = certificate.rsa();
        let mut key = json!({
            "kty": "RSA",
            "use": "sig",
            "kid": thumbprint,
            "x5t": thumbprint,
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "x5c": [SIGNING],
        });
        if version == Version::Two {
            key["cloud_instance_name"] = json!("microsoftonline.com");
            key["issuer"] = json!(format!("{}/{}/v2.0", call.root, named.issuer));
        }
        key
    });
    Ok(document(&json!({"keys": keys.collect::<Vec<_>>()})))
}
