//! `credentials`: a secret, a certificate, a token of another issuer, and two of them.

use entra_directory::connection::Credential;
use guest_kit::Timestamp;
use serde_json::{Value, json};

use super::super::test_fixture::{accepted, refused, store};
use super::{CLIENT, connected, one_problem, with};

fn document(mut credentials: Value) -> Value {
    credentials["clientId"] = json!(CLIENT);
    with(connected(), "", "credentials", credentials)
}

fn read(credentials: Value) -> (Credential, Option<Credential>) {
    let settings = accepted(&document(credentials));
    let connection = settings.connection.expect("a connection");
    (connection.credential, connection.fallback)
}

#[test]
fn each_kind_of_credential_is_read() {
    let secret = |expires| Credential::Secret {
        name: "client-secret".to_owned(),
        expires,
    };
    let certificate = |send_chain| Credential::Certificate {
        key: "app-key".to_owned(),
        send_chain,
    };
    let federated = Credential::Federated {
        token: "cluster".to_owned(),
    };
    for (credentials, expected) in [
        (json!({"secret": "client-secret"}), secret(None)),
        (
            json!({"secret": "client-secret", "secretExpires": "2027-06-30"}),
            secret(Some(Timestamp(1_814_313_600_000))),
        ),
        (
            json!({"certificate": {"key": "app-key"}}),
            certificate(false),
        ),
        (
            json!({"certificate": {"key": "app-key", "sendChain": true}}),
            certificate(true),
        ),
        (json!({"federated": {"token": "cluster"}}), federated),
    ] {
        assert_eq!(read(credentials), (expected, None));
    }
    let (first, fallback) = read(json!({
        "certificate": {"key": "app-key"}, "fallback": {"secret": "client-secret"},
    }));
    assert_eq!((first, fallback), (certificate(false), Some(secret(None))));
}

#[test]
fn what_is_wrong_with_a_credential_is_told_where_it_stands() {
    for (credentials, pointer, phrase) in [
        (json!({}), "/credentials", "`certificate` or `federated`"),
        (
            json!({"secret": "a", "certificate": {"key": "b"}}),
            "/credentials/certificate",
            "as `fallback`",
        ),
        (
            json!({"certificate": "app-key"}),
            "/credentials/certificate",
            "an object in braces",
        ),
        (
            json!({"certificate": {}}),
            "/credentials/certificate",
            "`key` is missing",
        ),
        (
            json!({"certificate": {"key": "k", "pem": "-----BEGIN"}}),
            "/credentials/certificate/pem",
            "not a key of this object",
        ),
        (
            json!({"certificate": {"key": "k", "sendChain": "yes"}}),
            "/credentials/certificate/sendChain",
            "true or false",
        ),
        (
            json!({"federated": {}}),
            "/credentials/federated",
            "`token` is missing",
        ),
        (
            json!({"secret": "a", "secretExpires": "30.06.2027"}),
            "/credentials/secretExpires",
            "such as 2027-06-30",
        ),
        (
            json!({"secret": "a", "secretExpires": "2027-02-29"}),
            "/credentials/secretExpires",
            "such as 2027-06-30",
        ),
        (
            json!({"secret": "a", "fallback": {}}),
            "/credentials/fallback",
            "`secret` is missing",
        ),
        (
            json!({"secret": "a", "fallback": {"secret": "a"}}),
            "/credentials/fallback",
            "name another one",
        ),
    ] {
        one_problem(&document(credentials), &store(), pointer, &[phrase]);
    }
}

#[test]
fn a_token_or_a_key_in_the_place_of_its_name_is_refused_and_not_repeated() {
    let pasted = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJKYW5lIn0.c2lnbmF0dXJlOF9RNzE";
    for credentials in [
        json!({"federated": {"token": pasted}}),
        json!({"certificate": {"key": pasted}}),
    ] {
        let problems = refused(&document(credentials), &store());
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert!(!format!("{problems:?}").contains("eyJ"), "{problems:#?}");
    }
}

#[test]
fn what_the_application_signs_in_with_decides_nothing_about_people() {
    let fingerprint = |credentials| accepted(&document(credentials)).fingerprint;
    assert_eq!(
        fingerprint(json!({"secret": "a"})),
        fingerprint(
            json!({"certificate": {"key": "b"}, "fallback": {"federated": {"token": "c"}}})
        )
    );
}
