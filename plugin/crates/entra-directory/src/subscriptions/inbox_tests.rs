use serde_json::{Value, json};

use super::*;

const TENANT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const OTHER: &str = "22221111-bbbb-3333-cccc-4444dddd5555";
const ID: &str = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07";
const STATE: &str = "nobody can guess this";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn kept() -> Kept {
    Kept {
        subscriptions: vec![Subscription {
            resource: "users".to_owned(),
            id: ID.to_owned(),
            client_state: hash(STATE),
            address: hash("https://sync.example/hook"),
            since: Timestamp(NOW.0 - 3_600_000),
            renewed: Timestamp(NOW.0 - 3_600_000),
            ends: Timestamp(NOW.0 + 3_600_000),
            due: Timestamp(NOW.0 + 1_800_000),
        }],
        trouble: None,
    }
}

fn notice(changes: Value) -> Value {
    let mut notice = json!({
        "changeType": "updated", "clientState": STATE, "subscriptionId": ID, "tenantId": TENANT,
        "resource": "Users/x", "subscriptionExpirationDateTime": "2027-01-15T08:00:00+00:00",
        "resourceData": {"id": "x", "sequenceNumber": 636_784_480_202_455_800_u64},
    });
    for (name, value) in changes.as_object().unwrap() {
        notice[name] = value.clone();
    }
    notice
}

fn judged(kept: &mut Kept, notices: &[Value]) -> Verdict {
    let body = json!({ "value": notices }).to_string();
    judge(body.as_bytes(), kept, TenantId::parse(TENANT).as_ref(), NOW)
}

fn verdict(action: Action, accepted: u32, refused: u32) -> Verdict {
    Verdict {
        action,
        accepted,
        refused,
    }
}

#[test]
fn a_change_asks_for_a_sync_and_changes_nothing_of_what_is_kept() {
    let mut after = kept();
    let told = judged(
        &mut after,
        &[notice(json!({})), notice(json!({"changeType": "deleted"}))],
    );
    assert_eq!(told, verdict(Action::SyncNow, 2, 0));
    assert_eq!(after, kept());
}

#[test]
fn what_is_of_somebody_else_is_refused_and_what_stands_beside_it_counts() {
    let mut after = kept();
    for forged in [
        json!({"clientState": "nobody can guess that"}),
        json!({"clientState": ""}),
        json!({"clientState": null}),
        json!({"tenantId": OTHER}),
        json!({"tenantId": 7}),
        json!({"subscriptionId": OTHER}),
        json!({"subscriptionId": null}),
        json!({"clientState": "forged", "lifecycleEvent": "subscriptionRemoved"}),
    ] {
        let forged = notice(forged);
        let alone = judged(&mut after, std::slice::from_ref(&forged));
        assert_eq!(alone, verdict(Action::Nothing, 0, 1), "{forged}");
        let mixed = judged(&mut after, &[forged, notice(json!({}))]);
        assert_eq!(mixed, verdict(Action::SyncNow, 1, 1));
    }
    assert_eq!(after, kept());
}

#[test]
fn what_is_no_body_of_notifications_is_refused_as_one() {
    let tenant = TenantId::parse(TENANT);
    let long = vec![b' '; LONGEST_BODY + 1];
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"{}",
        b"{\"value\": 1}",
        b"\xff",
        &long,
    ] {
        let told = judge(body, &mut kept(), tenant.as_ref(), NOW);
        assert_eq!(told, verdict(Action::Nothing, 0, 1));
    }
    let told = judge(b"{\"value\": []}", &mut kept(), tenant.as_ref(), NOW);
    assert_eq!(told, verdict(Action::Nothing, 0, 0));
    let told = judge(b"{\"value\": [7]}", &mut kept(), tenant.as_ref(), NOW);
    assert_eq!(told, verdict(Action::Nothing, 0, 1));
}

#[test]
fn nothing_is_of_a_tenant_that_is_not_known_yet() {
    let body = json!({"value": [notice(json!({}))]}).to_string();
    let told = judge(body.as_bytes(), &mut kept(), None, NOW);
    assert_eq!(told, verdict(Action::Nothing, 0, 1));
}

#[test]
fn what_happens_to_a_subscription_is_noted_for_the_next_sync() {
    let event = |name: &str| notice(json!({"lifecycleEvent": name}));
    let mut after = kept();
    let told = judged(&mut after, &[event("reauthorizationRequired")]);
    assert_eq!(told.action, Action::RenewNow);
    assert_eq!(after.subscriptions[0].due, NOW);

    let mut after = kept();
    assert_eq!(
        judged(&mut after, &[event("missed")]).action,
        Action::SyncNow
    );
    assert_eq!(
        judged(&mut after, &[event("of tomorrow")]).action,
        Action::SyncNow
    );
    assert_eq!(after, kept());

    let told = judged(
        &mut after,
        &[notice(json!({})), event("subscriptionRemoved")],
    );
    assert_eq!(told, verdict(Action::Resubscribe, 2, 0));
    assert!(after.subscriptions.is_empty());
}

#[test]
fn so_shortly_after_a_renewal_none_is_due_again() {
    let mut after = kept();
    after.subscriptions[0].renewed = Timestamp(NOW.0 - BETWEEN_RENEWALS_MS + 1);
    let before = after.clone();
    let event = notice(json!({"lifecycleEvent": "reauthorizationRequired"}));
    assert_eq!(judged(&mut after, &[event]), verdict(Action::Nothing, 1, 0));
    assert_eq!(after, before);
}
