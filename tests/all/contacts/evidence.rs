//! Nobody of them is taken away without evidence, and not to be allowed to read them is none.

use host_harness::contract::{Effect, Evidence, RunMode, RunStatus};
use host_harness::graph_emulator::{Fault, Items, Links};

use super::{contact_id, included, world};
use crate::world::{World, planned_count};

const ALL: [u32; 5] = [1, 2, 3, 4, 5];

/// The evidence that the plan that was made last has for a numbered one.
fn evidence(world: &World, id: u32) -> Option<Evidence> {
    let planned = world.planned().into_iter();
    let mut of = planned.filter(|entry| entry.what.object_id == contact_id(id));
    of.next()?.what.evidence
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_directory_says_is_deleted_is_taken_away() {
    let world = world(included()).await;
    world.sync().await;
    world.control().delete_contact(&contact_id(2)).unwrap();
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Unlink), 1, "{plan:?}");
    assert_eq!(evidence(&world, 2), Some(Evidence::DeletedPermanently));
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 1, "{run:?}");
    assert_eq!(world.partners(), [1, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deleted_while_the_place_in_the_changes_is_lost_is_asked_for_first() {
    let world = world(included()).await;
    world.sync().await;
    world.control().delete_contact(&contact_id(4)).unwrap();
    world.control().expire_delta_tokens();
    world.plan(RunMode::Incremental).await;
    assert_eq!(evidence(&world, 4), Some(Evidence::NotFoundAnywhere));
    let run = world.sync().await;
    assert_eq!((run.mode, run.counts.removed), (RunMode::Full, 1));
    assert_eq!(world.partners(), [1, 2, 3, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_full_round_does_not_show_and_is_there_when_asked_for_stays() {
    let world = world(included()).await;
    world.sync().await;
    world.control().inject(Fault {
        path: Some("/v1.0/contacts?".to_owned()),
        items: Items::First(4),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.counts.removed, 0, "{run:?}");
    assert_eq!(world.partners(), ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_them_that_is_empty_while_some_are_counted_ends_the_run_incomplete() {
    let world = world(included()).await;
    world.sync().await;
    world.control().inject(Fault {
        path: Some("/v1.0/contacts?".to_owned()),
        items: Items::First(0),
        links: Links::Removed,
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Incomplete, "{run:?}");
    assert_eq!(run.errors[0].code, "list-truncated");
    assert_eq!(world.partners(), ALL);
    world.control().clear_faults();
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_may_have_none_and_come_to_have_none() {
    let none = super::world_of(super::USERS, 0, included()).await;
    assert_eq!(none.sync().await.status, RunStatus::Succeeded);

    let world = super::world_of(super::USERS, 2, included()).await;
    world.sync().await;
    for id in [1, 2] {
        world.control().delete_contact(&contact_id(id)).unwrap();
    }
    let run = world.full_sync().await;
    assert_eq!(
        (run.status, run.counts.removed),
        (RunStatus::Succeeded, 2),
        "{run:?}"
    );
    assert!(world.partners().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_a_run_fails_and_names_it_and_nobody_goes() {
    let world = world(included()).await;
    world.control().grant(vec!["User.Read.All".to_owned()]);
    world.control().revoke_access_tokens();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Failed);
    let said = format!("{:?}", run.errors);
    assert!(said.contains("OrgContact.Read.All"), "{said}");
    assert!(said.contains("organisational contacts"), "{said}");

    world.control().grant(
        ["User.Read.All", "OrgContact.Read.All"]
            .map(str::to_owned)
            .to_vec(),
    );
    world.sync().await;
    assert_eq!(world.partners(), ALL);
    // It is taken away again, and one of them is deleted.
    world.control().grant(vec!["User.Read.All".to_owned()]);
    world.control().revoke_access_tokens();
    world.control().delete_contact(&contact_id(1)).unwrap();
    for mode in [RunMode::Incremental, RunMode::Full] {
        let run = world.run(crate::world::request(mode)).await;
        assert_eq!(run.status, RunStatus::Failed, "{run:?}");
        assert_eq!(world.partners(), ALL);
    }
}
