//! What a manager is called stands in the contacts of those who report to them: told by the list, by the feed
//! of changes as an id alone, and by no page at all where the manager's own name changes.

use host_harness::contract::{Run, RunMode, RunStatus};
use host_harness::graph_emulator::Behaviour;
use serde_json::{Value, json};

use crate::world::snapshot::assert_came_true;
use crate::world::{World, object_id, people, people_over_years, person, person_with, request};

/// The head of everybody, and a manager beside.
const HEAD: u32 = 1;
const OTHER: u32 = 2;

fn mapping() -> Value {
    json!({
        "givenName": "first_name", "surname": "last_name", "mail": "email",
        "manager/displayName": { "label": "Manager" },
        "manager/mail": { "label": "Manager's email" },
    })
}

fn mirror() -> Value {
    json!({ "preset": "mirror", "mapping": mapping() })
}

fn reporting_to(id: u32, given_name: &str, manager: u32) -> Value {
    let manager = json!({ "manager": { "id": object_id(manager) } });
    person_with(id, given_name, "Berger", manager)
}

/// Two managers, two who report to the first, and one to the second.
async fn world() -> World {
    let people = vec![
        person(HEAD, "Zoe", "Vance"),
        person(OTHER, "Jo", "Berg"),
        reporting_to(3, "Kim", HEAD),
        reporting_to(4, "Lou", HEAD),
        reporting_to(5, "Max", OTHER),
    ];
    let world = World::with(people, mirror()).begin().await;
    let run = world.sync().await;
    assert_done(&run);
    assert_eq!(run.counts.created, 5, "{run:?}");
    world.control().clear_requests();
    world
}

/// It came to its end; that somebody has no manager is worth a warning.
fn assert_done(run: &Run) {
    let is_done = matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings);
    assert!(is_done && run.counts.failed == 0, "{run:?}");
}

fn manager_of(world: &World, id: u32) -> Option<String> {
    world.field_of(id, "Manager")
}

/// The managers of the three who have one at the beginning.
fn managers(world: &World) -> [Option<String>; 3] {
    [3, 4, 5].map(|id| manager_of(world, id))
}

fn named(name: &str) -> Option<String> {
    Some(name.to_owned())
}

fn edit(world: &World, id: u32, changes: Value) {
    world.control().edit_user(&object_id(id), changes).unwrap();
}

fn asked(world: &World, part: &str) -> usize {
    let requests = world.control().requests();
    let asked = requests.iter().filter(|asked| asked.target.contains(part));
    asked.count()
}

/// A plan says exactly what the sync then does.
async fn sync_as_planned(world: &World, mode: RunMode) -> Run {
    world.plan(mode).await;
    let planned = world.planned();
    let before = world.snapshot();
    world.control().clear_requests();
    let run = world.run(request(mode)).await;
    assert_done(&run);
    assert_came_true(&before, &planned, &world.snapshot());
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_what_managers_are_called_without_a_request_for_anybody() {
    let people = vec![person(HEAD, "Zoe", "Vance"), reporting_to(3, "Kim", HEAD)];
    let world = World::with(people, mirror()).begin().await;
    world.sync().await;
    assert_eq!(manager_of(&world, 3), named("Zoe Vance"));
    let address = world.field_of(3, "Manager's email");
    assert_eq!(address, named("zoe.vance@contoso.example"));
    assert_eq!(manager_of(&world, HEAD), None);
    assert_eq!(asked(&world, "$batch"), 0);
    let pages: Vec<_> = world.control().requests();
    let list = pages
        .iter()
        .find(|page| page.target.contains("/users?$top="));
    let list = &list.unwrap().target;
    assert!(
        list.contains("$top=100") && list.contains("$expand=manager("),
        "{list}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_finds_nothing_to_do_asks_once_and_writes_nothing() {
    let world = world().await;
    let run = world.sync().await;
    assert_eq!(run.counts.processed, 0, "{run:?}");
    assert_eq!(
        world.control().requests().len(),
        1 + 1,
        "a token and a page"
    );
    let run = world.full_sync().await;
    assert_eq!(run.counts.unchanged, 5, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_another_manager_is_asked_for_and_has_the_new_ones_name() {
    let world = world().await;
    edit(&world, 3, json!({ "manager": object_id(OTHER) }));
    let run = sync_as_planned(&world, RunMode::Incremental).await;
    assert_eq!(run.counts.updated, 1, "{run:?}");
    assert_eq!(
        managers(&world),
        [named("Jo Berg"), named("Zoe Vance"), named("Jo Berg")]
    );
    assert_eq!(
        asked(&world, "/$batch"),
        2,
        "who reports to them, and they themselves"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_is_renamed_changes_the_contacts_of_those_who_report_to_them() {
    let world = world().await;
    edit(
        &world,
        HEAD,
        json!({ "displayName": "Zoe Miles", "mail": "zoe.miles@contoso.example" }),
    );
    let run = sync_as_planned(&world, RunMode::Incremental).await;
    assert_eq!(
        managers(&world),
        [named("Zoe Miles"), named("Zoe Miles"), named("Jo Berg")]
    );
    let address = world.field_of(4, "Manager's email");
    assert_eq!(address, named("zoe.miles@contoso.example"));
    assert_eq!(run.counts.processed, 3, "the manager, and two: {run:?}");
    assert_eq!(asked(&world, "/$batch"), 2);

    let run = world.sync().await;
    assert_eq!(run.counts.processed, 0, "{run:?}");
    let run = world.full_sync().await;
    assert_eq!(run.counts.updated, 0, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_who_report_to_each_other_or_to_themselves_come_to_an_end() {
    let world = world().await;
    edit(
        &world,
        HEAD,
        json!({ "manager": object_id(OTHER), "displayName": "Zoe Miles" }),
    );
    edit(
        &world,
        OTHER,
        json!({ "manager": object_id(HEAD), "displayName": "Jo Miles" }),
    );
    edit(
        &world,
        5,
        json!({ "manager": object_id(5), "displayName": "Max Miles" }),
    );
    let run = sync_as_planned(&world, RunMode::Incremental).await;
    assert_eq!(run.counts.processed, 5, "each of them once: {run:?}");
    assert_eq!(manager_of(&world, HEAD), named("Jo Miles"));
    assert_eq!(manager_of(&world, OTHER), named("Zoe Miles"));
    assert_eq!(
        managers(&world),
        [named("Zoe Miles"), named("Zoe Miles"), named("Max Miles")]
    );
    let run = world.full_sync().await;
    assert_eq!(run.counts.updated, 0, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_manager_any_more_is_told_so_by_the_feed_and_the_field_is_emptied() {
    let world = world().await;
    edit(&world, 3, json!({ "manager": null }));
    sync_as_planned(&world, RunMode::Incremental).await;
    assert_eq!(
        managers(&world),
        [None, named("Zoe Vance"), named("Jo Berg")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_round_tells_who_has_no_manager_any_more() {
    let world = world().await;
    edit(&world, 3, json!({ "manager": null }));
    sync_as_planned(&world, RunMode::Full).await;
    assert_eq!(
        managers(&world),
        [None, named("Zoe Vance"), named("Jo Berg")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_was_deleted_is_taken_for_none_by_a_full_round_and_by_nothing_before() {
    let world = world().await;
    world.control().delete_user(&object_id(OTHER)).unwrap();
    edit(
        &world,
        5,
        json!({ "jobTitle": "Designer", "displayName": "Max Miles" }),
    );
    let run = world.sync().await;
    assert_done(&run);
    assert_eq!(manager_of(&world, 5), named("Jo Berg"));
    world.full_sync().await;
    assert_eq!(
        managers(&world),
        [named("Zoe Vance"), named("Zoe Vance"), None]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_comes_back_is_named_again() {
    let world = world().await;
    world.control().delete_user(&object_id(OTHER)).unwrap();
    world.full_sync().await;
    assert_eq!(manager_of(&world, 5), None);
    world.control().restore_user(&object_id(OTHER)).unwrap();
    world.sync().await;
    assert_eq!(manager_of(&world, 5), named("Jo Berg"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_can_be_a_manager() {
    let guest = json!({
        "userType": "Guest", "mail": "ada@fabrikam.example",
        "userPrincipalName": "ada_fabrikam.example#EXT#@contoso.onmicrosoft.example",
    });
    let people = vec![
        person_with(HEAD, "Ada", "Lind", guest),
        reporting_to(3, "Kim", HEAD),
    ];
    let world = World::with(people, mirror()).begin().await;
    world.sync().await;
    assert_eq!(manager_of(&world, 3), named("Ada Lind"));
    let address = world.field_of(3, "Manager's email");
    assert_eq!(address, named("ada@fabrikam.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_may_not_be_read_is_no_manager_without_a_name() {
    let world = world().await;
    world.control().set_behaviour(Behaviour {
        unreadable_managers: true,
        ..Behaviour::default()
    });
    edit(&world, 3, json!({ "manager": object_id(OTHER) }));
    for mode in [RunMode::Incremental, RunMode::Full] {
        let run = world.run(request(mode)).await;
        assert_done(&run);
        assert_eq!(run.counts.updated, 0, "{run:?}");
        assert_eq!(
            managers(&world),
            [named("Zoe Vance"), named("Zoe Vance"), named("Jo Berg")]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_states_no_manager_at_all_takes_nobodys_away() {
    let world = world().await;
    world.control().set_behaviour(Behaviour {
        withheld_properties: vec!["manager".to_owned()],
        ..Behaviour::default()
    });
    let run = world.full_sync().await;
    assert_eq!(
        (run.counts.updated, run.counts.unchanged),
        (0, 5),
        "{run:?}"
    );
    assert_eq!(
        managers(&world),
        [named("Zoe Vance"), named("Zoe Vance"), named("Jo Berg")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_id_alone_is_mapped_without_asking_for_anybody() {
    let people = vec![
        person(HEAD, "Zoe", "Vance"),
        person(OTHER, "Jo", "Berg"),
        reporting_to(3, "Kim", HEAD),
    ];
    let sync = json!({ "preset": "mirror", "mapping": {
        "givenName": "first_name", "surname": "last_name", "mail": "email",
        "manager/id": { "label": "Manager" },
    }});
    let world = World::with(people, sync).begin().await;
    world.sync().await;
    assert_eq!(manager_of(&world, 3), Some(object_id(HEAD)));
    edit(&world, 3, json!({ "manager": object_id(OTHER) }));
    world.control().clear_requests();
    world.sync().await;
    assert_eq!(manager_of(&world, 3), Some(object_id(OTHER)));
    assert_eq!(asked(&world, "$batch"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_chosen_by_their_manager_and_leave_the_scope_with_them() {
    let people = vec![
        person(HEAD, "Zoe", "Vance"),
        person(OTHER, "Jo", "Berg"),
        reporting_to(3, "Kim", HEAD),
        reporting_to(4, "Lou", OTHER),
    ];
    let sync = json!({ "preset": "mirror", "mapping": mapping(),
        "filters": { "manager/displayName": "Zoe Vance" } });
    let world = World::with(people, sync).begin().await;
    world.sync().await;
    assert_eq!(world.linked(4), [3]);
    edit(&world, 3, json!({ "manager": object_id(OTHER) }));
    edit(&world, 4, json!({ "manager": object_id(HEAD) }));
    world.sync().await;
    assert_eq!(world.linked(4), [4], "asked for, and judged by the name");
    edit(&world, OTHER, json!({ "displayName": "Zoe Vance" }));
    world.sync().await;
    assert_eq!(world.linked(4), [3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_to_ask_about_each_would_be_more_than_to_read_everybody_everybody_is_read() {
    const PEOPLE: u32 = 1_100;
    let mut all = people(PEOPLE);
    all[1]["manager"] = json!({ "id": object_id(HEAD) });
    let world = World::with(all, mirror()).begin().await;
    world.sync().await;
    world.control().clear_requests();
    let changes = json!({ "surname": "Miles" });
    world
        .control()
        .edit_users(u64::from(PEOPLE), changes)
        .unwrap();
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full, "{run:?}");
    assert_eq!(world.field_of(PEOPLE, "last_name"), named("Miles"));
    assert_eq!(manager_of(&world, 2), named("Given Number1"));
    let batches = asked(&world, "/$batch");
    assert!(
        batches <= 50,
        "{batches}: no more than a question for each of a thousand"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_divided_where_all_accounts_have_a_date_and_else_read_in_one_piece() {
    const PEOPLE: u32 = 60;
    for dated in [false, true] {
        let mut all = people_over_years(PEOPLE);
        for (person, id) in all.iter_mut().zip(1..) {
            person["manager"] = json!({ "id": object_id(1 + id / 10) });
            if dated && person.get("createdDateTime").is_none() {
                person["createdDateTime"] = json!("2024-05-01T09:00:00Z");
            }
        }
        let mut sync = mirror();
        sync["listing"] = json!({ "pageSize": 4 });
        let world = World::with(all, sync).begin().await;
        let run = world.sync().await;
        assert_eq!(run.counts.created, u64::from(PEOPLE), "{run:?}");
        let named = (1..=PEOPLE).filter(|id| manager_of(&world, *id).is_some());
        assert_eq!(named.count(), PEOPLE as usize);
        let in_parts = asked(&world, "&$filter=createdDateTime") > 0;
        assert_eq!(in_parts, dated);
    }
}
