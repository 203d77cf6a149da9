//! `sync --approve`: exactly the plan that was looked at, or exactly what a limit stopped.

use serde_json::{Value, json};

use super::desk::Desk;
use super::shapes::{RUN, has_keys};
use crate::world::{object_id, person};

async fn connected() -> Desk {
    let desk = Desk::with(vec![
        person(1, "Zoe", "Vance"),
        person(2, "Jo", "Berg"),
        person(3, "Ana", "Silva"),
    ])
    .await;
    desk.connect(json!({ "preset": "mirror" }));
    desk
}

fn digest(plan: &Value) -> String {
    plan["digest"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_plan_is_performed_as_it_was_and_the_rest_is_looked_up() {
    let desk = connected().await;
    let plan = desk.run(&["plan", "--json"]).with(0).json();
    let digest = digest(&plan);
    desk.emulator
        .control()
        .edit_user(&object_id(2), json!({ "givenName": "Johanna" }))
        .unwrap();
    desk.emulator
        .control()
        .add_user(person(4, "Late", "Comer"))
        .unwrap();

    let run = desk
        .run(&["sync", "--approve", &digest, "--json"])
        .with(0)
        .json();
    has_keys(&run, &format!("{RUN} approved"));
    assert_eq!(
        run["approved"],
        json!({ "digest": digest, "changes": 3, "performed": 2 })
    );
    assert_eq!(run["created"], 2);
    let names: Vec<_> = desk
        .contacts()
        .iter()
        .map(|contact| contact["fields"]["first_name"].clone())
        .collect();
    assert_eq!(names, ["Zoe", "Ana"]);

    let id = run["runId"].as_str().unwrap();
    let left = desk
        .run(&["plan", "show", &digest, "--outcome", id, "--json"])
        .with(0)
        .json();
    let left = left["changes"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["objectId"], object_id(2));
    desk.run(&["plan", "show", &digest, "--outcome", id])
        .with(0)
        .saying("1 approved change not performed by the run");
    desk.run(&["plan", "show", &digest, "--outcome", "17-none"])
        .with(2)
        .saying("no run of this id");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_approved_run_left_out_is_told_to_people() {
    let desk = connected().await;
    let plan = desk.run(&["plan", "--json"]).with(0).json();
    let digest = digest(&plan);
    desk.emulator.control().delete_user(&object_id(3)).unwrap();
    let said = desk.run(&["sync", "--approve", &digest]).with(0);
    assert!(
        said.out.contains(
            "2 of 3 approved changes performed; 1 left out because directory or contacts"
        ),
        "{said:#?}"
    );
    assert!(
        said.out
            .contains(&format!("`plan show {digest} --outcome ")),
        "{said:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_is_performed_full_whatever_the_flags_say() {
    let desk = connected().await;
    desk.run(&["sync"]).with(0);
    let contact = desk.contacts()[0]["id"].as_str().unwrap().to_owned();
    desk.run(&["contacts", "edit", &contact, "first_name", "Edited"])
        .with(0);
    let plan = desk.run(&["plan", "--full", "--json"]).with(0).json();
    assert_eq!(plan["mode"], "full");
    assert_eq!(plan["counts"]["update"], 1);
    let run = desk
        .run(&["sync", "--approve", &digest(&plan), "--json"])
        .with(0)
        .json();
    assert_eq!(run["mode"], "full");
    assert_eq!(run["updated"], 1);

    let plan = desk.run(&["plan", "--json"]).with(0).json();
    assert_eq!(plan["mode"], "incremental");
    let run = desk
        .run(&["sync", "--full", "--approve", &digest(&plan), "--json"])
        .with(0)
        .json();
    assert_eq!(run["mode"], "incremental");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_of_nothing_is_2_before_anything_is_asked_of_the_directory() {
    let desk = connected().await;
    desk.run(&["plan"]).with(0);
    let asked = desk.emulator.requests().len();
    desk.run(&["sync", "--approve", "0000"])
        .with(2)
        .saying("`plan list`");
    assert_eq!(desk.emulator.requests().len(), asked);
    assert!(desk.contacts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_of_a_blocked_run_is_known_from_the_history() {
    let desk = Desk::with(
        (1..=12)
            .map(|id| person(id, "Zoe", &format!("Vance{id}")))
            .collect(),
    )
    .await;
    desk.connect(json!({ "preset": "mirror", "removed": "delete" }));
    desk.run(&["sync"]).with(0);
    for id in 1..=8 {
        desk.emulator.control().delete_user(&object_id(id)).unwrap();
    }
    let run = desk.run(&["sync", "--json"]).with(3).json();
    let block = run["block"]["digest"].as_str().unwrap();
    assert!(desk.run(&["plan", "list"]).with(0).out.contains("No plan"));
    let run = desk
        .run(&["sync", "--approve", block, "--json"])
        .with(0)
        .json();
    assert_eq!(run["removed"], 8);
    assert_eq!(run.get("approved"), None, "no plan was approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_limit_stopped_is_reported_until_the_next_sync_and_whom_it_is_about_has_a_name() {
    let people = (1..=20).map(|id| person(id, "Zoe", &format!("Vance{id}")));
    let desk = Desk::with(people.collect()).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    for id in 1..=8 {
        desk.emulator.control().delete_user(&object_id(id)).unwrap();
    }
    let blocked = desk.run(&["sync", "--json"]).with(3).json();
    let block = &blocked["block"];
    let digest = block["digest"].as_str().unwrap();
    let pass = format!("sync --approve {digest}");
    let is_told = || {
        let report = desk.run(&["report"]).with(0);
        for part in ["message", "cause", "digest"] {
            let part = block[part].as_str().unwrap();
            assert!(report.out.contains(part), "{part}: {report:#?}");
        }
        assert!(report.out.contains(&pass), "{report:#?}");
        report
    };
    is_told();
    // One person's retry is no sync.
    desk.run(&["retry", &object_id(20)]).with(0);
    let report = is_told();
    assert!(report.out.contains("retry "), "{report:#?}");
    let status = desk.run(&["report", "--json"]).with(0).json()["status"].clone();
    assert_eq!(status, "blocked");

    let plan = desk.run(&["plan", "--details"]).with(3);
    let removal = format!(
        "{} contact 1, Zoe Vance1 <zoe.vance1@contoso.example>",
        object_id(1)
    );
    assert!(plan.out.contains(&removal), "{plan:#?}");
    assert!(plan.out.contains(&pass), "{plan:#?}");
    let told = format!("write the whole digest: {digest}");
    desk.run(&["sync", "--approve", &digest[..8]])
        .with(2)
        .saying(&told);
    desk.run(&["sync", "--approve", digest]).with(0);
    let report = desk.run(&["report"]).with(0);
    assert!(!report.out.contains("--approve"), "{report:#?}");
    desk.run(&["sync", "--trigger", "retry"])
        .with(2)
        .saying("history");
}
