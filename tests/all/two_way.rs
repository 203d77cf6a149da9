//! Rows that go both ways: through the component, against the local Graph.

use host_harness::contract::{
    Approval, CheckStatus, ConfigurationReport, ContestedValue, Effect, RunMode, RunStatus, Side,
    SyncRequest,
};
use host_harness::runtime::Decision;
use host_harness::store_api::PlanRecord;
use serde_json::{Value, json};

use crate::world::{World, connector, object_id, people, request};

pub(crate) const PEOPLE: u32 = 12;

pub(crate) async fn world_of(roles: &[&str], more: Value) -> World {
    let mut sync = json!({
        "preset": "mirror",
        "mapping": {
            "givenName": "first_name",
            "mail": "email",
            "jobTitle": { "field": "job_title", "direction": "two-way" },
        },
    });
    for (key, value) in more.as_object().unwrap() {
        sync[key] = value.clone();
    }
    let roles: Vec<_> = roles.iter().map(|role| (*role).to_owned()).collect();
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| {
            options.tenant.roles.clone_from(&roles);
            options.tenant.permissions = roles;
        })
        .begin()
        .await;
    world.sync().await;
    world
}

pub(crate) async fn world() -> World {
    world_of(&["User.Read.All", "User.ReadWrite.All"], json!({})).await
}

/// What the directory holds.
pub(crate) fn there(world: &World, id: u32, attribute: &str) -> Option<String> {
    let user = world.control().user(&object_id(id)).unwrap();
    user.get(attribute)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

pub(crate) fn patches(world: &World) -> usize {
    let requests = world.control().requests();
    requests
        .iter()
        .filter(|request| request.method == "PATCH")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_here_is_planned_given_and_comes_back_as_no_change() {
    let world = world().await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let plan = world.plan(RunMode::Incremental).await;
    world
        .store
        .keep_plan(&PlanRecord {
            digest: plan.digest.clone(),
            mode: "incremental".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
    let planned = world.planned_under(&plan.digest);
    let [entry] = &planned[..] else {
        panic!("{planned:?}");
    };
    assert_eq!(entry.what.effect, Effect::Update);
    assert_eq!(entry.directory[0].attribute, "jobTitle");
    assert_eq!(entry.directory[0].after.as_deref(), Some("Head of Sales"));
    assert_eq!(patches(&world), 0, "a plan writes nothing");

    let run = world
        .run(SyncRequest {
            approval: Some(Approval::Plan(plan.digest)),
            ..request(RunMode::Incremental)
        })
        .await;
    assert_eq!(run.approved.unwrap().performed, 1);
    assert_eq!(
        there(&world, 1, "jobTitle").as_deref(),
        Some("Head of Sales")
    );
    assert_eq!(patches(&world), 1);
    let before = world.snapshot();
    // Nobody but the echo of what was written, if that.
    assert!(world.sync().await.counts.unchanged <= 1);
    assert_eq!(world.sync().await.counts.processed, 0);
    let everybody = world.full_sync().await;
    assert_eq!(everybody.counts.unchanged, u64::from(PEOPLE));
    assert_eq!(patches(&world), 1);
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_follows_the_one_that_moved() {
    let world = world().await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let title = json!({ "jobTitle": "Chief" });
    world.control().edit_user(&object_id(2), title).unwrap();
    world.sync().await;
    assert_eq!(
        there(&world, 1, "jobTitle").as_deref(),
        Some("Head of Sales")
    );
    assert_eq!(world.field_of(2, "job_title").as_deref(), Some("Chief"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_shows_the_value_of_before_undoes_nothing() {
    let world = world().await;
    let mut behaviour = world.control().behaviour();
    behaviour.stale_reads = 3;
    behaviour.stale_rounds = 2;
    world.control().set_behaviour(behaviour);
    world.edit_here(1, "job_title", Some("Head of Sales"));
    for _ in 0..4 {
        world.sync().await;
        assert_eq!(
            world.field_of(1, "job_title").as_deref(),
            Some("Head of Sales")
        );
    }
    assert_eq!(
        there(&world, 1, "jobTitle").as_deref(),
        Some("Head of Sales")
    );
    assert_eq!(patches(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_to_write_both_sides_stay_and_the_run_says_so() {
    let world = world_of(&["User.Read.All"], json!({})).await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Warnings);
    let told = run
        .warnings
        .iter()
        .find(|warning| warning.message.contains("may not write to"));
    assert_eq!(told.unwrap().count, 1);
    assert_eq!(
        world.field_of(1, "job_title").as_deref(),
        Some("Head of Sales")
    );
    assert_eq!(patches(&world), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_a_connection_tells_the_permission_without_writing() {
    let may = world().await.configure().await.unwrap();
    let may_not = world_of(&["User.Read.All"], json!({})).await;
    let lacks = may_not.configure().await.unwrap();
    let status = |report: &ConfigurationReport| report.checks.last().unwrap().status;
    assert_eq!((may.ready, status(&may)), (true, CheckStatus::Passed));
    assert_eq!((lacks.ready, status(&lacks)), (true, CheckStatus::Warning));
    let message = &lacks.checks.last().unwrap().message;
    assert!(
        message.contains("User.ReadUpdate.All, for `jobTitle`"),
        "{message}"
    );
    assert_eq!(patches(&may_not), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_people_who_are_synchronised_from_on_premises_nothing_is_written() {
    let world = world().await;
    let synced = json!({ "onPremisesSyncEnabled": true });
    world.control().edit_user(&object_id(1), synced).unwrap();
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let run = world.sync().await;
    assert!(
        run.warnings
            .iter()
            .any(|warning| warning.message.contains("on-premises")),
        "{run:?}"
    );
    assert_eq!(patches(&world), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_somebody_with_a_role_is_never_written() {
    let mapping = json!({
        "givenName": "first_name",
        "mail": "email",
        "mobilePhone": { "field": "mobile_phone", "direction": "two-way" },
    });
    let more = json!({ "mapping": mapping, "writes": { "sensitive": true } });
    let world = world_of(&["User.Read.All", "User.ReadWrite.All"], more).await;
    world
        .control()
        .assign_roles(&object_id(1), &["Global Administrator"])
        .unwrap();
    let before = there(&world, 1, "mobilePhone");
    for id in [1, 2] {
        world.edit_here(id, "mobile_phone", Some("+44 7700 900999"));
    }
    let run = world.sync().await;
    assert_eq!(run.counts.failed, 1);
    assert_eq!(run.errors[0].code, "privileged-person");
    assert_eq!(there(&world, 1, "mobilePhone"), before);
    assert_eq!(
        there(&world, 2, "mobilePhone").as_deref(),
        Some("+44 7700 900999")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_edit_of_contacts_stops_before_the_directory_sees_any_of_it() {
    let world = world().await;
    for id in 1..=PEOPLE {
        world.edit_here(id, "job_title", Some("Imported"));
    }
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked);
    let block = run.block.unwrap();
    assert_eq!((block.breaker.as_str(), patches(&world)), ("directory", 0));
    let run = world
        .run(SyncRequest {
            approval: Some(Approval::Block(block.digest)),
            ..request(RunMode::Incremental)
        })
        .await;
    assert_eq!(
        (run.status, patches(&world)),
        (RunStatus::Succeeded, PEOPLE as usize)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_people_is_ever_written_to_the_directory() {
    let world = world().await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    world.edit_here(2, "job_title", None);
    world.control().delete_user(&object_id(3)).unwrap();
    world.sync().await;
    for request in world.control().requests() {
        let path = request.path().to_owned();
        let is_allowed = match request.method.as_str() {
            "GET" => true,
            "POST" => path.ends_with("/token") || path.ends_with("/$batch"),
            "PATCH" => path.contains("/users/"),
            _ => false,
        };
        assert!(is_allowed, "{} {path}", request.method);
    }
    assert_eq!(there(&world, 2, "jobTitle"), None);
}

/// Directory and contact have both changed the title of the first person.
async fn in_conflict() -> World {
    let more = json!({ "conflicts": "ask" });
    let world = world_of(&["User.Read.All", "User.ReadWrite.All"], more).await;
    world.edit_here(1, "job_title", Some("Head of Sales"));
    let title = json!({ "jobTitle": "Chief" });
    world.control().edit_user(&object_id(1), title).unwrap();
    let run = world.sync().await;
    let told = run.warnings.iter().map(|warning| warning.count);
    assert_eq!((run.counts.processed, told.sum::<u64>()), (1, 1), "{run:?}");
    world
}

async fn undecided(world: &World) -> Vec<ContestedValue> {
    let answer = connector().undecided(&world.workspace, &world.document, None, 10);
    answer.await.result.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_sides_changed_waits_for_somebody_who_decides() {
    for (side, everywhere) in [(Side::Directory, "Chief"), (Side::Contact, "Head of Sales")] {
        let world = in_conflict().await;
        let before = there(&world, 1, "jobTitle");
        assert_eq!(before.as_deref(), Some("Chief"));
        assert_eq!(
            world.field_of(1, "job_title").as_deref(),
            Some("Head of Sales")
        );
        let [one] = &undecided(&world).await[..] else {
            panic!("there is one");
        };
        assert_eq!(
            (one.attribute.as_str(), one.field.as_str()),
            ("jobTitle", "job_title")
        );
        let decision = Decision {
            user: one.object_id.clone(),
            attribute: one.attribute.clone(),
            seen_at_ms: one.seen_at_ms,
            side,
        };
        let decided = connector().decide(&world.workspace, &world.document, &decision);
        decided.await.result.unwrap();
        assert_eq!(undecided(&world).await[0].decided, Some(side));
        world.sync().await;
        world.sync().await;
        assert_eq!(there(&world, 1, "jobTitle").as_deref(), Some(everywhere));
        assert_eq!(world.field_of(1, "job_title").as_deref(), Some(everywhere));
        assert_eq!(undecided(&world).await, []);
        let again = connector().decide(&world.workspace, &world.document, &decision);
        let refused = again.await.result.unwrap_err().to_string();
        assert!(refused.contains("no longer in conflict"), "{refused}");
    }
}
