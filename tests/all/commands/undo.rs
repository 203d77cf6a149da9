//! `undo`: a run is taken back, as a plan first.

use serde_json::{Value, json};

use super::desk::Desk;
use super::shapes::{RUN, has_keys};
use crate::world::{object_id, person};

/// Two people, synced; then one of them has another company, and that is synced, too. With the id of
/// the second run.
async fn desk() -> (Desk, String) {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")]).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    for id in [1, 2] {
        desk.emulator
            .control()
            .edit_user(&object_id(id), json!({ "companyName": "Fabrikam" }))
            .unwrap();
    }
    let run = desk.run(&["sync", "--json"]).with(0).json();
    assert_eq!(run["updated"], 2);
    (desk, run["runId"].as_str().unwrap().to_owned())
}

fn companies(desk: &Desk) -> Vec<Value> {
    let contacts = desk.contacts();
    contacts
        .iter()
        .map(|contact| contact["fields"]["company"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_back_as_it_was_planned_and_approved() {
    let (desk, run) = desk().await;
    let asked = desk.emulator.requests().len();
    let listed = desk.run(&["undo", "--json"]).with(0).json();
    has_keys(&listed[0], "runId at people changes");
    assert_eq!(listed[0]["runId"], run);
    assert_eq!(listed[0]["people"], 2);
    desk.run(&["undo"]).with(0).saying(&run);

    let plan = desk
        .run(&["undo", &run, "--details", "--json"])
        .with(0)
        .json();
    assert_eq!(plan["mode"], "undo");
    assert_eq!(plan["undoes"], run);
    assert_eq!(plan["counts"]["update"], 2);
    assert_eq!(plan["changes"][0]["fields"][0]["after"], "Contoso");
    assert_eq!(companies(&desk), ["Fabrikam", "Fabrikam"]);
    let digest = plan["digest"].as_str().unwrap();
    let said = desk.run(&["undo", &run]).with(0);
    assert!(
        said.out.contains(&format!("undo {run} --approve {digest}")),
        "{said:#?}"
    );
    desk.run(&["plan", "list"])
        .with(0)
        .saying(&format!("undo of {run}"));
    desk.run(&["sync", "--approve", digest])
        .with(2)
        .saying(&format!("`undo {run} --approve {digest}`"));

    let undone = desk
        .run(&["undo", &run, "--approve", digest, "--json"])
        .with(0)
        .json();
    has_keys(&undone, &format!("{RUN} approved undoes"));
    assert_eq!(undone["approved"]["performed"], 2);
    assert_eq!(companies(&desk), ["Contoso", "Contoso"]);
    assert_eq!(desk.emulator.requests().len(), asked, "nobody was asked");

    // The next sync does again what the configuration says.
    let next = desk.run(&["sync", "--json"]).with(0).json();
    assert_eq!(next["mode"], "full");
    assert_eq!(next["updated"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_since_is_left_alone_and_said() {
    let (desk, run) = desk().await;
    let contact = desk.contacts()[0]["id"].as_str().unwrap().to_owned();
    desk.run(&["contacts", "edit", &contact, "company", "Litware"])
        .with(0);
    let said = desk.run(&["undo", &run]).with(0);
    assert!(
        said.out.contains("left alone, edited-since: 1"),
        "{said:#?}"
    );
    let digest = said
        .out
        .lines()
        .find_map(|line| line.strip_prefix("digest "))
        .unwrap();
    let undone = desk.run(&["undo", &run, "--approve", digest]).with(0);
    assert!(
        undone.out.contains("1 of 1 approved changes performed."),
        "{undone:#?}"
    );
    assert!(undone.out.contains("The next sync reads everybody"));
    assert!(undone.out.contains("change it first"), "{undone:#?}");
    assert_eq!(companies(&desk), ["Litware", "Contoso"]);

    // What was taken back is as it was; nothing is left to take back.
    let again = desk.run(&["undo", &run]).with(0);
    assert!(again.out.contains("nothing to take back"), "{again:#?}");
    assert!(!again.out.contains("--approve"), "{again:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_before_anything_is_written() {
    let (desk, run) = desk().await;
    desk.run(&["undo", "17-none"])
        .with(1)
        .saying("nothing-to-undo");
    let plan = desk.run(&["plan", "--json"]).with(0).json();
    for digest in ["0000", plan["digest"].as_str().unwrap()] {
        desk.run(&["undo", &run, "--approve", digest])
            .with(2)
            .saying(&format!("`undo {run}`"));
    }
    assert_eq!(companies(&desk), ["Fabrikam", "Fabrikam"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_goes_on_slice_by_slice_and_is_a_run_of_its_own() {
    let (desk, run) = desk().await;
    let plan = desk.run(&["undo", &run, "--json"]).with(0).json();
    let digest = plan["digest"].as_str().unwrap();
    desk.run(&["undo", &run, "--approve", digest, "--slice-pages", "1"])
        .with(0)
        .saying("2 of 2 approved changes performed.");
    let report = desk.run(&["report", "--json"]).with(0).json();
    let undo = &report["history"][0];
    let listed = desk.run(&["undo", "--json"]).with(0).json();
    assert_eq!(listed[0]["runId"], undo["runId"]);
    assert_eq!(undo["updated"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_does_not_forget_when_the_last_sync_succeeded() {
    let (desk, run) = desk().await;
    let before = desk.run(&["report", "--json"]).with(0).json();
    assert!(before["lastSuccess"].is_string(), "{before:#}");
    let plan = desk.run(&["undo", &run, "--json"]).with(0).json();
    let digest = plan["digest"].as_str().unwrap();
    desk.run(&["undo", &run, "--approve", digest]).with(0);
    let after = desk.run(&["report", "--json"]).with(0).json();
    let history = after["history"].as_array().unwrap();
    let synced = history.iter().find(|told| told["runId"] == run).unwrap();
    assert_eq!(after["lastSuccess"], synced["finishedAt"], "{after:#}");
}
