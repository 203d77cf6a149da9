//! What Microsoft Graph does on bad days. Whatever it is, nothing is lost and nobody is removed for
//! it.

use std::time::Duration;

use host_harness::contract::{CheckStatus, RunMode, RunStatus, SliceEnd};
use host_harness::graph_emulator::{Behaviour, ExpiredToken, Fault};
use serde_json::json;

use crate::world::{World, object_id, people, person, request};

const PEOPLE: u32 = 12;

/// Small pages of changes, and a limit on removals that no mistake passes.
async fn synced() -> World {
    let sync = json!({
        "preset": "mirror",
        "removed": "delete",
        "limits": { "removals": { "count": 1000, "percent": 100, "floor": 1000 } },
    });
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| options.delta_page_size = 2)
        .begin()
        .await;
    world.sync().await;
    world
}

/// One of everything: a hire, a rename, a departure; and enough changes for several pages.
fn change_the_directory(world: &World) {
    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    control.add_user(person(50, "New", "Hire")).unwrap();
    for id in 2..=8 {
        let change = json!({ "surname": "Renamed" });
        control.edit_user(&object_id(id), change).unwrap();
    }
}

fn assert_caught_up(world: &World) {
    assert!(world.contact_of(50).is_some(), "the hire is there");
    assert_eq!(world.contact_of(1), None, "who left is gone");
    for id in 2..=8 {
        assert_eq!(world.field_of(id, "last_name").unwrap(), "Renamed");
    }
    assert_eq!(world.contacts().len(), 12, "and nobody else");
}

fn next_page_of_changes() -> Fault {
    Fault {
        path: Some("$skiptoken".to_owned()),
        times: Some(1),
        ..Fault::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_delta_token_leads_to_a_full_round_whichever_way_it_is_refused() {
    for expired_token in [ExpiredToken::BadRequest, ExpiredToken::Gone] {
        let world = synced().await;
        change_the_directory(&world);
        world.control().set_behaviour(Behaviour {
            expired_token,
            ..Behaviour::default()
        });
        world.control().expire_delta_tokens();
        let run = world.sync().await;
        assert_eq!(
            (run.mode, run.status),
            (RunMode::Full, RunStatus::Succeeded)
        );
        assert_caught_up(&world);
        assert_eq!(world.sync().await.mode, RunMode::Incremental);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_with_a_location_leads_to_a_full_round_that_removes_only_who_left() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().reset_delta();
    let run = world.sync().await;
    assert_eq!((run.mode, run.counts.removed), (RunMode::Full, 1));
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_in_the_middle_of_a_round_starts_it_again() {
    let world = synced().await;
    change_the_directory(&world);
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_pages = Some(2);
    world.try_sync(slice).await.unwrap();
    world.control().reset_delta();
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_that_is_revoked_in_the_middle_of_a_run_is_renewed_once() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().clear_requests();
    world.control().inject(Fault {
        status: Some(401),
        skip: 1,
        ..next_page_of_changes()
    });
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded);
    assert_eq!(world.control().overview().counters.token_requests, 2);
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_revoked_between_two_slices_are_no_trouble() {
    let world = synced().await;
    change_the_directory(&world);
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_pages = Some(1);
    loop {
        let result = world.try_sync(slice.clone()).await.unwrap();
        world.control().revoke_access_tokens();
        if result.end == SliceEnd::Finished {
            break;
        }
    }
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out_for_as_long_as_the_service_asks() {
    for (retry_after, least) in [(Some("1"), 1_000), (Some("0.25"), 250), (None, 0)] {
        let world = synced().await;
        change_the_directory(&world);
        world.control().inject(Fault {
            status: Some(429),
            retry_after: retry_after.map(str::to_owned),
            ..next_page_of_changes()
        });
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded);
        assert!(run.throttled_ms >= least, "{retry_after:?}: {run:?}");
        assert!(
            run.throttled_ms <= least + 1_000,
            "{retry_after:?}: {run:?}"
        );
        assert_caught_up(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_for_longer_than_the_slice_hands_the_wait_to_the_host() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().inject(Fault {
        status: Some(429),
        retry_after: Some("120".to_owned()),
        ..next_page_of_changes()
    });
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_ms = Some(10_000);
    let result = world.try_sync(slice.clone()).await.unwrap();
    let SliceEnd::More(pause) = result.end else {
        panic!("{result:?}");
    };
    assert_eq!(Duration::from_millis(pause), Duration::from_secs(120));
    assert_eq!(result.run.status, RunStatus::Running);

    let rest = world.try_sync(slice).await.unwrap();
    assert_eq!(rest.end, SliceEnd::Finished);
    assert_eq!(rest.run.id, result.run.id, "the same run");
    let asked = world.control().overview().counters.requests;
    let runs = world.report().await.history;
    let counted: u64 = runs.iter().map(|run| run.requests).sum();
    assert_eq!(counted, asked, "every request is in a record");
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_without_a_time_and_without_time_to_wait_asks_for_half_a_minute() {
    let world = synced().await;
    world.control().inject(Fault {
        path: Some("/users/delta".to_owned()),
        status: Some(429),
        ..Fault::default()
    });
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_ms = Some(1);
    let result = world.try_sync(slice).await.unwrap();
    assert_eq!(result.end, SliceEnd::More(30_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_is_made_again() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().inject(Fault {
        drop_connection: true,
        ..next_page_of_changes()
    });
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_in_the_middle_is_not_the_end() {
    for path in ["$skiptoken", "/v1.0/users?", "/users/delta?$deltatoken"] {
        let world = synced().await;
        change_the_directory(&world);
        world.control().inject(Fault {
            path: Some(path.to_owned()),
            empty_page: true,
            times: Some(1),
            ..Fault::default()
        });
        let mode = if path == "/v1.0/users?" {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        let run = world.run(request(mode)).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{path}: {run:?}");
        assert_eq!(run.counts.removed, 1);
        assert_caught_up(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_for_longer_than_patience_fails_the_run_and_the_next_goes_on() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().inject(Fault {
        path: Some("$skiptoken".to_owned()),
        skip: 1,
        status: Some(503),
        ..Fault::default()
    });
    let failed = world.impatient_run(RunMode::Incremental).await;
    assert_eq!(failed.status, RunStatus::Failed);
    assert_eq!(
        failed.counts.processed, 3,
        "two pages: a removal waits, the rest is done"
    );
    assert_eq!(failed.errors[0].code, "ServiceUnavailable");
    assert_eq!(
        world.linked(PEOPLE).len(),
        12,
        "nobody is removed by half a round"
    );
    let overview = world.report().await;
    assert!(overview.last_success_ms.is_some(), "of the run before");

    world.control().clear_faults();
    world.control().clear_requests();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded);
    let second = &world.control().requests()[1].target;
    assert!(
        second.contains("$skiptoken"),
        "it goes on where the other failed: {second}"
    );
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_page_token_expired_is_started_anew() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        status: Some(400),
        code: Some("Directory_ExpiredPageToken".to_owned()),
        times: Some(1),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_resets_every_round_fails_the_run_instead_of_reading_for_ever() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().inject(Fault {
        path: Some("/users/delta".to_owned()),
        status: Some(410),
        ..Fault::default()
    });
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(world.linked(PEOPLE).len(), 12);
    world.control().clear_faults();
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_made_while_everybody_is_listed_are_caught_in_the_same_round() {
    let world = synced().await;
    let mut slice = request(RunMode::Full);
    slice.slice.max_pages = Some(1);
    world.try_sync(slice.clone()).await.unwrap();
    change_the_directory(&world);
    let run = world.run(slice).await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert_caught_up(&world);
}

/// What a check of `configure` says, with its advice.
async fn told(world: &World, name: &str) -> (CheckStatus, String) {
    let report = world.configure().await.unwrap();
    let check = report
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap();
    let advice = check.advice.clone().unwrap_or_default();
    (check.status, format!("{} {advice}", check.message))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_by_what_the_token_carries_and_by_who_answers() {
    let world = World::with(people(1), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let refuse = |body: Option<&str>| Fault {
        path: Some("/v1.0/users?".to_owned()),
        status: Some(403),
        body: body.map(str::to_owned),
        ..Fault::default()
    };
    world.control().inject(refuse(None));
    let (status, carried) = told(&world, "users").await;
    assert_eq!(status, CheckStatus::Failed);
    assert!(carried.contains("nothing has to be added"), "{carried}");
    assert!(carried.contains("hours"), "{carried}");

    world.control().clear_faults();
    world
        .control()
        .inject(refuse(Some("<!DOCTYPE html><html>Blocked</html>")));
    let (_, page) = told(&world, "users").await;
    assert!(page.contains("web page"), "{page}");
    assert!(!page.contains("User.Read.All"), "{page}");

    world.control().clear_faults();
    world.control().grant(Vec::new());
    let (_, missing) = told(&world, "users").await;
    assert!(
        missing.contains("does not carry the permission"),
        "{missing}"
    );
    assert!(missing.contains("User.Read.All"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_test_asks_for_what_is_mapped_and_names_what_needs_more() {
    let sync = json!({ "preset": "mirror", "mapping": {
        "givenName": "first_name", "mail": "email", "employeeLeaveDateTime": "Last day",
    }, "filters": { "city": "Graz" }, "list": { "perAttribute": "department" } });
    let world = World::with(people(1), sync).begin().await;
    let fault = Fault {
        path: Some("employeeLeaveDateTime".to_owned()),
        status: Some(403),
        code: Some("Authorization_RequestDenied".to_owned()),
        ..Fault::default()
    };
    world.control().inject(fault);
    let (status, users) = told(&world, "users").await;
    assert_eq!(status, CheckStatus::Failed);
    for words in ["`employeeLeaveDateTime`", "User-LifeCycleInfo.Read.All"] {
        assert!(users.contains(words), "{users}");
    }
    let run = world.try_sync(request(RunMode::Full)).await.unwrap().run;
    assert_eq!(run.status, RunStatus::Failed);
    let error = &run.errors[0].message;
    assert!(error.contains("`employeeLeaveDateTime`"), "{error}");
    let asked = world.emulator.requests();
    let probe = asked
        .iter()
        .find(|asked| asked.target.contains("$top=1&"))
        .unwrap();
    for property in [
        "employeeLeaveDateTime",
        "givenName",
        "mail",
        "city",
        "department",
    ] {
        assert!(probe.target.contains(property), "{}", probe.target);
    }

    world.control().clear_faults();
    let (status, lacking) = told(&world, "permissions").await;
    // The directory refuses what is mapped, so a sync would fail.
    assert_eq!(status, CheckStatus::Failed, "{lacking}");
    assert!(lacking.contains("User-LifeCycleInfo.Read.All"), "{lacking}");
    let both = ["User.Read.All", "User-LifeCycleInfo.Read.All"];
    world.control().grant(both.map(str::to_owned).to_vec());
    let (status, granted) = told(&world, "permissions").await;
    assert_eq!(status, CheckStatus::Passed, "{granted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_the_sign_in_service_are_told_by_their_cause() {
    let world = World::with(people(1), json!({ "preset": "mirror" }))
        .begin()
        .await;
    for (code, words) in [
        (5_000_225, "nobody used it"),
        (7_000_229, "no service principal"),
        (50_196, "too often"),
        (53_003, "Conditional Access"),
        (987_654, "does not know"),
    ] {
        world.control().clear_faults();
        let body = json!({ "error": "invalid_client", "error_codes": [code] });
        world.control().inject(Fault {
            path: Some("/oauth2/v2.0/token".to_owned()),
            status: Some(401),
            body: Some(body.to_string()),
            ..Fault::default()
        });
        let (status, token) = told(&world, "token").await;
        assert_eq!(status, CheckStatus::Failed);
        assert!(token.contains(words), "{code}: {token}");
    }
}
