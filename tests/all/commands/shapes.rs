//! The JSON that scripts rely on: the keys, exactly, and what stands behind them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::desk::{Desk, SECRET, document, program};
use crate::world::{object_id, person, person_with};

/// That an object has these keys and no others.
#[track_caller]
pub(super) fn has_keys(value: &Value, keys: &str) {
    let mut expected: Vec<_> = keys.split_whitespace().collect();
    expected.sort_unstable();
    let mut found: Vec<_> = value.as_object().unwrap().keys().collect();
    found.sort_unstable();
    assert_eq!(found, expected, "{value:#}");
}

/// Is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) const RUN: &str = "runId mode trigger status startedAt finishedAt processed created updated unchanged \
                   skipped removed failed skips requests throttledMs warnings errors";

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

fn sync_part() -> Value {
    json!({
        "preset": "mirror",
        "schedule": "0 6 * * *",
        "mapping": {
            "givenName": "first_name", "surname": "last_name",
            "mail": { "field": "email", "mandatory": true }, "companyName": "company",
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_process_says_where_it_listens_and_serves_a_whole_sync() {
    let desk = Desk::with(vec![]).await;
    let mut emulator = Running(
        program(&[
            "graph-emulator",
            "--users",
            "40",
            "--json",
            "--accept-secret",
            SECRET,
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(emulator.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let listening: Value = serde_json::from_str(&line).unwrap();
    has_keys(&listening, "login graph tenantId clientId");
    let url = |key: &str| listening[key].as_str().unwrap().to_owned();
    let document = document(&url("login"), &url("graph"), json!({ "preset": "mirror" }));
    std::fs::write(desk.path("connector.json"), document.to_string()).unwrap();
    desk.run(&super::desk::CONNECT).with(0);
    let run = desk.run(&["sync", "--json"]).with(0).json();
    assert_eq!(run["created"], 40);
    assert_eq!(desk.contacts().len(), 40);
}

#[test]
fn what_the_emulator_prints_about_its_controls_is_true() {
    let mut emulator = Running(
        program(&["graph-emulator", "--users", "3"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(emulator.0.stdout.take().unwrap()).lines();
    let hint = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("/emulator"))
        .unwrap();
    let named = hint
        .split_whitespace()
        .find_map(|word| word.strip_prefix("http://"))
        .unwrap();
    let (address, path) = named.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{hint}: {head}");
    let overview: Value = serde_json::from_str(body).unwrap();
    assert_eq!(overview["users"], 3);
    assert!(overview["controls"].as_array().unwrap().len() > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_tells_of_every_check() {
    let desk = Desk::with(people()).await;
    desk.configure(sync_part());
    let mut arguments = super::desk::CONNECT.to_vec();
    arguments.push("--json");
    let connected = desk.run(&arguments).with(0).json();
    has_keys(
        &connected,
        "ready saved tenantName tenantId checks mappings fingerprint schedule warnings",
    );
    assert_eq!(connected["ready"], true);
    assert_eq!(connected["tenantName"], "Contoso");
    assert_eq!(connected["schedule"], "0 6 * * *");
    let checks = connected["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| &check["name"]).collect();
    assert_eq!(
        names,
        [
            "token",
            "organization",
            "users",
            "deleted-items",
            "permissions"
        ]
    );
    for check in checks {
        assert_eq!(check["status"], "passed", "{check}");
    }
    has_keys(&connected["mappings"][0], "field attribute label mandatory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_configuration_tells_of_every_problem() {
    let desk = Desk::with(people()).await;
    desk.configure(
        json!({ "preset": "mirror", "shedule": "0 6 * * *", "mapping": { "male": "email" } }),
    );
    let mut arguments = super::desk::CONNECT.to_vec();
    arguments.push("--json");
    let refused = desk.run(&arguments).with(1).json();
    has_keys(&refused, "ready problems");
    assert_eq!(refused["ready"], false);
    let problems = refused["problems"].as_array().unwrap();
    for pointer in ["/sync/shedule", "/sync/mapping/male"] {
        let about = problems
            .iter()
            .find(|problem| problem["pointer"] == pointer);
        has_keys(about.unwrap(), "pointer message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_counts_every_effect_and_with_details_shows_every_change() {
    let desk = Desk::with(people()).await;
    desk.connect(sync_part());
    const PLAN: &str = "digest mode counts skips warnings requests blocks";
    let plan = desk.run(&["plan", "--json"]).with(0).json();
    has_keys(&plan, PLAN);
    has_keys(
        &plan["counts"],
        "create update link unlink deactivate reactivate delete invite unchanged skip",
    );
    assert_eq!(plan["mode"], "full");
    assert_eq!(plan["counts"]["create"], 3);
    assert_eq!(plan["counts"]["skip"], 1);
    has_keys(&plan["skips"][0], "reason count");
    let warning = plan["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|warning| warning["field"] == "Company")
        .unwrap();
    has_keys(warning, "field message count");

    let detailed = desk.run(&["plan", "--json", "--details"]).with(0).json();
    has_keys(&detailed, &format!("{PLAN} changes"));
    assert_eq!(detailed["digest"], plan["digest"], "the same plan");
    let changes = detailed["changes"].as_array().unwrap();
    let zoe = changes
        .iter()
        .find(|change| change["objectId"] == object_id(1))
        .unwrap();
    has_keys(zoe, "objectId contactId change reason fields joins leaves");
    assert_eq!(zoe["change"], "create");
    assert_eq!(zoe["contactId"], Value::Null);
    has_keys(&zoe["fields"][0], "field before after");
    assert!(desk.contacts().is_empty(), "a plan writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_report_and_contacts_agree() {
    let desk = Desk::with(people()).await;
    desk.connect(sync_part());
    let before = desk.run(&["report", "--json"]).with(0).json();
    assert_eq!(before["status"], "never-run");
    assert_eq!(before["lastSuccess"], Value::Null);

    let run = desk
        .run(&["sync", "--json", "--trigger", "nightly"])
        .with(0)
        .json();
    has_keys(&run, RUN);
    assert_eq!(run["trigger"], "nightly");
    assert_eq!(run["mode"], "full");
    assert_eq!(run["processed"], 4);
    assert_eq!(run["created"], 3);
    assert_eq!(run["skipped"], 1);
    assert!(run["startedAt"].as_str().unwrap().ends_with('Z'));
    assert!(run["finishedAt"].as_str().unwrap().ends_with('Z'));
    has_keys(&run["warnings"][0], "field message count");

    let report = desk.run(&["report", "--json"]).with(0).json();
    has_keys(
        &report,
        "status explanation lastSuccess activeRecords mappedAttributes schedule dataInsights history \
         dataQuality mappings ledger warnings",
    );
    assert_eq!(report["activeRecords"], 3);
    assert_eq!(report["mappedAttributes"], 4);
    assert_eq!(report["schedule"], "0 6 * * *");
    assert_eq!(report["dataInsights"], 1);
    assert_eq!(report["lastSuccess"], run["finishedAt"]);
    assert_eq!(report["history"], json!([run]));
    has_keys(&report["dataQuality"][0], "attribute label missing");
    assert_eq!(
        report["dataQuality"][0],
        json!({ "attribute": "companyName", "label": "Company", "missing": 1 })
    );
    has_keys(&report["mappings"][0], "field attribute label mandatory");
    let mandatory = |row: &&Value| row["mandatory"] == true;
    let rows = report["mappings"].as_array().unwrap();
    assert_eq!(rows.iter().find(mandatory).unwrap()["field"], "email");

    let contacts = desk.contacts();
    assert_eq!(contacts.len(), 3);
    let zoe = contacts
        .iter()
        .find(|contact| contact["objectId"] == object_id(1))
        .unwrap();
    has_keys(zoe, "id active objectId linked fields lists");
    assert_eq!(zoe["active"], true);
    assert_eq!(zoe["linked"], true);
    assert_eq!(zoe["lists"], json!(["Contoso Users"]));
    assert_eq!(zoe["fields"]["email"], "zoe.vance@contoso.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_fails_is_1_and_still_tells_its_run() {
    let desk = Desk::with(people()).await;
    desk.connect(sync_part());
    desk.emulator.control().set_secret("rotated");
    let run = desk.run(&["sync", "--json"]).with(1).json();
    has_keys(&run, RUN);
    assert_eq!(run["status"], "failed");
    has_keys(&run["errors"][0], "code message count");
    assert_eq!(run["errors"][0]["code"], "AADSTS7000215");
    assert!(desk.contacts().is_empty());
    let report = desk.run(&["report", "--json"]).with(0).json();
    assert_eq!(report["status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_a_limit_stops_is_3_and_its_digest_lets_it_pass() {
    let desk = Desk::with(
        (1..=12)
            .map(|id| person(id, "Zoe", &format!("Vance{id}")))
            .collect(),
    )
    .await;
    desk.connect(json!({ "preset": "mirror", "removed": "delete" }));
    desk.run(&["sync"]).with(0);
    let before = desk.contacts();
    for id in 1..=8 {
        desk.emulator.control().delete_user(&object_id(id)).unwrap();
    }
    let plan = desk.run(&["plan", "--json"]).with(3).json();
    has_keys(&plan["blocks"][0], "breaker message cause digest");

    let run = desk.run(&["sync", "--json"]).with(3).json();
    has_keys(&run, &format!("{RUN} block"));
    assert_eq!(run["status"], "blocked");
    assert_eq!(run["block"]["digest"], plan["blocks"][0]["digest"]);
    assert_eq!(desk.contacts(), before, "nothing was taken away");
    let said = desk.run(&["sync"]).with(3);
    let digest = run["block"]["digest"].as_str().unwrap();
    assert!(
        said.out.contains(&format!("sync --approve {digest}")),
        "{said:#?}"
    );

    let run = desk
        .run(&["sync", "--approve", digest, "--json"])
        .with(0)
        .json();
    assert_eq!(run["removed"], 8);
    assert_eq!(desk.contacts().len(), 4);
}
