//! A page that is asked for before it is needed.

use super::*;

const FIRST: &str = "/users?$top=999&$select=id,mail";

fn page() -> HttpResponse {
    empty()
}

fn first(client: &Client<'_>) -> Link {
    client.first_list_page(&selection())
}

#[test]
fn a_page_that_is_asked_for_ahead_is_one_request_whenever_it_is_fetched() {
    let world = World::signed_in();
    world.expect_get(FIRST, page());
    let client = world.client();
    client.tenant().unwrap();
    let fetching = client.begin_fetch(first(&client));
    assert_eq!(client.usage().requests, 2, "it is counted when it is sent");
    client.fetched(fetching).unwrap();
    assert_eq!(client.usage().requests, 2);
}

#[test]
fn a_page_that_was_asked_for_ahead_is_repeated_like_any_other() {
    let world = World::signed_in();
    let throttled = refusal(429, "TooManyRequests");
    world.expect_get(FIRST, with_header(throttled, "retry-after", "7"));
    world.expect_get(FIRST, page());
    let client = world.client();
    client.tenant().unwrap();
    let fetching = client.begin_fetch(first(&client));
    assert_eq!(world.passed(), Duration::ZERO, "nobody waits for it yet");
    client.fetched(fetching).unwrap();
    assert_eq!(world.passed(), SECOND * 7);
    assert_eq!(client.usage().requests, 3);
}

#[test]
fn with_a_token_that_is_about_to_expire_nothing_is_asked_for_ahead() {
    let world = World::new();
    world.expect_token(600);
    let client = world.client();
    client.tenant().unwrap();
    world.advance(SECOND * 595);
    let fetching = client.begin_fetch(first(&client));
    assert_eq!(client.usage().requests, 1);
    world.expect_token(600);
    world.expect_get(FIRST, page());
    client.fetched(fetching).unwrap();
}

#[test]
fn a_service_that_is_near_its_limit_is_not_asked_ahead() {
    let world = World::signed_in();
    let near = with_header(empty(), "x-ms-throttle-limit-percentage", "1.0");
    world.expect_get(PROBE, near);
    let client = world.client();
    client.probe_users().unwrap();
    let fetching = client.begin_fetch(first(&client));
    assert_eq!(client.usage().requests, 2);
    world.expect_get(FIRST, page());
    client.fetched(fetching).unwrap();
    assert_eq!(world.passed(), SECOND, "it was held back, as it is without");
}

#[test]
fn a_page_that_is_given_up_is_not_asked_for_again() {
    let world = World::signed_in();
    world.expect_get(FIRST, page());
    let client = world.client();
    client.tenant().unwrap();
    drop(client.begin_fetch(first(&client)));
    assert_eq!(client.usage().requests, 2);
}
