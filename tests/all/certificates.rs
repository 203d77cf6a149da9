//! What an application signs in with beside a secret: a certificate, and the token of another issuer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use host_harness::contract::{Check, CheckStatus, RunStatus, SigningError};
use host_harness::graph_emulator::FederatedCredential;
use host_harness::runtime::imports::{NoSecrets, SecretsInMemory, Signer, Signing};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use signing_keys::SigningKey;

use crate::world::{World, connector, people};

/// A certificate with its private key, and the certificate alone.
pub const APPLICATION: &str =
    include_str!("../../host-harness/crates/signing-keys/fixtures/application.pem");
pub const CERTIFICATE: &str =
    include_str!("../../host-harness/crates/signing-keys/fixtures/certificate.pem");

const ISSUER: &str = "https://oidc.cluster.example";
const SUBJECT: &str = "system:serviceaccount:sync:connector";
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Keys in memory, by name.
#[derive(Default)]
struct Keys(BTreeMap<&'static str, Arc<SigningKey>>);

impl Keys {
    fn holding(pem: &str) -> Self {
        let key = SigningKey::read(pem.as_bytes(), None).unwrap();
        Self(BTreeMap::from([("app-key", Arc::new(key))]))
    }
}

impl Signing for Keys {
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        let key = self.0.get(name).ok_or(SigningError::NotFound)?;
        Ok(key.clone())
    }
}

/// A world whose document has these credentials, and whose host has a key and no secret.
async fn with(credentials: Value) -> World {
    let mut world = World::with(people(3), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let mut document: Value = serde_json::from_str(&world.document).unwrap();
    let client = document["credentials"]["clientId"].clone();
    document["credentials"] = credentials;
    document["credentials"]["clientId"] = client;
    world.document = document.to_string();
    world.workspace.secrets = Arc::new(NoSecrets);
    world.workspace.signing = Arc::new(Keys::holding(APPLICATION));
    world
}

fn by_certificate() -> Value {
    json!({ "certificate": { "key": "app-key" } })
}

/// The first check of the connection test, which has failed.
async fn failed_token(world: &World) -> Check {
    let report = world.configure().await.unwrap();
    let check = report.checks.into_iter().next().unwrap();
    assert_eq!(check.status, CheckStatus::Failed, "{check:?}");
    assert!(check.advice.is_some(), "{check:?}");
    check
}

/// A token of another issuer, signed with the application's key, which that issuer happens to have.
fn token(issuer: &str, subject: &str, audience: &str, until: SystemTime) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let until = until.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let message = format!(
        "{}.{}",
        part(json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"})),
        part(json!({"iss": issuer, "sub": subject, "aud": [audience], "exp": until.as_secs()}))
    );
    let key = issuers_key();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn issuers_key() -> RsaKeyPair {
    let start = APPLICATION.find("-----BEGIN PRIVATE KEY-----\n").unwrap();
    let lines = APPLICATION[start..].lines().skip(1);
    let body: String = lines.take_while(|line| !line.contains("-----")).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap()
}

/// The federated credential that such a token is for.
fn federated_credential() -> FederatedCredential {
    let key = issuers_key();
    let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
    serde_json::from_value(json!({
        "name": "cluster", "issuer": ISSUER, "subject": SUBJECT, "audiences": [AUDIENCE],
        "jwks": {"keys": [{
            "kty": "RSA", "kid": "key-1",
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        }]},
    }))
    .unwrap()
}

fn in_minutes(minutes: u64) -> SystemTime {
    SystemTime::now() + Duration::from_secs(60 * minutes)
}

async fn federated(token: &str) -> World {
    let mut world = with(json!({ "federated": { "token": "cluster" } })).await;
    world.workspace.secrets = Arc::new(SecretsInMemory::new([("cluster", token)]));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_without_any_secret() {
    for credentials in [
        by_certificate(),
        json!({ "certificate": { "key": "app-key", "sendChain": true } }),
    ] {
        let world = with(credentials).await;
        world.control().register_certificate(CERTIFICATE).unwrap();
        let report = world.configure().await.unwrap();
        assert!(report.ready, "{:?}", report.checks);
        assert!(report.checks[0].message.contains("certificate"));
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        assert_eq!(run.counts.created, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_registered_is_told_by_its_thumbprint_and_nothing_is_lost() {
    let world = with(by_certificate()).await;
    world.control().register_certificate(CERTIFICATE).unwrap();
    world.sync().await;
    let before = world.contacts();
    let thumbprint = world.control().certificates()[0].thumbprint.clone();
    assert!(world.control().remove_certificate(&thumbprint));
    let check = failed_token(&world).await;
    assert_eq!(check.code.as_deref(), Some("AADSTS700027"));
    assert!(check.message.contains(&thumbprint), "{check:?}");
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(world.contacts(), before);
    world.control().register_certificate(CERTIFICATE).unwrap();
    assert_eq!(world.full_sync().await.status, RunStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_host_does_not_have_is_told_before_anybody_is_asked() {
    let mut world = with(by_certificate()).await;
    world.workspace.signing = Arc::new(Keys::default());
    let check = failed_token(&world).await;
    assert_eq!(check.code.as_deref(), Some("key-not-found"));
    assert!(check.message.contains("app-key"), "{check:?}");
    assert_eq!(world.control().overview().counters.token_requests, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federated_token_signs_in_and_one_that_does_not_fit_is_told_by_what_does_not() {
    let good = token(ISSUER, SUBJECT, AUDIENCE, in_minutes(5));
    let world = federated(&good).await;
    world
        .control()
        .register_federated_credential(federated_credential(), Duration::ZERO)
        .unwrap();
    assert!(world.configure().await.unwrap().ready);
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    let other_audience = token(
        ISSUER,
        SUBJECT,
        "api://AzureADTokenExchangeUSGov",
        in_minutes(5),
    );
    for (token, code) in [
        (other_audience, "AADSTS7002121"),
        (
            token("https://other", SUBJECT, AUDIENCE, in_minutes(5)),
            "AADSTS700211",
        ),
        (
            token(ISSUER, "somebody", AUDIENCE, in_minutes(5)),
            "AADSTS700213",
        ),
        (
            token(ISSUER, &SUBJECT.to_uppercase(), AUDIENCE, in_minutes(5)),
            "AADSTS7002138",
        ),
        (
            token(ISSUER, SUBJECT, AUDIENCE, SystemTime::UNIX_EPOCH),
            "AADSTS700024",
        ),
        ("no token".to_owned(), "federated-token-unusable"),
    ] {
        let mut world = federated(&token).await;
        world
            .control()
            .register_federated_credential(federated_credential(), Duration::ZERO)
            .unwrap();
        let check = failed_token(&world).await;
        assert_eq!(check.code.as_deref(), Some(code), "{check:?}");
        assert!(!format!("{check:?}").contains(&token), "{check:?}");
        // The host gives the newest each time.
        world.workspace.secrets = Arc::new(SecretsInMemory::new([("cluster", good.as_str())]));
        assert!(world.configure().await.unwrap().ready, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_credential_takes_the_others_place_the_second_signs_in_and_the_run_says_so() {
    let mut world = with(json!({
        "certificate": { "key": "app-key" }, "fallback": { "secret": "client-secret" },
    }))
    .await;
    world.workspace.secrets =
        Arc::new(SecretsInMemory::new([("client-secret", "emulator-secret")]));
    let report = world.configure().await.unwrap();
    assert!(report.ready, "{:?}", report.checks);
    assert_eq!(report.checks[0].status, CheckStatus::Warning);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Warnings, "{run:?}");
    let told = |message: &str| message.contains("app-key") && message.contains("client-secret");
    assert!(
        run.warnings.iter().any(|warning| told(&warning.message)),
        "{:?}",
        run.warnings
    );
    world.control().register_certificate(CERTIFICATE).unwrap();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_warned_of_in_the_report_without_a_signature() {
    struct Ending(Duration);
    impl Signing for Ending {
        fn get(&self, _: &str) -> Result<Arc<dyn Signer>, SigningError> {
            Ok(Arc::new(Self(self.0)))
        }
    }
    impl Signer for Ending {
        fn certificate(&self) -> host_harness::contract::Certificate {
            let ends = SystemTime::now() + self.0;
            let ends = ends.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            host_harness::contract::Certificate {
                thumbprint_sha256: vec![0; 32],
                thumbprint_sha1: vec![0; 20],
                not_before_ms: 0,
                not_after_ms: u64::try_from(ends.as_millis()).unwrap(),
            }
        }
        fn chain(&self) -> Vec<Vec<u8>> {
            panic!("the chain is not asked for")
        }
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SigningError> {
            panic!("nothing is signed")
        }
    }
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let mut world = with(by_certificate()).await;
    for (left, words) in [
        (31 * DAY, None),
        (29 * DAY, Some("expires on")),
        (6 * DAY, Some("within 6 days")),
        (DAY / 2, Some("within a day")),
    ] {
        world.workspace.signing = Arc::new(Ending(left));
        let request = host_harness::contract::ReportRequest { running: false };
        let report = connector()
            .report(&world.workspace, &world.document, request)
            .await;
        let warnings = report.result.unwrap().warnings;
        match words {
            None => assert_eq!(warnings, Vec::<String>::new()),
            Some(words) => assert!(warnings[0].contains(words), "{warnings:?}"),
        }
    }
}
