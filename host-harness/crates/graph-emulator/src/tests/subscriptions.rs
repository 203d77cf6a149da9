//! What can be subscribed to, and what is refused
//! (<https://learn.microsoft.com/graph/api/subscription-post-subscriptions>).

use super::*;
use crate::LifecycleEvent;

const TEAM: &str = "22222222-0000-4000-8000-000000000001";

fn tenant() -> Tenant {
    let mut tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.plain_listeners = true;
    });
    grant(&mut tenant, &["User.Read.All", "Group.Read.All"]);
    let team = json!({"id": TEAM, "displayName": "Team", "members": [ADA]});
    tenant.control.add_group(team).unwrap();
    tenant
}

fn grant(tenant: &mut Tenant, roles: &[&str]) {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    tenant.control.grant(roles);
    tenant.renew_token();
}

/// A day after [`NOW`].
const TOMORROW: &str = "2026-01-03T03:04:05.0000000Z";

fn wanted(changes: Value) -> Value {
    let mut wanted = json!({
        "changeType": "updated,deleted",
        "notificationUrl": "https://sync.example/hook",
        "resource": "users",
        "expirationDateTime": TOMORROW,
        "clientState": "a secret",
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            wanted.as_object_mut().unwrap().remove(name);
        } else {
            wanted[name] = value.clone();
        }
    }
    wanted
}

fn subscribe(tenant: &Tenant, changes: Value) -> Answer {
    tenant.post("/v1.0/subscriptions", &wanted(changes))
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_subscription_is_told_when_it_is_made_read_renewed_and_listed_and_then_it_is_gone() {
    let tenant = tenant();
    let made = subscribe(&tenant, json!({}));
    let id = id(&made);
    let stated = json!({
        "id": id, "resource": "users", "changeType": "updated,deleted",
        "applicationId": TenantOptions::default().client_id, "clientState": "a secret",
        "notificationUrl": "https://sync.example/hook", "expirationDateTime": TOMORROW,
        "latestSupportedTlsVersion": "v1_2",
    });
    for (name, value) in stated.as_object().unwrap() {
        assert_eq!(&made.body[name], value, "{name}");
    }
    let path = format!("/v1.0/subscriptions/{id}");
    let read = tenant.get(&path).ok();
    assert_eq!(
        read.body["clientState"],
        Value::Null,
        "nobody else's to know"
    );
    let renewal = json!({"expirationDateTime": "2026-01-20T00:00:00Z"});
    let renewed = tenant.write(Method::PATCH, &path, &renewal).ok();
    let end = "2026-01-20T00:00:00.0000000Z";
    assert_eq!(renewed.body["expirationDateTime"], end);
    let listed = tenant.get("/v1.0/subscriptions").ok();
    assert_eq!(listed.users()[0]["expirationDateTime"], end);
    assert_eq!(listed.users()[0]["clientState"], Value::Null);
    let action = format!("{path}/reauthorize");
    assert_eq!(tenant.post(&action, &Value::Null).status, 204);
    assert_eq!(
        tenant.write(Method::DELETE, &path, &Value::Null).status,
        204
    );
    for (method, path) in [
        (Method::GET, &path),
        (Method::DELETE, &path),
        (Method::PATCH, &path),
        (Method::POST, &action),
    ] {
        let answer = tenant.write(method, path, &renewal);
        assert_eq!(answer.refusal(), (404, "ResourceNotFound"));
    }
}

#[test]
fn a_resource_is_written_with_a_slash_or_without_and_without_host_and_version() {
    for resource in [
        "users",
        "/users",
        "Users",
        "groups",
        "/groups",
        "/groups/ID",
        "users/ID",
    ] {
        let resource = match resource {
            "users/ID" => resource.replace("ID", ADA),
            _ => resource.replace("ID", TEAM),
        };
        id(&subscribe(&tenant(), json!({"resource": resource})));
    }
    for of_group in ["members", "owners"] {
        let resource = format!("groups/{TEAM}/{of_group}");
        id(&subscribe(&tenant(), json!({"resource": resource})));
    }
    for resource in [
        "v1.0/users",
        "https://graph.microsoft.com/v1.0/users",
        "users/",
        "devices",
        "users/x/manager",
    ] {
        let refused = subscribe(&tenant(), json!({"resource": resource}));
        assert_eq!(refused.refusal(), (400, "InvalidRequest"), "{resource}");
    }
    for resource in [
        "users/11111111-0000-4000-8000-00000000000f",
        "groups/x/members",
    ] {
        let refused = subscribe(&tenant(), json!({"resource": resource}));
        assert_eq!(refused.refusal(), (404, "ResourceNotFound"), "{resource}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let long = "x".repeat(129);
    for (changes, said) in [
        (
            json!({"changeType": null}),
            "changeType is a required property",
        ),
        (json!({"resource": null}), "resource is a required property"),
        (
            json!({"notificationUrl": null}),
            "notificationUrl is a required property",
        ),
        (
            json!({"expirationDateTime": null}),
            "expirationDateTime is a required property",
        ),
        (
            json!({"changeType": "created"}),
            "Invalid 'changeType' attribute: 'created'.",
        ),
        (
            json!({"changeType": "renamed"}),
            "Invalid 'changeType' attribute: 'renamed'.",
        ),
        (json!({"clientState": long}), "maximum length of 128"),
        (
            json!({"notificationUrl": "http://sync.example/hook"}),
            "begins with https",
        ),
        (json!({"notificationUrl": "hook"}), "begins with https"),
        (
            json!({"lifecycleNotificationUrl": "http://sync.example/hook"}),
            "'lifecycleNotificationUrl'",
        ),
        (
            json!({"expirationDateTime": "tomorrow"}),
            "Invalid 'expirationDateTime'",
        ),
        (
            json!({"expirationDateTime": "2026-01-02T03:04:05Z"}),
            "in the future",
        ),
        (
            json!({"latestSupportedTlsVersion": "v2"}),
            "Invalid 'latestSupportedTlsVersion'",
        ),
        (
            json!({"includeResourceData": true}),
            "does not offer resource data",
        ),
        (
            json!({"ChangeType": "updated"}),
            "spelled and camelCased properly",
        ),
        (json!({"clientState": 1}), "of another type"),
    ] {
        let refused = subscribe(&tenant(), changes.clone());
        let (status, code, message) = refused.error();
        assert_eq!((status, code), (400, "InvalidRequest"), "{changes}");
        assert!(message.contains(said), "{changes}: {message}");
    }
    id(&subscribe(
        &tenant(),
        json!({"notificationUrl": "http://localhost:8080/hook"}),
    ));
}

#[test]
fn a_listener_without_tls_is_refused_unless_the_emulator_was_started_so() {
    let mut tenant = Tenant::of_three();
    grant(&mut tenant, &["User.Read.All"]);
    let refused = subscribe(
        &tenant,
        json!({"notificationUrl": "http://127.0.0.1:8080/hook"}),
    );
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
}

#[test]
fn it_lasts_forty_five_minutes_at_least_and_under_29_days_at_most() {
    let soon = subscribe(
        &tenant(),
        json!({"expirationDateTime": "2026-01-02T03:05:00Z"}),
    );
    assert_eq!(
        soon.body["expirationDateTime"],
        "2026-01-02T03:49:05.0000000Z"
    );
    let longest = json!({"expirationDateTime": "2026-01-31T03:04:05Z"});
    id(&subscribe(&tenant(), longest));
    let longer = json!({"expirationDateTime": "2026-01-31T03:04:06Z"});
    let refused = subscribe(&tenant(), longer.clone());
    let said = "Subscription expiration can only be 41760 minutes in the future.";
    assert_eq!(refused.error(), (400, "ExtensionError", said));
    let tenant = tenant();
    tenant.control.set_behaviour(Behaviour {
        long_subscriptions_shortened: true,
        ..Behaviour::default()
    });
    let shortened = subscribe(&tenant, longer);
    assert_eq!(
        shortened.body["expirationDateTime"],
        "2026-01-31T03:04:05.0000000Z"
    );
}

#[test]
fn when_its_time_is_over_it_is_gone() {
    let tenant = tenant();
    let id = id(&subscribe(&tenant, json!({})));
    tenant.control.advance_clock(Duration::from_secs(24 * 3600));
    let mut tenant = tenant;
    tenant.renew_token();
    let gone = tenant.get(&format!("/v1.0/subscriptions/{id}"));
    assert_eq!(gone.refusal(), (404, "ResourceNotFound"));
}

#[test]
fn the_same_again_is_a_conflict_and_there_are_not_too_many() {
    let tenant = tenant();
    id(&subscribe(&tenant, json!({})));
    let again = subscribe(
        &tenant,
        json!({"resource": "/users", "changeType": "deleted,updated"}),
    );
    assert_eq!(again.refusal(), (409, "Conflict"));
    id(&subscribe(&tenant, json!({"changeType": "updated"})));
    tenant.control.set_behaviour(Behaviour {
        subscriptions_of_others: 998,
        ..Behaviour::default()
    });
    let refused = subscribe(&tenant, json!({"resource": "groups"}));
    assert_eq!(refused.refusal(), (403, "Forbidden"));
    assert!(refused.error().2.contains("1000"));
    tenant.control.set_behaviour(Behaviour::default());
    for number in 0..98 {
        let user =
            json!({"displayName": "x", "userPrincipalName": format!("x{number}@contoso.com")});
        let user = tenant.control.add_user(user).unwrap();
        id(&subscribe(
            &tenant,
            json!({"resource": format!("users/{user}")}),
        ));
    }
    let refused = subscribe(&tenant, json!({"resource": "groups"}));
    assert_eq!(refused.refusal(), (403, "Forbidden"));
    assert!(refused.error().2.contains("100 "));
}

#[test]
fn it_takes_the_permission_to_read_what_is_subscribed_to() {
    let mut tenant = tenant();
    grant(&mut tenant, &["GroupMember.Read.All", "User.ReadBasic.All"]);
    for resource in ["users", "groups"] {
        let refused = subscribe(&tenant, json!({"resource": resource}));
        assert_eq!(refused.refusal(), (403, "Authorization_RequestDenied"));
    }
    grant(&mut tenant, &["User.Read.All"]);
    let id = id(&subscribe(&tenant, json!({})));
    grant(&mut tenant, &[]);
    let renewal = json!({"expirationDateTime": TOMORROW});
    let refused = tenant.write(
        Method::PATCH,
        &format!("/v1.0/subscriptions/{id}"),
        &renewal,
    );
    assert_eq!(refused.status, 403);
}

#[test]
fn a_renewal_changes_the_end_and_the_address_and_nothing_else() {
    let tenant = tenant();
    let id = id(&subscribe(&tenant, json!({})));
    let path = format!("/v1.0/subscriptions/{id}");
    let address = json!({"notificationUrl": "https://sync.example/other"});
    let moved = tenant.write(Method::PATCH, &path, &address).ok();
    assert_eq!(moved.body["notificationUrl"], "https://sync.example/other");
    for fixed in [
        "lifecycleNotificationUrl",
        "clientState",
        "changeType",
        "resource",
    ] {
        let refused = tenant.write(
            Method::PATCH,
            &path,
            &json!({fixed: "https://sync.example"}),
        );
        assert_eq!(refused.refusal(), (400, "InvalidRequest"), "{fixed}");
    }
}

#[test]
fn a_removed_subscription_is_gone_also_where_nobody_is_to_be_told() {
    let tenant = tenant();
    let known = id(&subscribe(&tenant, json!({})));
    let event = LifecycleEvent::SubscriptionRemoved;
    assert!(tenant.control.tell_lifecycle(&known, event).is_err());
    assert!(tenant.control.subscriptions().is_empty());
    assert!(!tenant.control.remove_subscription(&known));
}

#[test]
fn inside_a_batch_a_subscription_is_not_made() {
    let tenant = tenant();
    let batch = json!({"requests": [{
        "id": "1", "method": "POST", "url": "/subscriptions", "body": wanted(json!({})),
        "headers": {"content-type": "application/json"},
    }]});
    let answer = tenant.post("/v1.0/$batch", &batch).ok();
    assert_eq!(answer.body["responses"][0]["status"], 501);
}
