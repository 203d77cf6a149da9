//! An application with a certificate, and the assertions by which it proves itself.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DnType, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::NOW;
use crate::certificates::Certificate;

/// Certificate and private key, as clients take them from one file.
const BOTH: &str = include_str!("../../fixtures/application.pem");

/// The private key by itself.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

/// The certificate in PEM, and its thumbprints: SHA-1, SHA-256.
pub(crate) fn certificate() -> (String, [Vec<u8>; 2]) {
    let start = BOTH.find("-----BEGIN CERTIFICATE").unwrap();
    let end = BOTH.find("-----BEGIN PRIVATE KEY").unwrap();
    let pem = BOTH[start..end].to_owned();
    let read = Certificate::parse(&pem).unwrap();
    let thumbprints = [read.sha1().to_vec(), read.sha256().to_vec()];
    (pem, thumbprints)
}

/// Another certificate of the same key, valid in those years.
pub(super) fn certificate_of_years(from: i32, until: i32) -> String {
    let key = KeyPair::from_pem(&BOTH[BOTH.find("-----BEGIN PRIVATE KEY").unwrap()..]).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "Application of other years");
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    params.self_signed(&key).unwrap().pem()
}

/// A JWT under construction: by default one that is taken, as msal for Python 1.39 makes them.
#[derive(Clone)]
pub(super) struct Assertion {
    pub(super) header: Value,
    pub(super) claims: Value,
    encoding: &'static dyn RsaEncoding,
}

impl Assertion {
    pub(super) fn new(client_id: &str, audience: &str) -> Self {
        let (pem, [_, sha256]) = certificate();
        let body: String = pem.lines().filter(|line| !line.contains("-----")).collect();
        let (line, rest) = body.split_at(64);
        Self {
            header: json!({
                "typ": "JWT",
                "alg": "PS256",
                "x5t#S256": URL_SAFE.encode(sha256),
                "x5c": [format!("\n{line}\n{rest}\n")],
            }),
            #[expect(
                clippy::cast_precision_loss,
                reason = "seconds of this century are exact"
            )]
            claims: json!({
                "aud": audience,
                "iss": client_id,
                "sub": client_id,
                "exp": NOW as f64 + 600.273_218,
                "iat": NOW as f64 + 0.273_218,
                "jti": "5d6c0a2e-5b0f-4a4a-9d3f-0f6f3d1f6a10",
            }),
            encoding: &RSA_PSS_SHA256,
        }
    }

    /// RS256, with the thumbprint that goes with it in older clients.
    pub(super) fn older(mut self) -> Self {
        let (_, [sha1, _]) = certificate();
        self.header = json!({"typ": "JWT", "alg": "RS256", "x5t": URL_SAFE.encode(sha1)});
        self.encoding = &RSA_PKCS1_SHA256;
        self
    }

    /// As msal-node makes them: no `=`, whole seconds, an `nbf`.
    pub(super) fn of_node(mut self) -> Self {
        let (_, [_, sha256]) = certificate();
        self.header = json!({
            "typ": "JWT", "alg": "PS256", "x5t#S256": URL_SAFE_NO_PAD.encode(sha256),
        });
        self.with_claim("exp", json!(NOW + 600))
            .with_claim("nbf", json!(NOW))
            .without_claim("iat")
    }

    pub(super) fn with_claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    pub(super) fn without_claim(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    pub(super) fn with_header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    pub(super) fn without_header(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name);
        self
    }

    pub(super) fn signed(&self) -> String {
        let start = BOTH.find("-----BEGIN PRIVATE KEY").unwrap();
        let der = PrivatePkcs8KeyDer::from_pem_slice(&BOTH.as_bytes()[start..]).unwrap();
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let mut signature = vec![0; key.public().modulus_len()];
        let random = SystemRandom::new();
        key.sign(self.encoding, &random, message.as_bytes(), &mut signature)
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The public key of the application's certificate as an issuer would publish it (RFC 7517).
pub(super) fn jwk(kid: &str) -> Value {
    let certificate = Certificate::parse(&certificate().0).unwrap();
    let (modulus, exponent) = certificate.rsa();
    json!({
        "kty": "RSA", "use": "sig", "kid": kid,
        "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
    })
}

/// The certificate's DER in base64, as Graph's `keyCredentials` carry it.
pub(super) fn der_in_base64() -> String {
    let (pem, _) = certificate();
    let body: String = pem.lines().filter(|line| !line.contains("-----")).collect();
    assert!(STANDARD.decode(&body).is_ok());
    body
}
