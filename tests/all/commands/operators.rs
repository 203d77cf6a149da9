//! What an operator's commands do with a directory: none is made by mistake, many may begin one at once,
//! nobody else reads it, and the audit log tells what was done to it.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use super::desk::{Desk, Ended, program, run};
use crate::world::{object_id, person};

fn on(data: &Path, arguments: &[&str]) -> Ended {
    let data = ["--data", data.to_str().unwrap()];
    run(&[arguments, &data[..]].concat())
}

#[test]
fn a_directory_that_was_misspelt_is_an_error_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let typo = folder.path().join("typo");
    for arguments in [
        &["audit"][..],
        &["audit", "--verify"],
        &["workspaces"],
        &["workspaces", "--json"],
        &["workspaces", "invite", "acme", "--who", "Ada"],
        &["workspaces", "revoke", "acme"],
        &["vault", "rotate"],
    ] {
        let refused = on(&typo, arguments).with(1).saying("typo");
        refused.saying("--data");
        assert!(!typo.exists(), "{arguments:?}");
    }
    // One that is there, and is none.
    fs::create_dir(&typo).unwrap();
    on(&typo, &["audit", "--verify"]).with(1).saying("typo");
    assert_eq!(fs::read_dir(&typo).unwrap().count(), 0);
}

#[test]
fn a_hundred_workspaces_can_be_added_at_once_four_at_a_time_to_a_directory_that_is_not_there_yet() {
    for _ in 0..25 {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("server");
        let adding: Vec<_> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|id| {
                let mut command = program(&["workspaces", "add", id, "--data"]);
                command.arg(&data);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in adding {
            Ended::from(child.wait_with_output().unwrap()).with(0);
        }
        let listed = on(&data, &["workspaces", "--json"]).with(0).json();
        assert_eq!(listed.as_array().unwrap().len(), 4);
        on(&data, &["audit", "--verify"])
            .with(0)
            .saying("4 entries");
    }
}

#[test]
fn contacts_can_be_added_at_once_to_a_directory_that_is_not_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    let adding: Vec<_> = (0..4)
        .map(|number| {
            let email = format!("email=zoe{number}@contoso.example");
            let mut command = program(&["contacts", "add", &email, "--data"]);
            command.arg(folder.path().join("data"));
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in adding {
        Ended::from(child.wait_with_output().unwrap()).with(0);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_a_workspace_or_a_server_can_be_opened_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    let server = desk.path("server");
    on(&server, &["workspaces", "add", "acme"]).with(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&server), 0, "a directory that was made");
    for folder in [desk.path("data"), server] {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            // They hold no person, and whoever could lock them could not stop anything.
            let is_private = path.extension().is_none_or(|extension| extension != "json");
            assert!(!is_private || mode(&path) == 0, "{}", path.display());
        }
    }
    // One that an earlier version made for everybody.
    let lock = desk.path("data/lock");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    desk.run(&["sync"]).with(0);
    assert_eq!(mode(&lock), 0);
}

#[test]
fn the_audit_log_is_checked_against_a_head_that_was_noted_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server");
    on(&data, &["workspaces", "add", "acme"]).with(0);
    let head = || {
        let verified = on(&data, &["audit", "--verify"]).with(0);
        let (_, head) = verified.out.split_once("elsewhere: ").unwrap();
        head.trim().to_owned()
    };
    let noted = head();
    on(&data, &["workspaces", "add", "fabrikam"]).with(0);
    let newest = head();
    for expected in [&noted, &newest] {
        on(&data, &["audit", "--verify", "--expect", expected]).with(0);
    }
    let (_, seal) = newest.split_once(':').unwrap();
    on(
        &data,
        &["audit", "--verify", "--expect", &format!("7:{seal}")],
    )
    .with(1)
    .saying("cut off");
    on(
        &data,
        &["audit", "--verify", "--expect", &format!("1:{seal}")],
    )
    .with(1)
    .saying("made anew");
    for nonsense in ["1", "1:ff", "x:y", &format!("1:{}", "g".repeat(64))] {
        on(&data, &["audit", "--verify", "--expect", nonsense])
            .with(2)
            .saying("NUMBER:SEAL");
    }
    on(&data, &["audit", "--expect", &noted]).with(2);
}

#[test]
fn nobody_is_in_a_workspace_any_more_whose_access_was_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server");
    on(&data, &["workspaces", "add", "acme"]).with(0);
    for who in ["Ada", "Max"] {
        on(&data, &["workspaces", "invite", "acme", "--who", who]).with(0);
    }
    on(&data, &["workspaces", "revoke", "acme", "--who", "Max"])
        .with(0)
        .saying("Ended 0 sessions, took back 1 link.");
    on(&data, &["workspaces", "revoke", "acme"])
        .with(0)
        .saying("took back 1 link.");
    on(&data, &["workspaces", "revoke", "nobody"])
        .with(1)
        .saying("nobody");
    on(&data, &["audit"]).with(0).saying("access-revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_does_not_connect_takes_the_place_of_none() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.connect(json!({ "preset": "mirror" }));
    let connect = |options: &[&str]| desk.run(&[&super::desk::CONNECT[..], options].concat());
    let wrong_digit = |text: String| {
        let client = "\"clientId\":\"";
        let at = text.find(client).unwrap() + client.len();
        let digit = if text[at..].starts_with('1') {
            "2"
        } else {
            "1"
        };
        format!("{}{digit}{}", &text[..at], &text[at + 1..])
    };
    let path = desk.path("connector.json");
    fs::write(&path, wrong_digit(fs::read_to_string(&path).unwrap())).unwrap();
    let refused = connect(&["--json"]).with(1).json();
    assert_eq!(
        (&refused["ready"], &refused["saved"]),
        (&json!(false), &json!(false))
    );
    connect(&[]).with(1).saying("--replace");
    desk.run(&["sync"]).with(0);

    // Nor does a secret that is refused, with the configuration that is saved.
    desk.configure(json!({ "preset": "mirror" }));
    fs::write(desk.path("wrong.txt"), "not-the-secret").unwrap();
    desk.run(&[
        "connect",
        "connector.json",
        "--secret",
        "client-secret=@wrong.txt",
    ])
    .with(1)
    .saying("Nothing was saved");
    desk.run(&["sync"]).with(0);

    fs::write(&path, wrong_digit(fs::read_to_string(&path).unwrap())).unwrap();
    let replaced = connect(&["--replace", "--json"]).with(1).json();
    assert_eq!(replaced["saved"], true);
    desk.run(&["sync"]).with(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_of_an_export_is_a_formula_and_no_list_is_two() {
    let mut zoe = person(1, "=HYPERLINK(\"http://x\")", "@SUM(A1)");
    zoe["department"] = json!("-2+3; Support");
    zoe["mobilePhone"] = json!("+44 7700 900123");
    let desk = Desk::with(vec![zoe]).await;
    desk.connect(json!({
        "preset": "messaging",
        "mapping": {
            "givenName": "first_name", "surname": "last_name",
            "mobilePhone": "mobile_phone", "companyName": "=cmd|x",
        },
        "list": { "perAttribute": "department" },
    }));
    desk.run(&["sync"]).with(0);
    let exported = desk.run(&["contacts", "--csv"]).with(0).out;
    let mut lines = exported.lines();
    lines.next().unwrap();
    let contact = lines.next().unwrap();
    for cell in [
        "\"'=HYPERLINK(\"\"http://x\"\")\"",
        "'@SUM(A1)",
        "\"\"\"'-2+3; Support\"\"\"",
        ",+44 7700 900123,",
        &object_id(1),
    ] {
        assert!(contact.contains(cell), "{cell} is not in {contact}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_more_custom_fields_than_the_store_has_room_for_is_refused() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    let mapping = |fields: usize| {
        let labels: Vec<_> = (0..fields)
            .map(|number| format!("Label {number}"))
            .collect();
        json!({ "preset": "mirror", "mapping": { "mail": "email", "displayName": labels } })
    };
    desk.connect(mapping(47));
    desk.run(&["sync"]).with(0);
    desk.configure(mapping(48));
    let refused = desk
        .run(&[&super::desk::CONNECT[..], &["--json"]].concat())
        .with(1)
        .json();
    assert_eq!(refused["problems"][0]["pointer"], "/sync/mapping");
    let told = refused["problems"][0]["message"].as_str().unwrap();
    assert!(told.contains("1 too many"), "{told}");
    // Those that were ever used take up their room.
    desk.configure(
        json!({ "preset": "mirror", "mapping": { "mail": "email", "displayName": "Another" } }),
    );
    desk.run(&super::desk::CONNECT)
        .with(1)
        .saying("custom fields");
    desk.run(&["sync"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_has_never_connected_is_replaced_by_the_next_one() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    fs::write(desk.path("wrong.txt"), "not-the-secret").unwrap();
    let wrongly = [
        "connect",
        "connector.json",
        "--secret",
        "client-secret=@wrong.txt",
        "--json",
    ];
    for preset in ["mirror", "additive"] {
        desk.configure(json!({ "preset": preset }));
        let told = desk.run(&wrongly).with(1).json();
        assert_eq!(told["saved"], true, "{told}");
    }
    desk.connect(json!({ "preset": "mirror" }));
    desk.configure(json!({ "preset": "additive" }));
    let told = desk.run(&wrongly).with(1).json();
    assert_eq!(told["saved"], false, "{told}");
    desk.run(&["sync"]).with(0);
}

#[test]
fn options_of_the_server_are_taken_behind_the_word_too_and_checked_at_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server");
    on(&data, &["workspaces", "add", "acme"]).with(0);
    let invite = [
        "workspaces",
        "invite",
        "acme",
        "--who",
        "Ada",
        "--public-url",
        "https://sync.example",
    ];
    on(&data, &invite).with(0).saying("https://sync.example/");
    let key = data.join("vault.key");
    on(
        &data,
        &["vault", "rotate", "--key-file", key.to_str().unwrap()],
    )
    .with(0);

    let nowhere = folder.path().join("nowhere.pem");
    on(
        &data,
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ca-file",
            nowhere.to_str().unwrap(),
        ],
    )
    .with(1)
    .saying("nowhere.pem");
    on(
        &data,
        &["serve", "--listen", "127.0.0.1:0", "--parallel", "0"],
    )
    .with(2)
    .saying("--parallel");
    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "secret-of-an-application").unwrap();
    let place = format!("@{}", secret.display());
    let application = "535fb089-9ff3-47b6-9bfb-4f1264799865";
    let with_application = [
        "--application-id",
        application,
        "--application-secret",
        &place,
    ];
    let demo = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    on(&data, &[&demo[..], &with_application].concat())
        .with(2)
        .saying("leave out --application-id");
}
