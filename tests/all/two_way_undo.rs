//! What a run gave the directory is taken back on both sides: through the component, against the local Graph.

use host_harness::contract::{
    JournalEntry, PlanSummary, Run, RunStatus, Slice, SliceEnd, UndoRequest, Who,
};
use host_harness::store_api::PlanRecord;
use serde_json::json;

use crate::two_way::{PEOPLE, patches, there, world, world_of};
use crate::world::{World, connector, object_id};

async fn plan_undo(world: &World, run: &str) -> PlanSummary {
    world.store.begin_plan().unwrap();
    let summary = connector()
        .plan_undo(&world.workspace, &world.document, run)
        .await
        .result
        .unwrap();
    world
        .store
        .keep_plan(&PlanRecord {
            digest: summary.digest.clone(),
            mode: "undo".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
    summary
}

/// Takes a run back, as it was planned, to its end.
async fn undo_as_planned(world: &World, run: &str, digest: &str) -> Run {
    let request = UndoRequest {
        run: run.to_owned(),
        approved: digest.to_owned(),
        trigger: "test".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
    };
    loop {
        let undone = connector()
            .undo(&world.workspace, &world.document, request.clone())
            .await
            .result
            .unwrap();
        match undone.end {
            SliceEnd::Finished => return undone.run,
            SliceEnd::More(wait) => {
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await
            }
        }
    }
}

async fn undo(world: &World, run: &str) -> Run {
    let plan = plan_undo(world, run).await;
    undo_as_planned(world, run, &plan.digest).await
}

/// The title of somebody: in the directory, and here.
fn titles(world: &World, id: u32) -> [Option<String>; 2] {
    [
        there(world, id, "jobTitle"),
        world.field_of(id, "job_title"),
    ]
}

/// Both sides have the title that they had before.
fn assert_title(world: &World, id: u32, title: Option<&str>) {
    let title = title.map(str::to_owned);
    assert_eq!(titles(world, id), [title.clone(), title]);
}

async fn assert_quiet(world: &World) {
    let (sent, contacts) = (patches(world), world.snapshot());
    for run in [world.sync().await, world.sync().await] {
        assert_eq!(run.counts.updated, 0, "{run:?}");
    }
    assert_eq!((patches(world), world.snapshot()), (sent, contacts));
}

/// What `explain` tells of the changes to somebody, newest first.
async fn journal(world: &World, id: u32) -> Vec<JournalEntry> {
    let who = Who::User(object_id(id));
    let explained = connector().explain(&world.workspace, &world.document, who);
    explained.await.result.unwrap().remove(0).journal
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_gave_the_directory_is_given_back_and_the_next_runs_change_nothing() {
    let world = world().await;
    let before = there(&world, 1, "jobTitle");
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let run = world.sync().await;
    assert_eq!(run.given, 1);
    let told = journal(&world, 1).await;
    let [given] = &told[0].directory[..] else {
        panic!("{told:?}");
    };
    assert_eq!(
        (&*given.change.attribute, &*given.field),
        ("jobTitle", "job_title")
    );
    assert_eq!(given.change.before, before);
    assert_eq!(given.change.after.as_deref(), Some("Head of Sales"));
    assert!(given.answered);

    let sent = patches(&world);
    let plan = plan_undo(&world, &run.id).await;
    assert_eq!(
        (plan.given, patches(&world)),
        (1, sent),
        "a plan writes nothing"
    );
    let planned = world.planned_under(&plan.digest);
    let [entry] = &planned[..] else {
        panic!("{planned:?}");
    };
    assert_eq!(entry.directory[0].before.as_deref(), Some("Head of Sales"));
    assert_eq!(entry.directory[0].after, before);
    assert_eq!(entry.what.fields[0].after, before);

    let undone = undo_as_planned(&world, &run.id, &plan.digest).await;
    assert_eq!(undone.status, RunStatus::Succeeded, "{undone:?}");
    assert_eq!(
        (undone.given, undone.undoes.as_deref()),
        (1, Some(&*run.id))
    );
    assert_title(&world, 1, before.as_deref());
    assert_quiet(&world).await;

    // An undo is a run itself.
    undo(&world, &undone.id).await;
    assert_title(&world, 1, Some("Head of Sales"));
    assert_quiet(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_goes_on_where_the_directory_asks_for_patience() {
    let more = json!({ "limits": { "directory": { "count": 100, "percent": 100, "floor": 100 } } });
    let world = world_of(&["User.Read.All", "User.ReadWrite.All"], more).await;
    let before: Vec<_> = (1..=PEOPLE)
        .map(|id| there(&world, id, "jobTitle"))
        .collect();
    for id in 1..=PEOPLE {
        world.edit_here(id, "job_title", Some("Imported"));
    }
    let run = world.sync().await;
    assert_eq!(run.given, u64::from(PEOPLE));
    let plan = plan_undo(&world, &run.id).await;
    let mut behaviour = world.control().behaviour();
    behaviour.stale_reads = 2;
    world.control().set_behaviour(behaviour);
    let undone = undo_as_planned(&world, &run.id, &plan.digest).await;
    assert_eq!(undone.counts.updated, u64::from(PEOPLE), "{undone:?}");
    for (id, before) in (1..=PEOPLE).zip(before) {
        assert_title(&world, id, before.as_deref());
    }
    assert_eq!(
        patches(&world),
        2 * PEOPLE as usize,
        "each once there and once back"
    );
    assert_quiet(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_in_the_directory_since_stays_on_both_sides() {
    let world = world().await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let run = world.sync().await;
    let title = json!({ "jobTitle": "Chief" });
    world.control().edit_user(&object_id(1), title).unwrap();
    let before = titles(&world, 1);
    let plan = plan_undo(&world, &run.id).await;
    assert_eq!(plan.given, 0);
    assert_eq!(plan.skips[0].reason, "edited-since");
    let told = plan.warnings.iter().map(|warning| &warning.message);
    assert!(
        told.clone()
            .any(|told| told.contains("changed on one of the sides since")),
        "{:?}",
        plan.warnings
    );
    undo_as_planned(&world, &run.id, &plan.digest).await;
    assert_eq!(titles(&world, 1), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_somebody_who_has_a_role_by_now_is_given_back_by_no_undo() {
    let mapping = json!({
        "givenName": "first_name",
        "mail": "email",
        "mobilePhone": { "field": "mobile_phone", "direction": "two-way" },
    });
    let more = json!({ "mapping": mapping, "writes": { "sensitive": true } });
    let mut world = world_of(&["User.Read.All", "User.ReadWrite.All"], more).await;
    let before = there(&world, 2, "mobilePhone");
    for id in [1, 2] {
        world.edit_here(id, "mobile_phone", Some("+44 7700 900999"));
    }
    let run = world.sync().await;
    assert_eq!(run.given, 2, "{run:?}");
    world
        .control()
        .assign_roles(&object_id(1), &["Global Administrator"])
        .unwrap();
    let undone = undo(&world, &run.id).await;
    assert_eq!(undone.errors[0].code, "privileged-person");
    for held in [
        there(&world, 1, "mobilePhone"),
        world.field_of(1, "mobile_phone"),
    ] {
        assert_eq!(held.as_deref(), Some("+44 7700 900999"));
    }
    assert_eq!(there(&world, 2, "mobilePhone"), before);

    // Without the opt-in the mapping writes no number any more, and neither does an undo.
    let one_way =
        json!({ "givenName": "first_name", "mail": "email", "mobilePhone": "mobile_phone" });
    world.reconfigure(json!({ "preset": "mirror", "mapping": one_way }));
    let sent = patches(&world);
    let plan = plan_undo(&world, &undone.id).await;
    assert_eq!((plan.given, patches(&world)), (0, sent));
    assert_eq!(plan.skips[0].reason, "stays-in-directory", "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_writes_stand_in_the_plan_of_an_undo_and_it_passes_as_approved() {
    let wide = json!({ "limits": { "directory": { "count": 100, "percent": 100, "floor": 100 } } });
    let mut world = world_of(&["User.Read.All", "User.ReadWrite.All"], wide).await;
    for id in 1..=PEOPLE {
        world.edit_here(id, "job_title", Some("Imported"));
    }
    let run = world.sync().await;
    let mapping = json!({
        "givenName": "first_name",
        "mail": "email",
        "jobTitle": { "field": "job_title", "direction": "two-way" },
    });
    world.reconfigure(json!({ "preset": "mirror", "mapping": mapping }));
    let plan = plan_undo(&world, &run.id).await;
    let [block] = &plan.blocks[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(
        (&*block.breaker, &block.digest),
        ("directory", &plan.digest)
    );
    let undone = undo_as_planned(&world, &run.id, &plan.digest).await;
    assert_eq!(undone.given, u64::from(PEOPLE));
}
