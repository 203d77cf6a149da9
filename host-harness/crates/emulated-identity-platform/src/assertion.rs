//! `client_assertion`: an application proves itself with a JWT that its certificate's key signed
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>, RFC 7523).
//!
//! What clients send differs, and all of it is taken: RS256 with the SHA-1 thumbprint (`x5t`), PS256
//! with the SHA-256 one (`x5t#S256`), either with the `=` of base64 or without; `exp` and `iat` with
//! decimals; no `nbf`; an `x5c` of any spelling, which decides nothing where the certificate itself
//! is registered. Entra does not say that an assertion is good for one use only, so it is good for
//! as many as its time allows.

use std::time::SystemTime;

use base64::Engine;
use ring::signature::{self, VerificationAlgorithm};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::base64url::BASE64;
use crate::certificates::{Certificate, hexadecimal};
use crate::jwt::{Jwt, malformed};
use crate::refusal::Refusal;
use emulated_directory::moments;

/// The one type of assertion that proves a client (RFC 7523, section 2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead a client's clock may be; how far behind is not documented.
const CLOCK_SKEW: f64 = 300.0;

const DOCUMENTATION: &str = "Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .";

/// What an assertion has to be.
pub(crate) struct Expected<'a> {
    pub(crate) client_id: &'a str,
    /// Whether something is a name of this sign-in service.
    pub(crate) is_audience: &'a dyn Fn(&str) -> bool,
    pub(crate) certificates: &'a [Certificate],
    pub(crate) now: SystemTime,
}

/// Checks an assertion.
///
/// # Errors
/// What Entra says: 50027 no JWT, 90014 a claim missing, 5002738 another algorithm, 5002723 no
/// thumbprint, 700021 another application's, 700027 not signed by a registered certificate, 700023
/// meant for somebody else, 700024 too early or too late.
pub(crate) fn check(assertion: &str, expected: &Expected<'_>) -> Result<(), Refusal> {
    let jwt = Jwt::parse(assertion).ok_or_else(malformed)?;
    let algorithm = algorithm(jwt.header("alg").unwrap_or("none"))?;
    let thumbprint = Thumbprint::of(&jwt)?;
    let (issuer, subject) = (jwt.claim("iss")?, jwt.claim("sub")?);
    if ![issuer, subject]
        .iter()
        .all(|named| named.eq_ignore_ascii_case(expected.client_id))
    {
        return Err(Refusal::client(
            700_021,
            format!(
                "Client assertion application identifier doesn't match 'client_id' parameter. \
                 {DOCUMENTATION}"
            ),
        ));
    }
    check_signature(&jwt, algorithm, &thumbprint, expected)?;
    check_audience(&jwt, expected)?;
    check_time(&jwt, moments::unix_exact(expected.now))
}

fn algorithm(name: &str) -> Result<&'static dyn VerificationAlgorithm, Refusal> {
    match name {
        "PS256" => Ok(&signature::RSA_PSS_2048_8192_SHA256),
        "RS256" => Ok(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => Ok(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => Ok(&signature::RSA_PKCS1_2048_8192_SHA512),
        _ => Err(Refusal::client(
            5_002_738,
            format!(
                "Invalid JWT token. '{name}' is not a supported signature algorithm. Supported \
                 signing algorithms are: 'RS256, RS384, RS512, PS256'"
            ),
        )),
    }
}

/// How the header says which certificate it was.
enum Thumbprint {
    Sha256(Vec<u8>),
    Sha1(Vec<u8>),
    KeyId(String),
}

impl Thumbprint {
    fn of(jwt: &Jwt<'_>) -> Result<Self, Refusal> {
        let decoded = |text: &str| BASE64.decode(text).map_err(|_| malformed());
        if let Some(text) = jwt.header("x5t#S256") {
            Ok(Self::Sha256(decoded(text)?))
        } else if let Some(text) = jwt.header("x5t") {
            Ok(Self::Sha1(decoded(text)?))
        } else if let Some(key_id) = jwt.header("kid") {
            Ok(Self::KeyId(key_id.to_owned()))
        } else {
            Err(Refusal::client(
                5_002_723,
                "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 \
                 thumbprint, nor keyId specified in token header.",
            ))
        }
    }

    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Sha256(hash) => hash == certificate.sha256(),
            Self::Sha1(hash) => hash == certificate.sha1(),
            Self::KeyId(name) => {
                certificate.is_named(name)
                    || BASE64
                        .decode(name)
                        .is_ok_and(|hash| hash == certificate.sha1())
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Sha256(hash) | Self::Sha1(hash) => hexadecimal(hash),
            Self::KeyId(name) => name.clone(),
        }
    }
}

fn check_signature(
    jwt: &Jwt<'_>,
    algorithm: &'static dyn VerificationAlgorithm,
    thumbprint: &Thumbprint,
    expected: &Expected<'_>,
) -> Result<(), Refusal> {
    let shown = thumbprint.shown();
    let refuse = |what: &str, reason: &str, found: &str| {
        Refusal::client(
            700_027,
            format!(
                "{what} [Reason - {reason}, Thumbprint of key used by client: '{shown}'{found}, \
                 Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see \
                 configured keys for app Id '{}'.]",
                expected.client_id
            ),
        )
    };
    let certificate = expected
        .certificates
        .iter()
        .find(|certificate| thumbprint.names(certificate))
        .ok_or_else(|| {
            refuse(
                "The certificate with identifier used to sign the client assertion is not \
                 registered on application.",
                "The key was not found.",
                "",
            )
        })?;
    let (start, end) = certificate.validity();
    let found = format!(
        ", Found key 'Start={}, End={}'",
        slashed(start),
        slashed(end)
    );
    let now = OffsetDateTime::from(expected.now);
    if now < start || now > end {
        return Err(refuse(
            "The certificate with identifier used to sign the client assertion is expired on \
             application.",
            "The key used is expired.",
            &found,
        ));
    }
    if !certificate.signed(algorithm, jwt.message.as_bytes(), &jwt.signature) {
        return Err(refuse(
            "Client assertion failed signature validation.",
            "The provided signature value did not match the expected signature value.",
            &found,
        ));
    }
    Ok(())
}

fn check_audience(jwt: &Jwt<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let meant = match jwt.claims.get("aud") {
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .any(expected.is_audience),
        _ => (expected.is_audience)(jwt.claim("aud")?),
    };
    if meant {
        return Ok(());
    }
    Err(Refusal::client(
        700_023,
        format!("Client assertion audience claim does not match Realm issuer. {DOCUMENTATION}"),
    ))
}

/// Whether an assertion's time is now.
///
/// # Errors
/// 700024 too early or too late.
pub(crate) fn check_time(jwt: &Jwt<'_>, now: f64) -> Result<(), Refusal> {
    let until = jwt.moment("exp")?.unwrap_or(0.0);
    let issued = jwt.moment("iat")?;
    let from = jwt.moment("nbf")?;
    if now < until && from.is_none_or(|from| from <= now + CLOCK_SKEW) {
        return Ok(());
    }
    let from = from.or(issued).unwrap_or(0.0);
    Err(Refusal::client(
        700_024,
        format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion \
             valid from {}, expiry time of assertion {}. {DOCUMENTATION}",
            moments::ticks(now),
            moments::ticks(from),
            moments::ticks(until)
        ),
    ))
}

/// `07/18/2023 09:05:10`.
fn slashed(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[month]/[day]/[year] [hour]:[minute]:[second]"
        ))
        .unwrap_or_default()
}
