//! People who are in the contact store alone are invited: through the component, over SQLite, against the local Graph.

use std::sync::Arc;

use host_harness::contract::{Approval, CheckStatus, Effect, RunMode, RunStatus, SyncRequest, Who};
use host_harness::graph_emulator::{Behaviour, Fault};
use host_harness::store_api::PlanRecord;
use serde_json::{Value, json};

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::{World, connector, object_id, people, person_with, planned_count, request};

const PEOPLE: u32 = 12;
const KIM: &str = "kim@fabrikam.com";
/// A store that takes few changes at a time.
const BATCH: u32 = 10;

fn sync_that_invites() -> Value {
    json!({
        "preset": "mirror",
        "mapping": {
            "givenName": "first_name",
            "mail": "email",
            "jobTitle": { "field": "job_title", "direction": "two-way" },
        },
        "contactsWithoutUser": "invite",
        "invitations": { "redirectUrl": "https://contoso.example/welcome" },
    })
}

async fn world_with(roles: &[&str], everybody: Vec<Value>) -> World {
    let roles: Vec<_> = roles.iter().map(|role| (*role).to_owned()).collect();
    let world = World::with(everybody, sync_that_invites())
        .emulator(|options| {
            options.tenant.roles.clone_from(&roles);
            options.tenant.permissions = roles;
        })
        .begin()
        .await;
    world.sync().await;
    world
}

const ROLES: [&str; 4] = [
    "User.Read.All",
    "User.ReadWrite.All",
    "User.Invite.All",
    "OrgContact.Read.All",
];

async fn world() -> World {
    let world = world_with(&ROLES, people(PEOPLE)).await;
    world.control().clear_requests();
    world
}

/// Kim, whom the directory does not know.
fn add_kim(world: &World) -> String {
    world.add_contact(&[
        ("first_name", "Kim"),
        ("email", KIM),
        ("job_title", "Buyer"),
    ])
}

async fn world_and_kim() -> (World, String) {
    let world = world().await;
    let kim = add_kim(&world);
    (world, kim)
}

/// Requests that the directory was asked, by their path.
fn asked(world: &World, method: &str, path: &str) -> usize {
    let requests = world.control().requests();
    let asked = requests
        .iter()
        .filter(|it| it.method == method && it.path().ends_with(path));
    asked.count()
}

fn invitations(world: &World) -> usize {
    asked(world, "POST", "/invitations")
}

/// Whose the contact of an id is.
fn whose(world: &World, contact: &str) -> Option<String> {
    let contacts = world.contacts();
    contacts
        .into_iter()
        .find(|one| one.id == contact)?
        .object_id
}

fn guest(world: &World, contact: &str) -> serde_json::Map<String, Value> {
    let user = whose(world, contact).expect("linked");
    let user = world.control().user(&user).expect("in the directory");
    user.into_iter().collect()
}

/// How many guests there are.
fn guests(world: &World) -> u64 {
    world.control().overview().users - u64::from(PEOPLE)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_here_alone_is_planned_approved_invited_and_linked_and_then_nothing_happens() {
    let (world, kim) = world_and_kim().await;
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Invite), 1);
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
    assert_eq!(
        (entry.what.effect, entry.contact.as_deref()),
        (Effect::Invite, Some(&*kim))
    );
    let after: Vec<_> = entry
        .directory
        .iter()
        .map(|change| {
            (
                change.attribute.as_str(),
                change.before.as_deref(),
                change.after.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        after,
        [
            ("displayName", None, Some("Kim")),
            ("mail", None, Some(KIM)),
            ("userType", None, Some("Guest"))
        ]
    );
    assert_eq!(invitations(&world), 0, "a plan sends nothing");

    let run = world
        .run(SyncRequest {
            approval: Some(Approval::Plan(plan.digest)),
            ..request(RunMode::Incremental)
        })
        .await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.approved.unwrap().performed, 1);
    assert_eq!(invitations(&world), 1);
    let made = guest(&world, &kim);
    assert_eq!(
        (&made["userType"], &made["externalUserState"]),
        (&json!("Guest"), &json!("PendingAcceptance"))
    );

    // The guest comes with the changes, and gets the title that the contact has.
    world.sync().await;
    world.sync().await;
    assert_eq!(guest(&world, &kim)["jobTitle"], "Buyer");
    let before = world.snapshot();
    world.control().clear_requests();
    let run = world.sync().await;
    assert_eq!(run.counts.processed, 0, "{run:?}");
    let requests = world.control().requests();
    assert!(requests.len() <= 2, "{requests:?}");
    assert_eq!(world.control().overview().counters.writes, 0);
    assert_eq!(world.snapshot(), before, "versions included");
    let everybody = world.full_sync().await;
    assert_eq!(
        everybody.counts.unchanged,
        u64::from(PEOPLE) + 1,
        "{everybody:?}"
    );
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_accepts_is_the_same_guest() {
    let (world, kim) = world_and_kim().await;
    world.sync().await;
    let user = whose(&world, &kim).unwrap();
    let accepted = json!({ "externalUserState": "Accepted" });
    world.control().edit_user(&user, accepted).unwrap();
    world.sync().await;
    assert_eq!(whose(&world, &kim), Some(user));
    assert_eq!(world.contacts().len(), PEOPLE as usize + 1);
    assert_eq!(invitations(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_the_directory_in_any_way_is_told_and_never_invited() {
    let everybody = vec![
        person_with(1, "A", "B", json!({ "otherMails": ["other@fabrikam.com"] })),
        person_with(
            2,
            "C",
            "D",
            json!({ "proxyAddresses": ["SMTP:c@contoso.com", "smtp:alias@fabrikam.com"] }),
        ),
        person_with(
            3,
            "E",
            "F",
            json!({ "otherMails": ["deleted@fabrikam.com"] }),
        ),
    ];
    let world = world_with(&ROLES, everybody).await;
    world.control().delete_user(&object_id(3)).unwrap();
    let listed = json!({
        "@odata.type": "#microsoft.graph.orgContact", "displayName": "L", "mail": "listed@fabrikam.com",
    });
    world.control().add_object(listed).unwrap();
    for name in ["other", "alias", "deleted", "listed"] {
        world.add_contact(&[("email", &format!("{name}@fabrikam.com"))]);
    }
    // A domain of the tenant, as its name has it.
    world.add_contact(&[("email", "new@contoso.com")]);
    let run = world.sync().await;
    let told: Vec<_> = run
        .skips
        .iter()
        .map(|skip| (skip.reason.as_str(), skip.count))
        .collect();
    assert_eq!(
        told,
        [
            ("account-deleted", 1),
            ("has-account", 2),
            ("listed-without-account", 1),
            ("own-domain", 1)
        ],
        "{run:?}"
    );
    assert_eq!(invitations(&world), 0);
    world.control().clear_requests();
    assert_eq!(world.sync().await.counts.processed, 0);
    assert!(
        world.control().requests().len() <= 2,
        "nobody is looked up again"
    );
    let contact = world.contacts().into_iter().find(|it| {
        it.fields
            .get("email")
            .is_some_and(|it| it.starts_with("deleted"))
    });
    let who = Who::Contact(contact.unwrap().id);
    let told = connector()
        .explain(&world.workspace, &world.document, who)
        .await
        .result
        .unwrap();
    assert_eq!(told[0].object_id, None);
    assert!(
        told[0].summary.join(" ").contains("deleted account"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_at_any_write_of_the_store_invites_nobody_twice() {
    let (mut world, kim) = world_and_kim().await;
    let living = Arc::new(CrashingStore::immortal(world.store.clone(), BATCH));
    world.workspace.store = living.clone();
    world.sync().await;
    assert!(whose(&world, &kim).is_some());
    let writes = living.calls();
    assert!(writes >= 3, "{writes}");
    for death in [Death::Before, Death::After, Death::Told] {
        for last in 1..=writes {
            let place = format!("{death:?} {last}");
            let (mut world, kim) = world_and_kim().await;
            world.control().set_behaviour(Behaviour {
                unfound_guests: u32::from(last % 2 == 0),
                ..Behaviour::default()
            });
            let store = CrashingStore::new(world.store.clone(), BATCH, last, death);
            world.workspace.store = Arc::new(store);
            let _ = world.try_sync(request(RunMode::Incremental)).await;
            world.workspace.store = world.store.clone();
            for _ in 0..3 {
                let run = world.sync().await;
                let is_done = matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings);
                assert!(is_done, "{place}: {run:?}");
            }
            assert!(invitations(&world) <= 1, "{place}");
            assert!(guests(&world) <= 1, "{place}");
            // Whether it was sent, nobody can tell for an hour.
            if invitations(&world) == 1 {
                assert!(whose(&world, &kim).is_some(), "{place}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_whose_answer_is_lost_is_looked_for_and_sent_once() {
    let (world, kim) = world_and_kim().await;
    world.control().set_behaviour(Behaviour {
        unfound_guests: 2,
        ..Behaviour::default()
    });
    // Two batches look for Kim, twice; the fifth invites.
    world.control().inject(Fault {
        path: Some("/$batch".to_owned()),
        skip: 4,
        times: Some(1),
        cut_after: Some(0),
        ..Fault::default()
    });
    let run = world.sync().await;
    let unanswered = run
        .skips
        .iter()
        .find(|skip| skip.reason == "invitation-unanswered");
    assert_eq!(unanswered.map(|skip| skip.count), Some(1), "{run:?}");
    for _ in 0..4 {
        world.sync().await;
    }
    assert_eq!((invitations(&world), guests(&world)), (1, 1));
    assert!(whose(&world, &kim).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_is_not_found_yet_stays_linked_also_where_everybody_is_read() {
    let (world, kim) = world_and_kim().await;
    world.control().set_behaviour(Behaviour {
        unfound_guests: 50,
        ..Behaviour::default()
    });
    world.sync().await;
    let user = whose(&world, &kim);
    assert!(user.is_some());
    for _ in 0..2 {
        let run = world.full_sync().await;
        assert_eq!(run.counts.removed, 0, "{run:?}");
    }
    assert_eq!(whose(&world, &kim), user);
    assert_eq!(invitations(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_limit_are_held_back_and_nobody_is_invited() {
    let world = world().await;
    for number in 0..11 {
        world.add_contact(&[("email", &format!("s{number}@fabrikam.com"))]);
    }
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(plan.blocks[0].breaker, "invitations");
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked);
    assert_eq!(invitations(&world), 0);
    let run = world
        .run(SyncRequest {
            approval: Some(Approval::Block(run.block.unwrap().digest)),
            ..request(RunMode::Incremental)
        })
        .await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(invitations(&world), 11);
    // A token, the domains, the changes; eleven people are looked up twice, in three requests, and invited in one.
    let batches = asked(&world, "POST", "/$batch");
    assert!(batches <= 14, "{batches}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tenant_refuses_is_remembered() {
    let (world, kim) = world_and_kim().await;
    world.control().set_behaviour(Behaviour {
        blocked_invitation_domains: vec!["fabrikam.com".to_owned()],
        ..Behaviour::default()
    });
    let run = world.sync().await;
    assert_eq!(run.skips[0].reason, "invitation-refused", "{run:?}");
    world.sync().await;
    world.full_sync().await;
    assert_eq!((invitations(&world), whose(&world, &kim)), (1, None));
    let barred = world_and_kim().await.0;
    barred.control().set_behaviour(Behaviour {
        invitations_refused: true,
        ..Behaviour::default()
    });
    for _ in 0..2 {
        let run = barred.sync().await;
        assert!(
            run.warnings
                .iter()
                .any(|it| it.message.contains("Nobody is invited")),
            "{run:?}"
        );
    }
    assert_eq!(invitations(&barred), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_nobody_is_asked_for_and_the_test_of_a_connection_says_so() {
    for (roles, lacks) in [
        (
            &["User.Read.All", "User.ReadUpdate.All"][..],
            "User.Invite.All",
        ),
        (
            &["User.Read.All", "User.ReadWrite.All"],
            "OrgContact.Read.All",
        ),
    ] {
        let world = world_with(roles, people(PEOPLE)).await;
        let kim = add_kim(&world);
        world.control().clear_requests();
        let run = world.sync().await;
        assert!(
            run.warnings.iter().any(|it| it.message.contains(lacks)),
            "{run:?}"
        );
        assert_eq!(
            (asked(&world, "POST", "/$batch"), whose(&world, &kim)),
            (0, None)
        );
        let report = world.configure().await.unwrap();
        let last = report.checks.last().unwrap();
        assert_eq!(last.status, CheckStatus::Warning, "{report:?}");
        assert!(last.message.contains(lacks), "{last:?}");
        assert_eq!(invitations(&world), 0);
        // Once it is given, the next run does it.
        world.control().grant(ROLES.map(str::to_owned).to_vec());
        world.full_sync().await;
        assert_eq!(invitations(&world), 1, "{lacks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_unlinks_and_deletes_nobody_and_says_so() {
    let (world, kim) = world_and_kim().await;
    let run = world.sync().await;
    let user = whose(&world, &kim).unwrap();
    world.store.begin_plan().unwrap();
    let plan = connector()
        .plan_undo(&world.workspace, &world.document, &run.id)
        .await
        .result
        .unwrap();
    let told: Vec<_> = plan.warnings.iter().map(|it| it.message.as_str()).collect();
    assert!(
        told.iter().any(|it| it.contains("stays a guest")),
        "{told:?}"
    );
    assert_eq!(planned_count(&plan, Effect::Unlink), 1);
    assert!(world.control().user(&user).is_some());
}

/// A law: of all that the component may do to a directory, nothing makes an account with a password, takes one away, or
/// switches one off or on.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_to_the_directory_is_a_value_or_an_invitation() {
    let (world, kim) = world_and_kim().await;
    for _ in 0..3 {
        world.sync().await;
    }
    let contact = world
        .contacts()
        .into_iter()
        .find(|it| it.id == kim)
        .unwrap();
    world
        .store
        .edit_field(&contact.id, "job_title", None)
        .unwrap();
    world.sync().await;
    let writes: Vec<_> = world
        .control()
        .requests()
        .into_iter()
        .filter(|it| it.method != "GET")
        .map(|it| format!("{} {}", it.method, it.path()))
        .collect();
    assert!(!writes.is_empty());
    for write in &writes {
        let is_known = write.ends_with("/$batch")
            || write.ends_with("/invitations")
            || write.contains("/oauth2/")
            || write.starts_with("PATCH /v1.0/users/");
        assert!(is_known, "{write}");
    }
}
