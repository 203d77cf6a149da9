//! Files as people's editors and shells save them.

use std::fs;

use serde_json::json;

use super::desk::{CONNECT, Desk, SECRET, program};
use crate::world::person;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// As Windows PowerShell's `>` and Notepad's "Unicode" save a text.
fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

async fn desk() -> Desk {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.configure(json!({ "preset": "mirror" }));
    desk
}

fn configuration(desk: &Desk) -> String {
    fs::read_to_string(desk.path("connector.json")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_configuration_connects_whatever_stands_around_it() {
    let desk = desk().await;
    let text = configuration(&desk).replace(',', ",\r\n");
    for bytes in [
        text.clone().into_bytes(),
        [MARK, text.as_bytes()].concat(),
        [MARK, b"\r\n \t", text.as_bytes(), b"\r\n\r\n"].concat(),
    ] {
        fs::write(desk.path("connector.json"), &bytes).unwrap();
        desk.run(&CONNECT).with(0).saying("Connected to Contoso");
        desk.run(&["plan", "--config", "connector.json"]).with(0);
    }
    desk.run(&["sync"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_utf_8_is_told_by_its_name_for_every_file() {
    let desk = desk().await;
    desk.run(&CONNECT).with(0);
    let text = configuration(&desk);
    fs::write(desk.path("wide.json"), utf16(&text)).unwrap();
    fs::write(desk.path("wide.txt"), utf16(SECRET)).unwrap();
    fs::write(desk.path("people.json"), utf16("{\"value\": []}")).unwrap();
    let secret = [
        "connect",
        "connector.json",
        "--secret",
        "client-secret=@wide.txt",
    ];
    for (command, file) in [
        (&["connect", "wide.json"][..], "wide.json"),
        (&["plan", "--config", "wide.json"], "wide.json"),
        (&secret, "wide.txt"),
    ] {
        desk.run(command)
            .with(2)
            .saying("UTF-16")
            .saying("save it as UTF-8")
            .saying(file);
    }
    for command in ["graph-emulator", "demo"] {
        let ended = program(&[command, "--directory", "people.json"])
            .current_dir(desk.folder.path())
            .output()
            .unwrap();
        super::desk::Ended::from(ended)
            .with(1)
            .saying("UTF-16")
            .saying("people.json");
    }
    fs::write(desk.path("latin.json"), b"{\n \"sync\": \"M\xFCller\" }").unwrap();
    desk.run(&["connect", "latin.json"])
        .with(2)
        .saying("line 2, byte 12");
    // What was connected before is so still.
    desk.run(&["sync"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_told_by_its_place_and_its_kind() {
    let desk = desk().await;
    let text = configuration(&desk);
    let asked = desk.emulator.requests().len();
    for (document, words) in [
        (text.replacen('{', "{ // mine\n", 1), "no comments"),
        (text.replacen('{', "{ /* mine */", 1), "no comments"),
        (
            format!("{},}}", text.strip_suffix('}').unwrap()),
            "no comma",
        ),
        (text.replacen('"', "\u{201c}", 2), "typographic"),
        (
            text.replacen("\"tenant\"", "\"tenant\":{},\"tenant\"", 1),
            "more than once",
        ),
        (String::new(), "empty"),
    ] {
        fs::write(desk.path("connector.json"), &document).unwrap();
        let refused = desk.run(&CONNECT);
        assert_ne!(refused.code, 0, "{refused:#?}");
        refused.saying(words);
    }
    assert_eq!(desk.emulator.requests().len(), asked, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_connects_whatever_stands_around_it_and_what_is_none_is_told_before() {
    let desk = desk().await;
    for bytes in [
        [MARK, SECRET.as_bytes(), b"\r\n"].concat(),
        format!("  {SECRET}\t\r\n\r\n").into_bytes(),
    ] {
        fs::write(desk.path("secret.txt"), bytes).unwrap();
        desk.run(&CONNECT).with(0);
        desk.run(&["plan"]).with(0);
    }
    let from_environment = [
        "connect",
        "connector.json",
        "--secret",
        "client-secret=env:ENTRA",
    ];
    let around = desk
        .command(&from_environment)
        .env("ENTRA", format!(" {SECRET}\r\n"))
        .output()
        .unwrap();
    super::desk::Ended::from(around).with(0);
    let asked = desk.emulator.requests().len();
    for (secret, words) in [
        ("", "is empty"),
        ("8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11", "secret's id"),
        ("two words", "white space"),
        ("'quoted'", "quotation marks"),
    ] {
        fs::write(desk.path("secret.txt"), secret).unwrap();
        desk.run(&CONNECT).with(2).saying(words);
        let given = desk
            .command(&from_environment)
            .env("ENTRA", secret)
            .output()
            .unwrap();
        super::desk::Ended::from(given).with(2).saying(words);
    }
    assert_eq!(desk.emulator.requests().len(), asked, "nobody was asked");
    // A place that was right when it was remembered, and was filled with something else since.
    fs::write(desk.path("secret.txt"), SECRET).unwrap();
    desk.run(&CONNECT).with(0);
    let asked = desk.emulator.requests().len();
    fs::write(desk.path("secret.txt"), "two words").unwrap();
    desk.run(&["plan"]).with(1).saying("white space");
    assert_eq!(desk.emulator.requests().len(), asked, "nobody was asked");
}
