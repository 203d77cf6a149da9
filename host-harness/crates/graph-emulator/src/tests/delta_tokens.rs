use super::*;
use crate::ExpiredToken;

const NAMES: &str = "/v1.0/users/delta?$select=displayName,givenName,surname";

#[test]
fn a_malformed_token_is_400_and_so_is_one_of_the_other_kind() {
    let tenant = Tenant::of_company(300);
    let next = tenant.get(NAMES).ok().next_link().unwrap();
    let swapped = next.replace("$skiptoken", "$deltatoken");
    for target in [
        "/v1.0/users/delta?$deltatoken=nonsense",
        "/v1.0/users/delta?$skiptoken=AAAA",
        &swapped,
    ] {
        assert_eq!(
            tenant.get(target).refusal(),
            (400, "Request_BadRequest"),
            "{target}"
        );
    }
}

#[test]
fn an_expired_token_is_refused_with_the_configured_status() {
    let mut tenant = Tenant::of_three();
    let (_, last) = tenant.all(NAMES);
    let link = last.delta_link();
    tenant.control.advance_clock(Duration::from_hours(7 * 24));
    tenant.renew_token();
    let renewed = tenant.get(&link).ok().delta_link();
    tenant.control.advance_clock(Duration::from_secs(1));
    let answer = tenant.get(&link);
    assert_eq!(
        answer.error(),
        (
            400,
            "syncStateNotFound",
            "The sync state generation is not found. The delta token is expired and data must be \
             synchronized again."
        )
    );
    tenant.get(&renewed).ok();
    tenant.control.set_behaviour(Behaviour {
        expired_token: ExpiredToken::Gone,
        ..Behaviour::default()
    });
    tenant.control.expire_delta_tokens();
    assert_eq!(tenant.get(&renewed).refusal(), (410, "syncStateNotFound"));
    let (_, fresh) = tenant.all(NAMES);
    tenant.get(&fresh.delta_link()).ok();
}

#[test]
fn a_reset_is_410_with_the_address_to_start_again_from() {
    let tenant = Tenant::of_company(300);
    let first = tenant.get(NAMES).ok();
    let (_, last) = tenant.all(NAMES);
    tenant.control.reset_delta();
    for link in [first.next_link().unwrap(), last.delta_link()] {
        let gone = tenant.get(&link);
        assert_eq!(gone.status, 410);
        let location = gone.header("location").unwrap();
        assert_eq!(
            location,
            format!("{ROOT}/v1.0/users/delta?$select=displayName,givenName,surname&$deltatoken=")
        );
        let (users, _) = tenant.all(location);
        assert_eq!(users.len(), 300);
    }
}

#[test]
fn a_delta_link_outlives_the_emulator_and_its_log_does_not() {
    let before = Tenant::of_company(10);
    let (_, unchanged) = before.all(NAMES);
    let id = before.get("/v1.0/users").ok().ids()[0].to_owned();
    before
        .control
        .edit_user(&id, json!({"displayName": "x"}))
        .unwrap();
    let (_, changed) = before.all(NAMES);
    let after = Tenant::of_company(10);
    assert_eq!(after.get(&unchanged.delta_link()).ok().users().len(), 0);
    assert_eq!(
        after.get(&changed.delta_link()).refusal(),
        (400, "syncStateNotFound")
    );
}
