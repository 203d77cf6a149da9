//! What listeners are asked and told, over the wire
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>).

use super::listener::{Listener, Manner};
use super::*;
use crate::subscriptions::delivery;
use crate::{Emulator, LifecycleEvent};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

async fn start(behaviour: Behaviour) -> Emulator {
    let mut options = EmulatorOptions {
        directory: DirectorySource::Users(three()),
        behaviour,
        plain_listeners: true,
        ..EmulatorOptions::default()
    };
    options.tenant.roles.push("Group.Read.All".to_owned());
    Emulator::start(options).await.unwrap()
}

async fn send(
    emulator: &Emulator,
    target: &str,
    kind: &str,
    body: String,
    bearer: &str,
) -> (u16, Value) {
    let authority = emulator.graph_url().replace("http://", "");
    let stream = TcpStream::connect(&authority).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = http::Request::post(target)
        .header("host", authority)
        .header("content-type", kind)
        .header("authorization", bearer)
        .body(Full::<Bytes>::from(body))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn subscribe(emulator: &Emulator, listener: &Listener, resource: &str) -> (u16, Value) {
    let tenant = TenantOptions::default();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        tenant.client_id, tenant.client_secret
    );
    let path = format!("/{}/oauth2/v2.0/token", tenant.tenant_id);
    let kind = "application/x-www-form-urlencoded";
    let (_, token) = send(emulator, &path, kind, form, "").await;
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let end = SystemTime::now() + Duration::from_secs(24 * 3600);
    let wanted = json!({
        "changeType": "updated,deleted",
        "notificationUrl": listener.url,
        "lifecycleNotificationUrl": listener.url,
        "resource": resource,
        "expirationDateTime": emulated_directory::moments::zulu(end),
        "clientState": "a secret",
    });
    send(
        emulator,
        "/v1.0/subscriptions",
        "application/json",
        wanted.to_string(),
        &bearer,
    )
    .await
}

fn rename(emulator: &Emulator, name: &str) {
    let change = json!({"displayName": name});
    emulator.control().edit_user(ADA, change).unwrap();
}

#[tokio::test]
async fn a_listener_is_asked_with_a_sentence_and_keeps_its_own_query() {
    let emulator = start(Behaviour::default()).await;
    let listener = Listener::start(Manner::Right).await;
    let (status, made) = subscribe(&emulator, &listener, "users").await;
    assert_eq!(status, 201, "{made}");
    let asked = listener.asked();
    assert_eq!(asked.len(), 2, "both addresses are asked");
    let beginning = "/hook?for=contoso&validationToken=Validation%3A+Testing+client+application+reachability+for+subscription+Request-Id%3A+";
    assert!(
        asked.iter().all(|asked| asked.starts_with(beginning)),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_listener_that_does_not_say_it_back_gets_no_subscription() {
    let emulator = start(Behaviour {
        validation_timeout_ms: 200,
        ..Behaviour::default()
    })
    .await;
    for (manner, code, said) in [
        (
            Manner::Silent,
            "InvalidRequest",
            "Subscription validation request timed out.",
        ),
        (
            Manner::Says("Validation: Testing"),
            "ValidationError",
            "must exactly match",
        ),
        (
            Manner::Status(StatusCode::FORBIDDEN),
            "ValidationError",
            "HTTP status code is 'Forbidden'",
        ),
        (
            Manner::Status(StatusCode::FOUND),
            "ValidationError",
            "HTTP status code is 'Found'",
        ),
        (
            Manner::Status(StatusCode::ACCEPTED),
            "ValidationError",
            "HTTP status code is 'Accepted'",
        ),
    ] {
        let listener = Listener::start(manner).await;
        let (status, answer) = subscribe(&emulator, &listener, "users").await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(code)));
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
    assert!(emulator.control().subscriptions().is_empty());
}

#[tokio::test]
async fn a_listener_is_told_which_user_changed_and_nothing_of_what() {
    let emulator = start(Behaviour::default()).await;
    let listener = Listener::start(Manner::Right).await;
    let (_, made) = subscribe(&emulator, &listener, "users").await;
    rename(&emulator, "Ada Prieto");
    let told = listener.told(1).await;
    let notice = &told[0]["value"][0];
    let path = format!("Users/{ADA}");
    for (pointer, value) in [
        ("/changeType", json!("updated")),
        ("/clientState", json!("a secret")),
        ("/resource", json!(path)),
        ("/resourceData/@odata.type", json!("#Microsoft.Graph.User")),
        ("/resourceData/@odata.id", json!(path)),
        ("/resourceData/id", json!(ADA)),
        ("/subscriptionId", made["id"].clone()),
        ("/tenantId", json!(TenantOptions::default().tenant_id)),
    ] {
        assert_eq!(notice.pointer(pointer), Some(&value), "{pointer}");
    }
    assert!(!told[0].to_string().contains("Prieto"));
    let end = notice["subscriptionExpirationDateTime"].as_str().unwrap();
    assert!(end.ends_with("+00:00"), "{end}");
}

#[tokio::test]
async fn what_is_not_taken_is_told_again() {
    let emulator = start(Behaviour {
        notification_retry_ms: 5,
        ..Behaviour::default()
    })
    .await;
    let listener = Listener::start(Manner::Fails(2)).await;
    subscribe(&emulator, &listener, "users").await;
    rename(&emulator, "Ada Prieto");
    let told = listener.told(3).await;
    assert!(told[0] == told[1] && told[1] == told[2]);
    while emulator.control().deliveries().len() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let tries: Vec<_> = emulator
        .control()
        .deliveries()
        .iter()
        .map(|delivery| (delivery.attempt, delivery.status))
        .collect();
    assert_eq!(tries, [(1, 503), (2, 503), (3, 202)]);
}

#[tokio::test]
async fn a_listener_hears_of_what_happens_to_its_subscription() {
    let emulator = start(Behaviour::default()).await;
    let listener = Listener::start(Manner::Right).await;
    let (_, made) = subscribe(&emulator, &listener, "groups").await;
    let id = made["id"].as_str().unwrap();
    let control = emulator.control();
    for (requests, event, name) in [
        (
            1,
            LifecycleEvent::ReauthorizationRequired,
            "reauthorizationRequired",
        ),
        (2, LifecycleEvent::Missed, "missed"),
        (
            3,
            LifecycleEvent::SubscriptionRemoved,
            "subscriptionRemoved",
        ),
    ] {
        control.tell_lifecycle(id, event).unwrap();
        let told = listener.told(requests).await;
        let notice = &told[requests - 1]["value"][0];
        assert_eq!(notice["lifecycleEvent"], name);
        assert_eq!(notice["clientState"], "a secret");
    }
    assert!(control.subscriptions().is_empty());
}

#[tokio::test]
async fn a_notification_may_come_twice_and_with_one_of_another_tenant() {
    let emulator = start(Behaviour {
        notifications_per_change: 2,
        notifications_repeated: true,
        mixed_tenants: true,
        ..Behaviour::default()
    })
    .await;
    let listener = Listener::start(Manner::Right).await;
    subscribe(&emulator, &listener, "users").await;
    rename(&emulator, "Ada Prieto");
    let told = listener.told(2).await;
    assert_eq!(told[0], told[1]);
    let notices = told[0]["value"].as_array().unwrap();
    assert_eq!(notices.len(), 3);
    assert_eq!(notices[0], notices[1]);
    assert_ne!(notices[2]["tenantId"], notices[0]["tenantId"]);
    assert_ne!(notices[2]["clientState"], notices[0]["clientState"]);
}

/// What would be sent now, by object and kind of change.
fn noticed(tenant: &Tenant) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for parcel in delivery::take(&tenant.service) {
        let body = parcel.body();
        for notice in body["value"].as_array().unwrap() {
            let text = |name: &str| notice[name].as_str().unwrap().to_owned();
            told.push((text("resource"), text("changeType")));
        }
    }
    told
}

fn subscribed(resource: &str, change_type: &str) -> Tenant {
    let mut tenant = Tenant::of_three();
    let roles = ["User.Read.All", "Group.Read.All"].map(str::to_owned);
    tenant.control.grant(roles.to_vec());
    tenant.renew_token();
    let wanted = json!({
        "changeType": change_type, "notificationUrl": "https://sync.example/hook",
        "resource": resource, "expirationDateTime": "2026-01-10T00:00:00Z",
    });
    let answer = tenant.post("/v1.0/subscriptions", &wanted);
    assert_eq!(answer.status, 201, "{}", answer.body);
    tenant
}

#[test]
fn creation_and_soft_deletion_come_as_updated_and_only_a_purge_as_deleted() {
    let tenant = subscribed("users", "updated,deleted");
    let user = format!("Users/{ADA}");
    let updated = [(user.clone(), "updated".to_owned())];
    tenant.control.delete_user(ADA).unwrap();
    assert_eq!(noticed(&tenant), updated);
    assert!(noticed(&tenant).is_empty(), "each change is told once");
    tenant.control.restore_user(ADA).unwrap();
    assert_eq!(noticed(&tenant), updated);
    let added = json!({"displayName": "Kim", "userPrincipalName": "kim@contoso.com"});
    let added = tenant.control.add_user(added).unwrap();
    assert_eq!(
        noticed(&tenant),
        [(format!("Users/{added}"), "updated".to_owned())]
    );
    tenant.control.purge_user(ADA).unwrap();
    assert_eq!(noticed(&tenant), [(user, "deleted".to_owned())]);
}

#[test]
fn created_beside_others_is_taken_and_then_nothing_comes() {
    let tenant = subscribed("users", "created,updated");
    tenant.control.disable_user(ADA).unwrap();
    assert!(noticed(&tenant).is_empty());
}

#[test]
fn groups_tell_of_who_is_in_them_and_one_object_of_itself_alone() {
    let tenant = subscribed("groups", "updated,deleted");
    let group = tenant
        .control
        .add_group(json!({"displayName": "Team"}))
        .unwrap();
    let updated = [(format!("Groups/{group}"), "updated".to_owned())];
    assert_eq!(noticed(&tenant), updated);
    let members = crate::Members::of([ADA]);
    tenant.control.add_members(&group, &members).unwrap();
    assert_eq!(noticed(&tenant), updated);
    let tenant = subscribed(&format!("users/{ADA}"), "updated");
    tenant.control.disable_user(GUEST).unwrap();
    assert!(noticed(&tenant).is_empty());
    tenant.control.disable_user(ADA).unwrap();
    assert_eq!(noticed(&tenant).len(), 1);
}

#[test]
fn notifications_are_lost_as_the_knob_says() {
    let tenant = subscribed("users", "updated");
    for (every, expected) in [(0, 2), (2, 1), (1, 0)] {
        tenant.control.set_behaviour(Behaviour {
            every_notification_lost: every,
            ..Behaviour::default()
        });
        tenant
            .control
            .edit_user(ADA, json!({"jobTitle": every.to_string()}))
            .unwrap();
        tenant
            .control
            .edit_user(GUEST, json!({"jobTitle": every.to_string()}))
            .unwrap();
        assert_eq!(noticed(&tenant).len(), expected, "{every}");
    }
}
