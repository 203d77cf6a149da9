//! Organisational contacts beside users: addresses that both have, filters that ask of users alone, groups.

use host_harness::contract::RunMode;
use host_harness::graph_emulator::Members;
use serde_json::json;

use super::{contact, contact_id, included, world, world_of};
use crate::world::{object_id, person_with};

#[tokio::test(flavor = "multi_thread")]
async fn of_a_user_and_one_of_them_with_the_same_address_the_user_links_the_contact_that_is_there()
{
    for mode in [RunMode::Full, RunMode::Incremental] {
        let world = world_of(2, 0, included()).await;
        if mode == RunMode::Incremental {
            world.sync().await;
        }
        let here = world.add_contact(&[("email", "shared@contoso.example")]);
        // Its object id comes before the user's.
        let mut first = contact(1);
        first["id"] = json!("00000000-0000-4000-8000-000000000000");
        first["mail"] = json!("shared@contoso.example");
        world.control().add_contact(first).unwrap();
        let shared = json!({ "mail": "Shared@contoso.example" });
        world
            .control()
            .add_user(person_with(9, "Shared", "Address", shared))
            .unwrap();
        world.sync().await;
        assert_eq!(world.contact_of(9).unwrap().id, here, "{mode:?}");
        let count = world.contacts().len();
        assert_eq!(
            count, 4,
            "two people who share an address get a contact each"
        );
        assert_eq!(world.full_sync().await.counts.created, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_users_alone_keeps_none_of_them_out_and_configure_says_so() {
    let mut sync = included();
    sync["filters"] = json!({ "accountEnabled": true, "userType": "Member" });
    sync["disabled"] = json!("deactivate");
    let world = world(sync).await;
    let warnings = world.configure().await.unwrap().warnings.join("\n");
    for name in ["accountEnabled", "userType"] {
        assert!(warnings.contains(name), "{warnings}");
    }
    world.sync().await;
    assert_eq!(world.partners(), [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_have_is_asked_of_both() {
    let mut sync = included();
    sync["filters"] = json!({ "department": "Sales", "country": "USA" });
    let world = world_of(1, 2, sync).await;
    world
        .control()
        .edit_contact(&contact_id(2), json!({ "department": "Legal" }))
        .unwrap();
    world.sync().await;
    assert_eq!(world.partners(), [1]);
    world
        .control()
        .edit_contact(&contact_id(1), json!({ "addresses": [] }))
        .unwrap();
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 1, "left the scope: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_in_a_group_is_on_its_list_where_they_are_included() {
    let mut sync = included();
    sync["scope"] = json!("users-and-groups");
    sync["list"] = json!("none");
    let world = world(sync).await;
    let roles = [
        "User.Read.All",
        "OrgContact.Read.All",
        "GroupMember.Read.All",
    ];
    world.control().grant(roles.map(str::to_owned).to_vec());
    let members = [object_id(1), contact_id(2)];
    let group = json!({ "displayName": "Allies", "members": members });
    let group = world.control().add_group(group).unwrap();
    world.sync().await;
    assert_eq!(world.partner(2).unwrap().lists, ["Allies"]);
    assert!(world.partner(3).unwrap().lists.is_empty());

    let control = world.control();
    control
        .add_members(&group, &Members::of([contact_id(3)]))
        .unwrap();
    control
        .remove_members(&group, &Members::of([contact_id(2)]))
        .unwrap();
    world.sync().await;
    assert!(world.partner(2).unwrap().lists.is_empty());
    assert_eq!(world.partner(3).unwrap().lists, ["Allies"]);
}
