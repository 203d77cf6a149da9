//! The application proves itself with its certificate
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>, RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_contract::SigningError;
use connector_contract::imports::Signer;
use serde_json::{Value, json};
use uuid::Uuid;

/// What the parameter `client_assertion_type` says.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long one is good for, in seconds: within what Microsoft recommends.
const LIFETIME: u64 = 300;

/// A JSON web token by which an application proves itself to a token endpoint, now.
pub(crate) fn client_assertion(
    signer: &dyn Signer,
    client_id: &str,
    token_endpoint: &str,
    now_seconds: u64,
) -> Result<String, SigningError> {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let thumbprint = URL_SAFE_NO_PAD.encode(signer.certificate().thumbprint_sha256);
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint });
    let claims = json!({
        "aud": token_endpoint,
        "iss": client_id,
        "sub": client_id,
        "jti": Uuid::new_v4().to_string(),
        "iat": now_seconds,
        "nbf": now_seconds,
        "exp": now_seconds.saturating_add(LIFETIME),
    });
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = signer.sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
