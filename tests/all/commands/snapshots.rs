//! What the commands print for one small company, kept word for word beside this file: for people, and as JSON for
//! scripts. A change of an output shows itself here, and is accepted on purpose (`INSTA_UPDATE=always`).

use serde_json::{Value, json};

use super::desk::{Desk, run};
use crate::world::{object_id, person, person_with};

/// Keeps what is different each time out of the snapshots: moments, durations, ids that are drawn, ports.
macro_rules! snapshot {
    ($name:expr, $output:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
        settings.add_filter(
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?Z| UTC)?",
            "MOMENT",
        );
        // As wide as a moment, which has no thousandths in one of a thousand.
        settings.add_filter(r"begun +run", "begun  run");
        settings.add_filter(r"\b\d{13}-[0-9a-f]{8}\b", "RUN");
        settings.add_filter(r"\b[0-9a-f]{64}\b", "DIGEST");
        settings.add_filter(r"\d+(\.\d+)? (ms|s)\b", "DURATION");
        settings.bind(|| insta::assert_snapshot!($name, $output));
    }};
}

fn people() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Jo", "Berg", json!({ "companyName": null })),
        person_with(3, "Ana", "Silva", json!({ "department": "Support" })),
        person_with(
            4,
            "No",
            "Address",
            json!({ "mail": null, "userPrincipalName": null }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn one_company_from_its_connection_to_an_undo() {
    let desk = Desk::with(people()).await;
    let said = |name: &str, arguments: &[&str], code| {
        let ended = desk.run(arguments).with(code);
        snapshot!(name, format!("{}{}", ended.out, ended.err));
    };
    desk.configure(json!({
        "preset": "mirror",
        "schedule": "0 6 * * *",
        "mapping": {
            "givenName": "first_name", "surname": "last_name",
            "mail": { "field": "email", "mandatory": true }, "companyName": "company",
        },
    }));
    said("connect", &super::desk::CONNECT, 0);
    said("plan", &["plan"], 0);
    said("plan_details_json", &["plan", "--details", "--json"], 0);
    said("sync", &["sync"], 0);
    said("contacts", &["contacts"], 0);
    said("contacts_json", &["contacts", "--json"], 0);
    said("explain", &["explain", &object_id(1)], 0);
    said("explain_skipped", &["explain", &object_id(4)], 0);
    said("explain_json", &["explain", &object_id(4), "--json"], 0);
    said("report", &["report"], 0);
    said("report_json", &["report", "--json"], 0);
    desk.emulator
        .control()
        .edit_user(&object_id(1), json!({ "companyName": "Fabrikam" }))
        .unwrap();
    let synced = desk.run(&["sync", "--json"]).with(0);
    snapshot!("sync_json", &synced.out);
    let undone = synced.json()["runId"].as_str().unwrap().to_owned();
    said("undo", &["undo", &undone], 0);
    said("undo_json", &["undo", &undone, "--json"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_problems_is_told_all_of_them() {
    let desk = Desk::with(vec![]).await;
    desk.configure(json!({
        "preset": "mirorr",
        "schedule": "0 6 * *",
        "mapping": { "givenNmae": "first_name", "mail": "mobile" },
        "filters": { "department": [], "accountEnabled": "yes" },
    }));
    let ended = desk.run(&super::desk::CONNECT);
    snapshot!("problems", format!("{}{}", ended.out, ended.err));
    let json = desk.run(&[&super::desk::CONNECT[..], &["--json"]].concat());
    snapshot!("problems_json", json.out);
}

#[test]
fn the_help_of_every_command() {
    for command in [
        "",
        "demo",
        "connect",
        "plan",
        "sync",
        "report",
        "explain",
        "retry",
        "undo",
        "contacts",
        "serve",
        "workspaces",
        "vault",
        "audit",
        "graph-emulator",
        "messagemedia-emulator",
        "bench",
    ] {
        let arguments: Vec<_> = [command, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let name = format!("help {command}").trim().replace(' ', "_");
        snapshot!(name, run(&arguments).with(0).out);
    }
}
