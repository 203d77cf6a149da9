//! The token of an earlier call, where the host has kept it.

use super::*;

/// As an earlier call got it.
const KEPT: &str = "header.kept.signature";

const HOUR: Duration = Duration::from_secs(3_600);

fn authorization(world: &World, request: usize) -> String {
    let sent = &world.sent()[request];
    sent.header("authorization").unwrap().to_owned()
}

#[test]
fn a_token_that_the_host_keeps_is_used_without_a_sign_in() {
    let mut world = World::new();
    world.secret = Err(SecretError::AccessDenied);
    world.keep(KEPT, HOUR);
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    assert_eq!(authorization(&world, 0), format!("Bearer {KEPT}"));
    assert_eq!(client.usage().requests, 1, "and no secret was asked for");
}

#[test]
fn a_new_token_is_kept_until_shortly_before_it_expires() {
    let world = World::signed_in();
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let until_renewal = Duration::from_secs(3_599 - 300);
    assert_eq!(world.kept(), Some((BEARER.to_owned(), until_renewal)));

    world.advance(until_renewal - SECOND);
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    world.advance(SECOND);
    world.expect_token_like("header.next.signature", 600);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    let (kept, _) = world.kept().unwrap();
    assert_eq!(kept, "header.next.signature");
}

#[test]
fn the_host_is_asked_once_in_a_call() {
    let world = World::signed_in();
    let client = world.client();
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.keep(KEPT, 10 * HOUR);
    world.advance(HOUR);
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
}

#[test]
fn a_kept_token_that_is_refused_is_forgotten_and_one_sign_in_is_made() {
    let world = World::new();
    world.keep(KEPT, HOUR);
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    assert_eq!(authorization(&world, 2), format!("Bearer {BEARER}"));
    assert_eq!(world.kept().unwrap().0, BEARER);

    let world = World::new();
    world.keep(KEPT, HOUR);
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_sign_in(Ok(answer(401, &json!({"error_codes": [7_000_222]}))));
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "AADSTS7000222");
    assert_eq!(world.kept(), None, "the next call does not try it again");
}

#[test]
fn a_new_token_that_is_refused_is_not_kept() {
    let world = World::new();
    for _ in 0..2 {
        world.expect_token(3_599);
        world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    }
    // The first one of them was new, too.
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "InvalidAuthenticationToken");
    assert_eq!(world.kept(), None);
}

#[test]
fn a_permission_that_a_kept_token_lacks_may_have_been_given_since() {
    let world = World::new();
    world.keep(KEPT, HOUR);
    world.expect_get(PROBE, refusal(403, "Authorization_RequestDenied"));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
}

#[test]
fn a_permission_that_is_missing_in_a_new_token_too_is_told_after_one_sign_in() {
    let world = World::new();
    world.keep(KEPT, HOUR);
    world.expect_get(PROBE, refusal(403, "Authorization_RequestDenied"));
    world.expect_token(3_599);
    world.expect_get(PROBE, refusal(403, "Authorization_RequestDenied"));
    let client = world.client();
    let error = client.probe_users().unwrap_err();
    assert!(matches!(error, GraphError::Forbidden(_)), "{error:?}");
    world.expect_get(PROBE, refusal(403, "Authorization_RequestDenied"));
    let error = client.probe_users().unwrap_err();
    assert!(matches!(error, GraphError::Forbidden(_)), "{error:?}");
}

#[test]
fn a_token_for_another_client_tenant_service_secret_or_cloud_is_not_used() {
    let changes: [fn(&mut World); 5] = [
        |world| world.connection.login = "https://login.other.example".to_owned(),
        |world| world.connection.client_id = "app-2".to_owned(),
        |world| world.connection.tenant = "fabrikam.example".to_owned(),
        |world| world.connection.credential = test_script::secret("another-name"),
        |world| world.connection.cloud = Cloud::China,
    ];
    for change in changes {
        let mut world = World::new();
        world.keep(KEPT, HOUR);
        change(&mut world);
        world.expect_token(3_599);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
    }
}

#[test]
fn a_kept_token_proves_its_tenant_like_a_new_one() {
    let mut world = World::new();
    world.connection.tenant = "84841066-274d-4ec0-a5c1-276be684bdd3".to_owned();
    world.keep(signing_in::OF_FIRST, HOUR);
    let client = world.client();
    let tenant = client.tenant().unwrap().unwrap();
    assert_eq!(tenant.as_str(), "84841066-274d-4ec0-a5c1-276be684bdd3");

    let mut world = World::new();
    world.connection.tenant = "84841066-274d-4ec0-a5c1-276be684bdd3".to_owned();
    world.keep(signing_in::OF_SECOND, HOUR);
    world.expect_token_like(signing_in::OF_FIRST, 3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let sent = authorization(&world, 1);
    assert_eq!(sent, format!("Bearer {}", signing_in::OF_FIRST));
}

#[test]
fn what_is_no_token_is_not_put_into_a_header() {
    for kept in ["", "a\r\nx: y"] {
        let world = World::signed_in();
        world.keep(kept, HOUR);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
    }
}
