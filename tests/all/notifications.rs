//! The connector lets the directory tell of changes: a subscription is made, renewed, made anew and taken back, and
//! what arrives is judged. Whatever becomes of it, a sync is right without it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use host_harness::contract::{
    NotificationAction, NotificationStanding, NotificationVerdict, Run, RunStatus,
};
use host_harness::graph_emulator::{Behaviour, Fault, LifecycleEvent, TenantOptions};
use host_harness::runtime::WallClock;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::clock::{Clock, DAY};
use crate::world::{World, connector, object_id, people};

/// The host's public side: it says back what it is asked, and keeps what it is told.
struct Hook {
    address: String,
    told: Arc<Mutex<Vec<Bytes>>>,
    answers: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hook {
    async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/notify/acme/guess", socket.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(AtomicBool::new(true));
        let (keeps, says) = (Arc::clone(&told), Arc::clone(&answers));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (keeps, says) = (Arc::clone(&keeps), Arc::clone(&says));
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let (keeps, says) = (Arc::clone(&keeps), says.load(Ordering::Relaxed));
                    async move { Ok::<_, std::convert::Infallible>(answer(request, &keeps, says).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self {
            address,
            told,
            answers,
            task,
        }
    }

    /// The next body that came.
    async fn body(&self) -> Bytes {
        for _ in 0..2_000 {
            if let Some(body) = self.told.lock().unwrap().pop() {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nothing was told");
    }
}

async fn answer(
    request: http::Request<Incoming>,
    keeps: &Mutex<Vec<Bytes>>,
    says: bool,
) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    let token = query
        .strip_prefix("validationToken=")
        .map(|token| token.replace('+', " ").replace("%3A", ":"));
    let answer = Response::builder().header("content-type", "text/plain");
    match token {
        Some(_) if !says => answer.status(StatusCode::FORBIDDEN).body(Full::default()),
        Some(token) => answer.body(Full::from(token)),
        None => {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            keeps.lock().unwrap().push(body);
            answer.status(StatusCode::ACCEPTED).body(Full::default())
        }
    }
    .unwrap()
}

/// A workspace whose host can be told of changes, and its clock, which is the directory's, too.
async fn told() -> (World, Hook, Arc<Clock>) {
    told_of(json!({"preset": "mirror"}), &["User.Read.All"]).await
}

async fn told_of(sync: Value, roles: &[&str]) -> (World, Hook, Arc<Clock>) {
    let clock = Arc::new(Clock::default());
    let of_directory = Arc::clone(&clock);
    let mut world = World::with(people(12), sync)
        .emulator(|options| {
            options.plain_listeners = true;
            options.tenant.roles = roles.iter().map(|role| (*role).to_owned()).collect();
            options.clock = Arc::new(move || SystemTime::UNIX_EPOCH + of_directory.now());
        })
        .begin()
        .await;
    let hook = Hook::start().await;
    world.workspace.notified_at = Some(hook.address.clone());
    world.workspace.clock = Some(Arc::clone(&clock) as Arc<dyn WallClock>);
    (world, hook, clock)
}

fn rename(world: &World, id: u32) {
    let change = json!({"givenName": "Renamed"});
    world.control().edit_user(&object_id(id), change).unwrap();
}

fn assert_renamed(world: &World, id: u32) {
    let name = world.field_of(id, "first_name");
    assert_eq!(name.as_deref(), Some("Renamed"));
}

fn subscriptions(world: &World) -> Vec<Value> {
    world.control().subscriptions()
}

/// Requests about subscriptions since the last time, as method and status.
fn asked(world: &World) -> Vec<(String, u16)> {
    let requests = world.emulator.requests().into_iter();
    let asked = requests
        .filter(|request| request.path().starts_with("/v1.0/subscriptions"))
        .map(|request| (request.method, request.status))
        .collect();
    world.control().clear_requests();
    asked
}

fn expected(requests: &[(&str, u16)]) -> Vec<(String, u16)> {
    let requests = requests.iter();
    requests
        .map(|(method, status)| ((*method).to_owned(), *status))
        .collect()
}

async fn standing(world: &World) -> NotificationStanding {
    let answer = connector().notification_status(&world.workspace, &world.document);
    answer.await.result.unwrap()
}

async fn received(world: &World, body: &[u8]) -> NotificationVerdict {
    let answer = connector().receive(&world.workspace, &world.document, body);
    let answer = answer.await;
    assert_eq!(answer.stats.http_requests, 0, "the directory is not asked");
    answer.result.unwrap()
}

fn warning(run: &Run) -> &str {
    assert_eq!(run.status, RunStatus::Warnings, "{:?}", run.errors);
    let told = run.warnings.iter().find(|warning| warning.field.is_none());
    &told.expect("a warning").message
}

#[tokio::test(flavor = "multi_thread")]
async fn it_subscribes_after_the_first_sync_and_asks_no_more_while_nothing_is_due() {
    let (world, hook, _) = told().await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    assert_eq!(asked(&world), expected(&[("GET", 200), ("POST", 201)]));
    let made = &subscriptions(&world)[0];
    assert_eq!(made["resource"], "users");
    assert_eq!(made["changeType"], "updated,deleted");
    assert_eq!(made["notificationUrl"], json!(hook.address));
    assert_eq!(made["lifecycleNotificationUrl"], json!(hook.address));
    assert_eq!(made["expirationDateTime"], "2026-12-19T08:00:00.0000000Z");
    let state = made["clientState"].as_str().unwrap();
    assert!(state.len() == 43, "256 bits");
    let told = standing(&world).await;
    assert_eq!(told.trouble, None);
    assert_eq!(told.subscriptions.len(), 1);
    assert_eq!(
        told.subscriptions[0].ends_ms - told.subscriptions[0].since_ms,
        28 * DAY * 1_000
    );

    let before = world.essence();
    let run = world.sync().await;
    assert_eq!((run.status, run.requests), (RunStatus::Succeeded, 2));
    assert_eq!(asked(&world), expected(&[]));
    assert_eq!(world.essence(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_else_is_to_know_is_not_in_the_workspaces_file() {
    let (world, hook, _) = told().await;
    world.sync().await;
    let state = subscriptions(&world)[0]["clientState"]
        .as_str()
        .unwrap()
        .to_owned();
    world.store.flush().unwrap();
    for file in std::fs::read_dir(world.data.path()).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let found = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(!found(&state), "{}", path.display());
        assert!(!found(&hook.address), "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_renews_after_half_of_the_time_and_makes_anew_what_is_gone() {
    let (world, _hook, clock) = told().await;
    world.sync().await;
    let id = subscriptions(&world)[0]["id"].clone();
    asked(&world);
    clock.pass(13 * DAY);
    world.sync().await;
    assert_eq!(asked(&world), expected(&[]));
    clock.pass(DAY);
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert_eq!(asked(&world), expected(&[("PATCH", 200)]));
    let renewed = &subscriptions(&world)[0];
    assert_eq!(renewed["id"], id);
    assert_eq!(
        renewed["expirationDateTime"],
        "2027-01-02T08:00:00.0000000Z"
    );

    // Gone without a word: the next renewal finds that, and the same run reads what changed meanwhile.
    clock.pass(13 * DAY);
    assert!(world.control().remove_subscription(id.as_str().unwrap()));
    rename(&world, 3);
    clock.pass(DAY);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    assert_renamed(&world, 3);
    let anew = [("PATCH", 404), ("GET", 200), ("POST", 201)];
    assert_eq!(asked(&world), expected(&anew));
    assert_ne!(subscriptions(&world)[0]["id"], id);

    // One whose time is over is made anew, too.
    clock.pass(40 * DAY);
    world.sync().await;
    assert_eq!(asked(&world), expected(&[("GET", 200), ("POST", 201)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_one_left_at_the_same_address_is_taken_away_first() {
    let (world, _hook, _) = told().await;
    world.sync().await;
    let stranger = subscriptions(&world)[0]["id"].clone();
    // As after a state that was lost: the subscription is there, and nobody knows of it.
    let lost = World::with(people(12), json!({"preset": "mirror"}));
    let mut other = lost.begin().await;
    other.document.clone_from(&world.document);
    other.workspace.http = world.workspace.http.clone();
    other
        .workspace
        .notified_at
        .clone_from(&world.workspace.notified_at);
    other.workspace.clock.clone_from(&world.workspace.clock);
    asked(&world);
    let run = other.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    let requests = [("GET", 200), ("DELETE", 204), ("POST", 201)];
    assert_eq!(asked(&world), expected(&requests));
    assert_ne!(subscriptions(&world)[0]["id"], stranger);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_microsoft_does_not_reach_is_a_warning_and_is_tried_again_later() {
    let (world, hook, clock) = told().await;
    hook.answers.store(false, Ordering::Relaxed);
    let run = world.sync().await;
    assert!(
        warning(&run).contains("public address"),
        "{}",
        warning(&run)
    );
    assert!(!warning(&run).contains(&hook.address));
    assert_eq!(run.counts.created, 12, "the sync is as without it");
    assert!(standing(&world).await.trouble.is_some());
    asked(&world);
    // Nobody is pressed: for a while the run tells, and asks nothing.
    let run = world.sync().await;
    assert!(warning(&run).contains("schedule alone"));
    assert_eq!(asked(&world), expected(&[]));
    hook.answers.store(true, Ordering::Relaxed);
    clock.pass(DAY);
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert_eq!(standing(&world).await.trouble, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_the_way_is_a_warning_and_never_the_runs_failure() {
    for (status, said) in [
        (403, "does not allow the application"),
        (409, "application of its own"),
        (429, "schedule alone"),
        (500, "schedule alone"),
    ] {
        let (world, _hook, _) = told().await;
        world.control().inject(Fault {
            path: Some("/v1.0/subscriptions".to_owned()),
            method: Some("POST".to_owned()),
            status: Some(status),
            retry_after: Some("3600".to_owned()),
            ..Fault::default()
        });
        let run = world.sync().await;
        assert!(warning(&run).contains(said), "{status}: {}", warning(&run));
        assert_eq!(run.counts.created, 12);
        assert_eq!(run.throttled_ms, 0, "{status}: nobody waited for it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_fails_leaves_the_subscription_and_is_tried_again() {
    let (world, _hook, clock) = told().await;
    world.sync().await;
    clock.pass(14 * DAY);
    world.control().inject(Fault {
        path: Some("/v1.0/subscriptions/".to_owned()),
        times: Some(2),
        status: Some(500),
        ..Fault::default()
    });
    let run = world.sync().await;
    assert!(warning(&run).contains("schedule alone"));
    assert_eq!(standing(&world).await.subscriptions.len(), 1);
    clock.pass(DAY);
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert_eq!(standing(&world).await.trouble, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_host_has_another_address_or_none_what_was_asked_for_is_taken_back() {
    let (mut world, _hook, _) = told().await;
    world.sync().await;
    let other = Hook::start().await;
    world.workspace.notified_at = Some(other.address.clone());
    world.sync().await;
    let moved = subscriptions(&world);
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["notificationUrl"], json!(other.address));
    world.workspace.notified_at = None;
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert!(subscriptions(&world).is_empty());
    asked(&world);
    world.sync().await;
    assert_eq!(asked(&world), expected(&[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_groups_are_read_it_is_told_of_them_too_if_the_application_has_the_permission_for_that()
 {
    let groups = json!({
        "preset": "mirror", "list": "none", "scope": "users-and-groups",
        "groups": {"people": "members", "list": "none"},
    });
    let roles = ["User.Read.All", "Group.Read.All"];
    let (world, _hook, _) = told_of(groups.clone(), &roles).await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    let told = subscriptions(&world).into_iter();
    let mut told: Vec<_> = told.map(|made| made["resource"].clone()).collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, [json!("groups"), json!("users")]);

    let roles = ["User.Read.All", "GroupMember.Read.All"];
    let (world, _hook, _) = told_of(groups, &roles).await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    assert_eq!(
        subscriptions(&world).len(),
        1,
        "of people it is told all the same"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_tells_no_address_is_never_subscribed() {
    let (mut world, _hook, _) = told().await;
    world.workspace.notified_at = None;
    world.sync().await;
    world.sync().await;
    assert_eq!(asked(&world), expected(&[]));
    assert_eq!(standing(&world).await.subscriptions, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_disconnected_is_told_of_nothing_any_more() {
    let (mut world, _hook, _) = told().await;
    world.sync().await;
    let disconnect = async |world: &World| {
        let answer = connector().disconnect(&world.workspace, &world.document);
        answer.await.result.unwrap();
    };
    disconnect(&world).await;
    assert!(subscriptions(&world).is_empty());
    assert_eq!(standing(&world).await.subscriptions, []);
    // Also where the directory cannot be reached: it forgets by itself.
    world.sync().await;
    assert_eq!(subscriptions(&world).len(), 1);
    world.workspace.http = host_harness::runtime::HttpAccess::denied();
    disconnect(&world).await;
    assert_eq!(standing(&world).await.subscriptions, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_notification_asks_for_a_sync_and_a_forged_one_for_nothing() {
    let (world, hook, _) = told().await;
    world.sync().await;
    rename(&world, 5);
    let body = hook.body().await;
    let told = received(&world, &body).await;
    assert_eq!(
        (told.action, told.accepted, told.refused),
        (NotificationAction::SyncNow, 1, 0)
    );
    world.sync().await;
    assert_renamed(&world, 5);

    let genuine: Value = serde_json::from_slice(&body).unwrap();
    for (name, forged) in [
        ("clientState", "guessed"),
        ("tenantId", "11112222-bbbb-3333-cccc-4444dddd5555"),
        ("subscriptionId", "11112222-bbbb-3333-cccc-4444dddd5555"),
    ] {
        let mut body = genuine.clone();
        body["value"][0][name] = json!(forged);
        let told = received(&world, body.to_string().as_bytes()).await;
        assert_eq!(
            (told.action, told.refused),
            (NotificationAction::Nothing, 1),
            "{name}"
        );
    }
    for body in [&b"{"[..], b"", b"\xff\xfe", b"[]", b"{\"value\": {}}"] {
        let told = received(&world, body).await;
        assert_eq!(
            (told.action, told.refused),
            (NotificationAction::Nothing, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_request_that_mixes_tenants_the_own_notification_counts() {
    let (world, hook, _) = told().await;
    world.sync().await;
    world.control().set_behaviour(Behaviour {
        mixed_tenants: true,
        notifications_per_change: 3,
        ..Behaviour::default()
    });
    world.control().disable_user(&object_id(2)).unwrap();
    let told = received(&world, &hook.body().await).await;
    assert_eq!(
        (told.action, told.accepted, told.refused),
        (NotificationAction::SyncNow, 3, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_the_subscription_is_seen_to_by_the_next_sync() {
    let (world, hook, clock) = told().await;
    world.sync().await;
    let id = subscriptions(&world)[0]["id"].as_str().unwrap().to_owned();
    clock.pass(DAY);
    asked(&world);
    for (event, action, requests) in [
        (
            LifecycleEvent::ReauthorizationRequired,
            NotificationAction::RenewNow,
            &[("PATCH", 200)][..],
        ),
        (LifecycleEvent::Missed, NotificationAction::SyncNow, &[]),
        (
            LifecycleEvent::SubscriptionRemoved,
            NotificationAction::Resubscribe,
            &[("GET", 200), ("POST", 201)],
        ),
    ] {
        world.control().tell_lifecycle(&id, event).unwrap();
        assert_eq!(received(&world, &hook.body().await).await.action, action);
        assert_eq!(world.sync().await.status, RunStatus::Succeeded);
        assert_eq!(asked(&world), expected(requests), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_right_where_none_arrives_all_arrive_twice_or_before_the_change_shows() {
    for behaviour in [
        Behaviour {
            every_notification_lost: 1,
            ..Behaviour::default()
        },
        Behaviour {
            notifications_per_change: 2,
            notifications_repeated: true,
            ..Behaviour::default()
        },
        Behaviour {
            visibility_delay_seconds: 60,
            ..Behaviour::default()
        },
    ] {
        let (world, _hook, clock) = told().await;
        world.control().set_behaviour(behaviour);
        world.sync().await;
        rename(&world, 5);
        world.control().delete_user(&object_id(6)).unwrap();
        world.sync().await;
        clock.pass(DAY);
        world.sync().await;
        assert_renamed(&world, 5);
        assert_eq!(world.linked(12).len(), 11, "whoever was deleted is let go");
        assert_eq!(world.sync().await.counts.processed, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_before_is_called_as_ever_and_says_that_it_cannot_be_told() {
    let tenant = TenantOptions::default().tenant_id;
    assert!(
        connector()
            .exports()
            .iter()
            .any(|name| name.contains("/notify@"))
    );
    let bytes = include_bytes!("../fixtures/connector-0.1.0.wasm");
    let runtime = host_harness::runtime::Runtime::new(Default::default()).unwrap();
    let older = runtime.load(bytes).unwrap();
    let (world, _hook, _) = told().await;
    let answer = older
        .receive(&world.workspace, &world.document, b"{}")
        .await;
    let told = answer.result.unwrap_err().to_string();
    assert!(told.contains("cannot be told of changes"), "{told}");
    assert!(!told.contains(&tenant));
}
