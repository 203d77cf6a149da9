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

const SECOND_PAGE: &str = "/users?$skiptoken=2";

fn second(client: &Client<'_>) -> Link {
    let url = format!("https://graph.example/v1.0{SECOND_PAGE}");
    client.restore_link(&url).unwrap()
}

#[test]
fn whoever_has_to_ask_again_gives_up_what_is_under_way_beside_it() {
    let world = World::signed_in();
    let throttled = with_header(refusal(429, "TooManyRequests"), "retry-after", "7");
    world.expect_get(FIRST, throttled);
    world.expect_get(SECOND_PAGE, page());
    let client = world.client();
    client.tenant().unwrap();
    let one = client.begin_fetch(first(&client));
    let other = client.begin_fetch(second(&client));
    world.expect_get(FIRST, page());
    client.fetched(one).unwrap();
    // What was under way is asked for anew when its turn comes.
    world.expect_get(SECOND_PAGE, page());
    client.fetched(other).unwrap();
    assert_eq!(client.usage().requests, 5);
}

#[test]
fn nothing_is_under_way_while_a_token_is_asked_for() {
    let world = World::signed_in();
    world.expect_get(FIRST, refusal(401, "InvalidAuthenticationToken"));
    world.expect_get(SECOND_PAGE, page());
    let client = world.client();
    client.tenant().unwrap();
    let one = client.begin_fetch(first(&client));
    let other = client.begin_fetch(second(&client));
    world.expect_token(3_599);
    world.expect_get(FIRST, page());
    client.fetched(one).unwrap();
    world.expect_get(SECOND_PAGE, page());
    client.fetched(other).unwrap();
}

#[test]
fn answers_that_are_read_in_turn_give_up_nobody() {
    let world = World::signed_in();
    world.expect_get(FIRST, page());
    world.expect_get(SECOND_PAGE, page());
    let client = world.client();
    client.tenant().unwrap();
    let one = client.begin_fetch(first(&client));
    let other = client.begin_fetch(second(&client));
    client.fetched(one).unwrap();
    client.fetched(other).unwrap();
    assert_eq!(client.usage().requests, 3);
}

#[test]
fn as_many_pages_are_asked_for_at_a_time_as_the_service_takes() {
    let world = World::signed_in();
    let client = world.client();
    assert_eq!(client.at_once(), 4);
    world.expect_get(PROBE, refusal(503, "ServiceUnavailable"));
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    assert_eq!(client.at_once(), 2);
    for _ in 0..4 {
        world.expect_get(PROBE, empty());
        client.probe_users().unwrap();
    }
    assert_eq!(client.at_once(), 3);
    let near = with_header(empty(), "x-ms-throttle-limit-percentage", "0.85");
    world.expect_get(PROBE, near);
    client.probe_users().unwrap();
    assert_eq!(client.at_once(), 2);
}
