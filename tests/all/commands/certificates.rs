//! A certificate on the command line.

use std::fs;

use serde_json::{Value, json};

use super::desk::Desk;
use crate::certificates::{APPLICATION, CERTIFICATE};
use crate::world::people;

const FIXTURES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../host-harness/crates/signing-keys/fixtures"
);

/// A desk whose configuration signs in with a certificate.
async fn desk() -> Desk {
    let desk = Desk::with(people(3)).await;
    desk.configure(json!({ "preset": "mirror" }));
    let path = desk.path("connector.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let credentials = document["credentials"].as_object_mut().unwrap();
    credentials.remove("secret");
    credentials.insert("certificate".to_owned(), json!({ "key": "app-key" }));
    fs::write(&path, document.to_string()).unwrap();
    desk.emulator
        .control()
        .register_certificate(CERTIFICATE)
        .unwrap();
    fs::write(desk.path("app.pem"), APPLICATION).unwrap();
    fs::write(desk.path("password.txt"), "open sesame\n").unwrap();
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_again_by_the_other_commands_and_its_text_is_kept_nowhere() {
    let desk = desk().await;
    desk.run(&["connect", "connector.json", "--certificate", "app.pem"])
        .with(0);
    desk.run(&["sync"]).with(0);
    assert_eq!(desk.contacts().len(), 3);
    let kept = fs::read_to_string(desk.path("data/certificates.json")).unwrap();
    assert!(
        kept.contains("app.pem") && !kept.contains("PRIVATE"),
        "{kept}"
    );
    let report = desk.run(&["report", "--json"]).with(0).json();
    assert_eq!(report["warnings"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pkcs12_is_opened_with_its_password_and_a_wrong_one_is_told() {
    let desk = desk().await;
    fs::copy(format!("{FIXTURES}/modern.pfx"), desk.path("app.pfx")).unwrap();
    let certificate = "app-key=@app.pfx";
    let connect = ["connect", "connector.json", "--certificate", certificate];
    let ended = desk.run(&connect);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("give the password"), "{}", ended.err);
    fs::write(desk.path("wrong.txt"), "hunter2").unwrap();
    let with = |password: &'static str| {
        let mut arguments = connect.to_vec();
        arguments.extend(["--certificate-password", password]);
        desk.run(&arguments)
    };
    let ended = with("app-key=@wrong.txt");
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(
        ended.err.contains("does not open it") && !ended.err.contains("hunter2"),
        "{}",
        ended.err
    );
    // One that was given itself is not repeated.
    let ended = with("hunter2");
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    with("app-key=@password.txt").with(0);
    desk.run(&["sync"]).with(0);
    assert_eq!(desk.contacts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_wrong_usage_and_nothing_is_saved() {
    let desk = desk().await;
    let other_key = fs::read_to_string(format!("{FIXTURES}/other-key.pem")).unwrap();
    fs::write(
        desk.path("wrong-key.pem"),
        format!("{other_key}{CERTIFICATE}"),
    )
    .unwrap();
    fs::copy(
        format!("{FIXTURES}/elliptic.pem"),
        desk.path("elliptic.pem"),
    )
    .unwrap();
    for (file, words) in [
        ("wrong-key.pem", "not that of the certificate"),
        ("elliptic.pem", "not RSA"),
        ("missing.pem", "cannot be read"),
    ] {
        let ended = desk.run(&["connect", "connector.json", "--certificate", file]);
        assert_eq!(ended.code, 2, "{}", ended.err);
        assert!(ended.err.contains(words), "{}", ended.err);
    }
    assert!(!desk.path("data/certificates.json").exists());
    let ended = desk.run(&["connect", "connector.json"]);
    assert!(
        format!("{}{}", ended.out, ended.err).contains("--certificate app-key=@FILE"),
        "{}",
        ended.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_given_without_a_name_takes_the_place_of_those_with_one() {
    let desk = desk().await;
    let connect = |certificate| {
        let arguments = ["connect", "connector.json", "--certificate", certificate];
        desk.run(&arguments).with(0);
        fs::read_to_string(desk.path("data/certificates.json")).unwrap()
    };
    assert!(connect("app-key=@app.pem").contains("app.pem"));
    fs::rename(desk.path("app.pem"), desk.path("renewed.pem")).unwrap();
    let kept = connect("renewed.pem");
    assert!(
        kept.contains("renewed.pem") && !kept.contains("app.pem"),
        "{kept}"
    );
}
