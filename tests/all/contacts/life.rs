//! They come, change and are told of.

use host_harness::contract::{CheckStatus, RunStatus};
use serde_json::json;

use super::{CONTACTS, USERS, contact, contact_id, included, world};
use crate::world::request;
use host_harness::contract::RunMode;

#[tokio::test(flavor = "multi_thread")]
async fn they_get_contacts_beside_the_users_and_a_second_run_writes_nothing_with_one_request_more()
{
    let world = world(included()).await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.created, u64::from(USERS + CONTACTS));
    assert_eq!(world.partners(), [1, 2, 3, 4, 5]);
    let fields = world.partner(3).unwrap().fields;
    assert_eq!(fields["first_name"], "Partner");
    assert_eq!(fields["email"], "partner3@fabrikam.example");
    assert_eq!(
        fields["mobile_phone"], "+1 425 555 0103",
        "the mobile one of several"
    );
    assert_eq!(fields["company"], "Fabrikam");

    let before = world.snapshot();
    world.control().clear_requests();
    let again = world.sync().await;
    assert_eq!(again.counts.processed, 0, "{again:?}");
    assert_eq!(world.asked_for("/v1.0/"), 2);
    assert_eq!(world.asked_for("/v1.0/contacts/delta"), 1);
    assert_eq!(world.snapshot(), before);
    let full = world.full_sync().await;
    assert_eq!(full.counts.unchanged, u64::from(USERS + CONTACTS));
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_neither_read_nor_asked_for_unless_the_document_says_so() {
    let world = world(json!({ "preset": "mirror" })).await;
    world.sync().await;
    world.full_sync().await;
    assert!(world.partners().is_empty());
    assert_eq!(world.asked_for("/contacts"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_of_them_changes_in_the_contacts_and_what_is_cleared_is_emptied() {
    let world = world(included()).await;
    world.sync().await;
    let control = world.control();
    let change = json!({ "companyName": "Litware", "phones": [] });
    control.edit_contact(&contact_id(2), change).unwrap();
    control.add_contact(contact(CONTACTS + 1)).unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.updated), (1, 1), "{run:?}");
    let fields = world.partner(2).unwrap().fields;
    assert_eq!(fields["company"], "Litware");
    assert_eq!(fields.get("mobile_phone"), None);
    assert_eq!(world.partners(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(world.sync().await.counts.processed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_the_sync_then_does() {
    let world = world(included()).await;
    let plan = world.plan(RunMode::Full).await;
    let planned = world.planned();
    assert_eq!(planned.len() as u32, USERS + CONTACTS, "{plan:?}");
    world.sync().await;
    assert_eq!(world.contacts().len(), planned.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_slices_of_one_page_ends_as_an_unbroken_one() {
    let mut sync = included();
    sync["listing"] = json!({ "pageSize": 2 });
    let world = world(sync).await;
    let mut sliced = request(RunMode::Full);
    sliced.slice.max_pages = Some(1);
    let run = world.run(sliced).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.created, u64::from(USERS + CONTACTS));
    assert_eq!(world.partners(), [1, 2, 3, 4, 5]);
    assert_eq!(world.sync().await.counts.processed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_and_report_tell_them_from_users() {
    let world = world(included()).await;
    world.sync().await;
    let told = world.explain_partner(1).await.summary;
    assert!(told[0].contains("organisational contact"), "{told:?}");
    let report = world.report().await;
    assert!(
        report.explanation.contains("5 organisational contacts"),
        "{}",
        report.explanation
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_a_connection_tries_them_and_names_the_permission_that_is_missing() {
    let world = world(included()).await;
    let ready = world.configure().await.unwrap();
    assert!(ready.ready, "{:?}", ready.checks);
    let check = ready.checks.iter().find(|check| check.name == "contacts");
    assert_eq!(check.unwrap().status, CheckStatus::Passed);

    world.control().grant(vec!["User.Read.All".to_owned()]);
    world.control().revoke_access_tokens();
    let refused = world.configure().await.unwrap();
    assert!(!refused.ready);
    let said = format!("{:?}", refused.checks);
    assert!(said.contains("OrgContact.Read.All"), "{said}");
}
