//! The keys of the tenant (RFC 7517), in the shape of the real ones.
//!
//! ID tokens are signed with them. The access tokens that the emulator issues cannot be verified with
//! them, and neither can the real ones for Graph: those are signed over a header that the client does not
//! get to see, because they are opaque to everybody but Graph
//! (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens>).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use crate::certificates::Certificate;
use crate::context::Context;
use crate::discovery::document;
use crate::refusal::Refusal;
use crate::tenant;
use crate::version::Version;
use emulated_http::{Call, Reply};

/// The certificate with its key. The key is public, as everything here: what it signs proves something to
/// clients of an emulator, and to nobody else.
const SIGNING: &str = include_str!("../fixtures/signing.pem");

static CERTIFICATE: LazyLock<Option<Certificate>> =
    LazyLock::new(|| Certificate::parse(SIGNING).ok());

static PRIVATE_KEY: LazyLock<Option<RsaKeyPair>> = LazyLock::new(|| {
    let der = PrivatePkcs8KeyDer::from_pem_slice(SIGNING.as_bytes()).ok()?;
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()
});

/// Signs claims as a JSON web token (RS256), which the key set verifies.
pub(crate) fn sign(claims: &Value) -> String {
    let key_id = CERTIFICATE.as_ref().map(key_id).unwrap_or_default();
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": key_id});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = PRIVATE_KEY.as_ref().and_then(|key| {
        let mut signature = vec![0; key.public().modulus_len()];
        let random = SystemRandom::new();
        key.sign(
            &RSA_PKCS1_SHA256,
            &random,
            signed.as_bytes(),
            &mut signature,
        )
        .ok()?;
        Some(signature)
    });
    let signature = URL_SAFE_NO_PAD.encode(signature.unwrap_or_default());
    format!("{signed}.{signature}")
}

fn key_id(certificate: &Certificate) -> String {
    URL_SAFE_NO_PAD.encode(certificate.sha1())
}

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
        let thumbprint = key_id(certificate);
        let (modulus, exponent) = certificate.rsa();
        let mut key = json!({
            "kty": "RSA",
            "use": "sig",
            "kid": thumbprint,
            "x5t": thumbprint,
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "x5c": [STANDARD.encode(certificate.der())],
        });
        if version == Version::Two {
            key["cloud_instance_name"] = json!("microsoftonline.com");
            key["issuer"] = json!(format!("{}/{}/v2.0", call.root, named.issuer));
        }
        key
    });
    Ok(document(&json!({"keys": keys.collect::<Vec<_>>()})))
}
