//! Law 2: a plan tells the truth. `plan` then `sync` on an unchanged directory and store performs
//! exactly the plan's changes, and nothing else.

use std::collections::BTreeSet;

use host_harness::contract::{Effect, PlanSummary, Run, RunMode, RunWarning};
use host_harness::store_api::{PlanFilter, PlanRecord};
use serde_json::{Value, json};

use crate::world::messy::{messy, seed};
use crate::world::snapshot::assert_came_true;
use crate::world::{World, person, person_with, planned_count, request};

/// Plans, syncs, and compares the store before and after with what was planned. The effects that
/// occurred.
async fn plan_then_sync(world: &World, mode: RunMode) -> BTreeSet<String> {
    let before = world.snapshot();
    let summary = world.plan(mode).await;
    let planned = world.planned();
    assert_eq!(world.snapshot(), before, "a plan writes nothing");

    let run = world.run(request(mode)).await;
    assert_eq!(run.mode, summary.mode);
    assert_came_true(&before, &planned, &world.snapshot());
    assert_counted_alike(&summary, &run);
    planned
        .iter()
        .map(|entry| format!("{:?}", entry.what.effect))
        .collect()
}

fn assert_counted_alike(summary: &PlanSummary, run: &Run) {
    let planned = |effects: &[Effect]| -> u64 {
        effects
            .iter()
            .map(|effect| planned_count(summary, *effect))
            .sum()
    };
    let counts = &run.counts;
    assert_eq!(counts.created, planned(&[Effect::Create]));
    assert_eq!(
        counts.updated,
        planned(&[Effect::Update, Effect::Link, Effect::Reactivate])
    );
    assert_eq!(
        counts.removed,
        planned(&[Effect::Unlink, Effect::Deactivate, Effect::Delete])
    );
    assert_eq!(counts.unchanged, planned(&[Effect::Unchanged]));
    assert_eq!(counts.skipped + counts.failed, planned(&[Effect::Skip]));
    for skip in &run.skips {
        let planned = summary
            .skips
            .iter()
            .find(|planned| planned.reason == skip.reason);
        assert_eq!(
            planned.map(|planned| planned.count),
            Some(skip.count),
            "{}",
            skip.reason
        );
    }
    let messages = |warnings: &[RunWarning]| -> Vec<_> {
        let messages = warnings.iter().map(|warning| warning.message.clone());
        messages.collect()
    };
    assert_eq!(messages(&summary.warnings), messages(&run.warnings));
}

/// The whole life of a workspace under one configuration, planned before each step. Every one of the
/// effects must have occurred in it, or it would have shown little.
async fn a_life_goes_as_planned(sync: Value, effects: &[Effect]) {
    let mut messy = messy(sync, seed()).await;
    let mut occurred = plan_then_sync(&messy.world, RunMode::Full).await;
    for mode in [RunMode::Incremental, RunMode::Full, RunMode::Incremental] {
        messy.a_week_passes();
        occurred.extend(plan_then_sync(&messy.world, mode).await);
    }
    for effect in effects {
        assert!(occurred.contains(&format!("{effect:?}")), "no {effect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_is_planned_for_an_additive_workspace_happens_and_nothing_else() {
    a_life_goes_as_planned(json!({ "preset": "additive" }), &[Effect::Create]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_is_planned_for_a_mirror_happens_and_nothing_else() {
    a_life_goes_as_planned(
        json!({ "preset": "mirror" }),
        &[Effect::Create, Effect::Update, Effect::Link, Effect::Unlink],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_is_planned_for_a_mirror_that_deletes_and_keeps_local_edits_happens() {
    a_life_goes_as_planned(
        json!({
            "preset": "mirror",
            "removed": "delete",
            "conflict": "keep-local",
            "filters": { "userType": "Member", "department": { "exists": true } },
        }),
        &[
            Effect::Create,
            Effect::Update,
            Effect::Link,
            Effect::Unlink,
            Effect::Delete,
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_is_planned_for_a_lifecycle_workspace_happens_and_nothing_else() {
    a_life_goes_as_planned(
        json!({ "preset": "lifecycle", "list": { "name": "Staff" } }),
        &[
            Effect::Create,
            Effect::Update,
            Effect::Link,
            Effect::Deactivate,
            Effect::Reactivate,
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_is_planned_for_a_messaging_workspace_happens_and_nothing_else() {
    a_life_goes_as_planned(
        json!({
            "mapping": {
                "displayName": "contact_name",
                "surname": "last_name",
                "mobilePhone": "phone_number",
                "mail": "email",
                "department": "group",
            },
            "filters": { "accountEnabled": true },
        }),
        &[Effect::Create, Effect::Update, Effect::Link, Effect::Unlink],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_a_plan_shows_who_is_skipped_where_a_person_can_put_it_right() {
    let users = vec![
        person(1, "Given", "Known"),
        person_with(2, "No", "Surname", json!({ "surname": null })),
        person(3, "Already", "Here"),
        person_with(4, "Not", "Enabled", json!({ "accountEnabled": false })),
    ];
    let world = World::with(users, json!({ "preset": "additive" }))
        .begin()
        .await;
    world.add_contact(&[("email", "already.here@contoso.example")]);
    let summary = world.plan(RunMode::Full).await;
    world
        .store
        .keep_plan(&PlanRecord {
            digest: summary.digest.clone(),
            mode: "full".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
    let skipped = PlanFilter {
        effects: vec![Effect::Skip],
        ..PlanFilter::default()
    };
    let skipped = world
        .store
        .planned(&summary.digest, &skipped, None, 10)
        .unwrap();
    let shown: Vec<_> = skipped
        .iter()
        .map(|entry| {
            let mut fields = String::new();
            for field in &entry.what.fields {
                assert_eq!(field.before, None, "a skip changes nothing");
                let value = field.after.as_deref().unwrap_or("–");
                fields.push_str(&format!(" {}={value}", field.field));
            }
            format!("{}:{fields}", entry.what.reason)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "missing-mandatory: email=no.surname@contoso.example first_name=No last_name=–",
            "address-exists: email=already.here@contoso.example first_name=Already last_name=Here",
            "account-disabled:",
        ]
    );
    assert_eq!(world.planned_under(&summary.digest).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_a_name_of_a_list_that_the_store_does_not_take_is_foreseen() {
    let long = person_with(2, "Jo", "Berg", json!({ "department": "D".repeat(300) }));
    let unseen = person_with(3, "Al", "Ek", json!({ "department": "\u{200b}" }));
    let sync = json!({ "preset": "mirror", "list": { "perAttribute": "department" } });
    let world = World::with(vec![person(1, "Zoe", "Vance"), long, unseen], sync)
        .begin()
        .await;
    let plan = world.plan(RunMode::Full).await;
    assert_eq!(planned_count(&plan, Effect::Create), 2);
    let foreseen = plan.skips.iter().find(|skip| skip.reason == "invalid-list");
    assert_eq!(foreseen.map(|skip| skip.count), Some(1), "{:?}", plan.skips);
    let run = world.full_sync().await;
    assert_eq!((run.counts.created, run.counts.failed), (2, 1), "{run:?}");
    assert_eq!(run.errors[0].code, "invalid-list");
    // A department that nobody can see is none.
    assert!(world.contact_of(3).unwrap().lists.is_empty());
}
