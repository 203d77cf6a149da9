//! Secrets come from a file, the environment or standard input; never from an argument, and they are
//! never seen again. (Each [`Ended::with`](super::desk::Ended::with) looks for the secret, too.)

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::desk::{Desk, Ended, SECRET, end};
use crate::world::person;

async fn desk() -> Desk {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.configure(json!({ "preset": "mirror" }));
    desk
}

/// That no file of the data directory but this one holds the secret.
#[track_caller]
fn kept_only_in(desk: &Desk, exception: Option<&str>) {
    let mut folders = vec![desk.path("data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if exception.is_none_or(|name| !path.ends_with(name)) {
                let bytes = std::fs::read(&path).unwrap();
                let mut windows = bytes.windows(SECRET.len());
                let found = windows.any(|window| window == SECRET.as_bytes());
                assert!(!found, "{} holds the secret", path.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_from_a_file_is_read_anew_each_time() {
    let desk = desk().await;
    desk.run(&super::desk::CONNECT).with(0);
    desk.run(&["sync"]).with(0);
    kept_only_in(&desk, None);
    desk.emulator.control().set_secret("rotated");
    desk.run(&["plan"]).with(1).saying("secret is wrong");
    std::fs::write(desk.path("secret.txt"), "rotated").unwrap();
    desk.run(&["plan"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_from_the_environment_is_remembered_by_the_variables_name() {
    let desk = desk().await;
    let connect = [
        "connect",
        "connector.json",
        "--secret",
        "client-secret=env:ENTRA_SECRET",
    ];
    let connected: Ended = desk
        .command(&connect)
        .env("ENTRA_SECRET", SECRET)
        .output()
        .unwrap()
        .into();
    connected.with(0);
    kept_only_in(&desk, None);
    let synced: Ended = desk
        .command(&["sync"])
        .env("ENTRA_SECRET", SECRET)
        .output()
        .unwrap()
        .into();
    synced.with(0);
    desk.run(&["sync", "--full"]).with(1).saying("secret");
    desk.run(&connect).with(2).saying("ENTRA_SECRET");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_from_standard_input_is_kept_where_only_its_owner_reads() {
    let desk = desk().await;
    let mut child = desk
        .command(&["connect", "connector.json", "--secret", "client-secret=-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{SECRET}").unwrap();
    drop(stdin);
    end(child).with(0);
    kept_only_in(&desk, Some("secrets/client-secret"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let kept = std::fs::metadata(desk.path("data/secrets/client-secret")).unwrap();
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
    }
    desk.run(&["sync"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_as_an_argument_is_refused_and_not_repeated() {
    let desk = desk().await;
    let refused = desk.run(&[
        "connect",
        "connector.json",
        "--secret",
        &format!("client-secret={SECRET}"),
    ]);
    // The parser of the command line itself would repeat it.
    assert!(!refused.err.contains(SECRET), "{refused:#?}");
    refused.with(2).saying("env:VARIABLE");
    desk.run(&[
        "connect",
        "connector.json",
        "--secret",
        "client-secret=@missing.txt",
    ])
    .with(2)
    .saying("missing.txt");
    desk.run(&["connect", "connector.json", "--secret", "client-secret=-"])
        .with(2)
        .saying("standard input");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_came_with_a_refused_configuration_is_forgotten() {
    let desk = desk().await;
    desk.run(&super::desk::CONNECT).with(0);
    let remembered = || -> Value {
        serde_json::from_slice(&std::fs::read(desk.path("data/secrets.json")).unwrap()).unwrap()
    };
    let before = remembered();
    desk.configure(json!({ "preset": "nothing of that name" }));
    std::fs::write(desk.path("other.txt"), "other").unwrap();
    desk.run(&[
        "connect",
        "connector.json",
        "--secret",
        "client-secret=@other.txt",
    ])
    .with(1)
    .saying("/sync/preset");
    assert_eq!(remembered(), before);
    // And what was connected still is.
    desk.run(&["sync"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_missing_or_misspelt_is_told_with_the_option_that_gives_it() {
    let desk = desk().await;
    let option = "--secret client-secret=@FILE";
    desk.run(&["connect", "connector.json"])
        .with(1)
        .saying(option);
    desk.run(&["plan"]).with(1).saying("--secret NAME=@FILE");
    desk.run(&[
        "connect",
        "connector.json",
        "--secret",
        "client-secrt=@secret.txt",
    ])
    .with(2)
    .saying("did you mean `client-secret`?");
    desk.run(&super::desk::CONNECT).with(0);
    desk.run(&["sync", "--secret", "secret=@secret.txt"])
        .with(2)
        .saying("did you mean `client-secret`?");
}
