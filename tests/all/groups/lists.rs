//! Groups become lists.

use host_harness::contract::{Effect, RunMode, RunStatus};
use serde_json::json;

use super::{PEOPLE, world, world_of};
use crate::world::{object_id, person, planned_count};

#[tokio::test(flavor = "multi_thread")]
async fn each_group_is_a_list_and_its_people_are_on_it_from_the_beginning() {
    let world = world(json!({})).await;
    world.add_group("Sales", &[1, 2, 3]);
    world.add_group("Support", &[3, 4]);
    world.add_group("Nobody", &[]);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.on("Sales"), [1, 2, 3]);
    assert_eq!(world.on("Support"), [3, 4]);
    assert_eq!(
        world.lists().len(),
        2,
        "a list is made when somebody is on it"
    );
    assert_eq!(
        world.contact_of(3).unwrap().version,
        1,
        "one write for everything"
    );
    assert_eq!(
        world.linked(PEOPLE).len(),
        PEOPLE as usize,
        "all people are in scope"
    );
    assert_eq!(world.asked("memberOf"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_and_who_leaves_is_on_the_right_lists_after_the_next_run() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2, 3]);
    world.sync().await;
    world.join(&sales, &[7]);
    world.leave(&sales, &[2]);
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental);
    assert_eq!(run.counts.updated, 2, "{run:?}");
    assert_eq!(world.on("Sales"), [1, 3, 7]);
    let again = world.sync().await;
    assert_eq!(
        (again.counts.processed, again.requests),
        (0, 3),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_in_a_group_is_on_its_list_at_once() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1]);
    world.sync().await;
    world.control().add_user(person(50, "New", "Hire")).unwrap();
    world.join(&sales, &[50]);
    world.sync().await;
    let hired = world.contact_of(50).unwrap();
    assert_eq!(hired.lists, ["Sales"]);
    assert_eq!(hired.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_a_sync_then_does_and_changes_nothing_itself() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2, 3]);
    let first = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&first, Effect::Create), u64::from(PEOPLE));
    let planned = world.planned();
    let of_one = planned
        .iter()
        .find(|entry| entry.what.object_id == object_id(1));
    assert_eq!(of_one.unwrap().what.joins, ["Sales"]);
    world.sync().await;

    world.join(&sales, &[7]);
    world.leave(&sales, &[2]);
    for _ in 0..2 {
        let plan = world.plan(RunMode::Incremental).await;
        assert_eq!(planned_count(&plan, Effect::Update), 2, "{plan:?}");
    }
    let planned = world.planned();
    let changes: Vec<_> = planned
        .iter()
        .map(|entry| (entry.what.joins.clone(), entry.what.leaves.clone()))
        .collect();
    let sales = vec!["Sales".to_owned()];
    assert_eq!(changes, [(vec![], sales.clone()), (sales, vec![])]);
    assert_eq!(world.on("Sales"), [1, 2, 3]);
    assert_eq!(world.sync().await.counts.updated, 2);
    assert_eq!(world.on("Sales"), [1, 3, 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_groups_count_and_no_others() {
    let kinds = json!({ "kinds": ["microsoft-365"] });
    let named = json!({ "include": ["sales  EAST", "Region *"] });
    for (rules, expected) in [
        (kinds, vec!["Team"]),
        (named, vec!["Region North", "Sales East"]),
    ] {
        let world = world(rules).await;
        world.add_group("Sales East", &[1]);
        world.add_group("Sales West", &[2]);
        world.add_group("Region North", &[3]);
        let team = json!({ "groupTypes": ["Unified"], "mailEnabled": true });
        world.add_group_with("Team", &[4], team);
        world.sync().await;
        assert_eq!(world.lists().into_iter().collect::<Vec<_>>(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_chosen_by_id_are_the_only_ones_that_are_asked_for() {
    let chosen = "11111111-0000-4000-8000-000000000001";
    let world = world(json!({ "include": [chosen] })).await;
    world.add_group_with("Chosen", &[1, 2], json!({ "id": chosen }));
    world.add_group("Other", &[3]);
    world.sync().await;
    assert_eq!(world.lists().into_iter().collect::<Vec<_>>(), ["Chosen"]);
    assert_eq!(world.asked("filter=id%20eq"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_group_takes_its_people_to_the_list_of_its_new_name() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2]);
    world.sync().await;
    world
        .control()
        .edit_group(&sales, json!({ "displayName": "Sales worldwide" }))
        .unwrap();
    world.sync().await;
    assert_eq!(world.on("Sales worldwide"), [1, 2]);
    assert_eq!(world.on("Sales"), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_groups_inside_a_group_are_members_where_that_is_configured() {
    for (members, expected) in [("direct", vec![1]), ("transitive", vec![1, 2, 3])] {
        let world = world(json!({ "members": members, "include": ["Outer"] })).await;
        let inner = world.add_group("Inner", &[2, 3]);
        let outer = world.add_group_with("Outer", &[], json!({ "members": [object_id(1), inner] }));
        world.sync().await;
        assert_eq!(world.on("Outer"), expected, "{members}");
        assert_eq!(world.lists().len(), 1, "the inner one was not chosen");
        if members == "transitive" {
            // The parent says nothing of it (Microsoft's answer in the issues of its documentation).
            world.join(&inner, &[4]);
            world.sync().await;
            assert_eq!(world.on("Outer"), [1, 2, 3, 4]);
            // A circle ends where it begins again.
            world
                .control()
                .add_members(&inner, &host_harness::graph_emulator::Members::of([outer]))
                .unwrap();
            world.sync().await;
            assert_eq!(world.on("Outer"), [1, 2, 3, 4]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_and_applications_in_a_group_are_nobody() {
    let world = world(json!({})).await;
    let device = json!({ "@odata.type": "#microsoft.graph.device", "displayName": "LAPTOP" });
    let device = world.control().add_object(device).unwrap();
    world.add_group_with("Mixed", &[], json!({ "members": [object_id(1), device] }));
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.on("Mixed"), [1]);
    assert_eq!(world.contacts().len(), PEOPLE as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_in_many_parts_in_any_order_and_told_twice_is_one_group() {
    let world = world_of(json!({}), |behaviour| {
        behaviour.members_per_page = 2;
        behaviour.group_parts_apart = true;
        behaviour.repeat_over_pages = true;
        behaviour.empty_first_page = true;
    })
    .await;
    world.add_group("Large", &[1, 2, 3, 4, 5, 6, 7]);
    world.add_group("Small", &[1]);
    world.sync().await;
    assert_eq!(world.on("Large"), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(world.on("Small"), [1]);
    assert_eq!(world.sync().await.counts.processed, 0);
    assert_eq!(world.full_sync().await.counts.unchanged, u64::from(PEOPLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_members_and_hidden_names_are_remarked_and_taken_for_nothing() {
    let world = world(json!({})).await;
    let hidden = json!({
        "groupTypes": ["Unified"], "mailEnabled": true, "visibility": "HiddenMembership",
    });
    world.add_group_with("Secret", &[1, 2], hidden);
    world.add_group("Open", &[3]);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Warnings);
    let messages: Vec<_> = run
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(
        messages
            .iter()
            .any(|message| message.starts_with("Groups: 1 group hide")),
        "{messages:?}"
    );
    assert_eq!(world.lists().into_iter().collect::<Vec<_>>(), ["Open"]);
    let again = world.sync().await;
    assert_eq!(again.status, RunStatus::Warnings, "it is still so");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_explained_because_of_which_group_somebody_is_on_a_list() {
    let world = world(json!({ "members": "transitive", "include": ["Outer", "Sales"] })).await;
    let inner = world.add_group("Inner", &[2]);
    world.add_group_with("Outer", &[], json!({ "members": [object_id(1), inner] }));
    world.add_group("Sales", &[2]);
    world.sync().await;
    assert_eq!(
        world.story_of(1).await,
        ["On the list “Outer” as a member of the group “Outer”."]
    );
    assert_eq!(
        world.story_of(2).await,
        [
            "On the list “Sales” as a member of the group “Sales”.",
            "On the list “Outer” as a member of the group “Inner”, which is inside “Outer”.",
        ]
    );
    assert!(world.story_of(3).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_whom_a_page_leaves_out_what_names_a_list_is_on_those_of_their_groups_all_the_same()
 {
    let mut sync = super::groups(json!({}));
    sync["list"] = json!({ "perAttribute": "department" });
    let world = crate::world::World::with(crate::world::people(PEOPLE), sync)
        .emulator(|options| {
            options.tenant.roles = ["User.Read.All", "GroupMember.Read.All"]
                .map(str::to_owned)
                .to_vec();
        })
        .begin()
        .await;
    let group = world.add_group("Newcomers", &[1]);
    world.sync().await;
    let mut hired = person(50, "New", "Hire");
    hired.as_object_mut().unwrap().remove("department");
    world.control().add_user(hired).unwrap();
    world.join(&group, &[50, 2]);
    world.sync().await;
    assert_eq!(world.contact_of(50).unwrap().lists, ["Newcomers"]);
    assert_eq!(world.contact_of(2).unwrap().lists, ["Newcomers", "Sales"]);
}
