use super::*;

/// Throttled once with this header; the time until the repetition.
fn wait_for(retry_after: Option<&str>) -> Duration {
    let world = World::signed_in();
    let throttled = refusal(429, "TooManyRequests");
    world.expect_get(
        PROBE,
        match retry_after {
            Some(value) => with_header(throttled, "retry-after", value),
            None => throttled,
        },
    );
    world.expect_get(PROBE, empty());
    let client = world.client();
    client.probe_users().unwrap();
    let sent = world.sent();
    let waited = sent[2].at - sent[1].at;
    assert_eq!(
        client.usage(),
        Usage {
            requests: 3,
            throttled: waited
        }
    );
    waited
}

#[test]
fn retry_after_is_honoured_whole_fractional_and_as_a_date() {
    assert_eq!(wait_for(Some("10")), SECOND * 10);
    assert_eq!(wait_for(Some("315")), SECOND * 315);
    assert_eq!(wait_for(Some("2.128")), Duration::from_millis(2_128));
    assert_eq!(wait_for(Some("Sun, 06 Nov 1994 08:49:42 GMT")), SECOND * 5);
}

#[test]
fn without_a_usable_retry_after_the_wait_is_backed_off() {
    for header in [None, Some("soon"), Some("0")] {
        let wait = wait_for(header);
        assert!(
            wait > Duration::ZERO && wait <= SECOND,
            "{header:?}: {wait:?}"
        );
    }
}

#[test]
fn a_wait_that_the_budget_does_not_allow_becomes_an_error_at_once() {
    for seconds in ["61", "86400"] {
        let mut world = World::signed_in();
        world.budget = Budget::until(SECOND * 60);
        let throttled = refusal(429, "TooManyRequests");
        world.expect_get(PROBE, with_header(throttled, "retry-after", seconds));
        let error = world.client().probe_users().unwrap_err();
        let GraphError::Throttled { retry_after, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(retry_after, SECOND * seconds.parse().unwrap());
        assert_eq!(world.passed(), Duration::ZERO);
    }
}

#[test]
fn the_back_off_stays_inside_the_budget() {
    let mut world = World::signed_in();
    world.budget = Budget {
        attempts: 50,
        ..Budget::until(SECOND * 20)
    };
    // More answers than any budget needs; the rest is taken back below.
    let failures = 50;
    for _ in 0..failures {
        world.expect_failure(PROBE, HttpFailure::Interrupted);
    }
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "connection-interrupted");
    assert!(world.passed() <= SECOND * 20, "{:?}", world.passed());
    assert!(world.sent().len() < failures);
    world.forget_the_rest();
}

#[test]
fn attempts_are_bounded() {
    let mut world = World::signed_in();
    world.budget.attempts = 3;
    for _ in 0..3 {
        world.expect_get(PROBE, refusal(503, "ServiceUnavailable"));
    }
    let error = world.client().probe_users().unwrap_err();
    assert!(matches!(error, GraphError::Upstream(_)));
    assert_eq!(error.code(), "ServiceUnavailable");
}

#[test]
fn a_host_that_cannot_be_reached_is_given_up_in_seconds() {
    let world = World::signed_in();
    for _ in 0..4 {
        world.expect_failure(PROBE, HttpFailure::Connect);
    }
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "no-connection");
    assert!(world.passed() <= SECOND * 7, "{:?}", world.passed());
}

#[test]
fn what_passes_by_itself_is_repeated_and_what_does_not_is_not() {
    for (status, code) in [
        (409, "Directory_ConcurrencyViolation"),
        (500, "Service_InternalServerError"),
        (502, ""),
        (504, "UnknownError"),
    ] {
        let world = World::signed_in();
        world.expect_get(PROBE, refusal(status, code));
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
    }
    for failure in [HttpFailure::Denied, HttpFailure::Tls] {
        let world = World::signed_in();
        world.expect_failure(PROBE, failure.clone());
        let error = world.client().probe_users().unwrap_err();
        let host = "graph.example".to_owned();
        assert_eq!(
            error,
            GraphError::Network {
                host,
                cause: failure
            }
        );
    }
}

#[test]
fn a_host_that_says_stop_is_heard_during_a_wait() {
    let mut world = World::signed_in();
    world.stop_at = Some(SECOND * 3);
    let throttled = refusal(429, "TooManyRequests");
    world.expect_get(PROBE, with_header(throttled, "retry-after", "300"));
    assert_eq!(world.client().probe_users(), Err(GraphError::Stopped));
    assert_eq!(world.passed(), SECOND * 3);
}

#[test]
fn every_attempt_has_a_request_id_of_its_own() {
    let world = World::signed_in();
    world.expect_failure(PROBE, HttpFailure::Interrupted);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let sent = world.sent();
    let ids: Vec<_> = sent
        .iter()
        .filter_map(|sent| sent.header("client-request-id"))
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }
}
