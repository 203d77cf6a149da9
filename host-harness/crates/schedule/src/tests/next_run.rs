//! When the next run is due, and why then.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};

use super::super::{Ending, History, HostPolicy, NextRun, Schedule, Tier, Why, next_run};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(text: &str) -> Schedule {
    Schedule::parse(text, "Europe/Berlin").unwrap()
}

/// On a standard plan: at most every 60 minutes.
fn next(text: &str, history: History, now: &str) -> NextRun {
    let policy = HostPolicy::from(Tier::Standard);
    next_run(&schedule(text), &policy, &history, at(now)).unwrap()
}

fn due(moment: &str, why: Why) -> NextRun {
    NextRun {
        at: at(moment),
        why,
    }
}

fn connected() -> History {
    History::connected(at("2027-01-10T12:00:00Z"))
}

/// Somebody started the last run then.
fn run_by_hand(moment: &str) -> History {
    connected().with_start(at(moment), None)
}

/// The last run started then, when it was due.
fn run_on_time(moment: &str) -> History {
    connected().with_start(at(moment), Some(at(moment)))
}

#[test]
fn the_first_scheduled_run_is_not_at_once() {
    let now = "2027-01-10T12:00:30Z";
    assert_eq!(
        next("every 6 h", connected(), now),
        due("2027-01-10T18:00:00Z", Why::Scheduled)
    );
    assert_eq!(
        next("0 6 * * *", connected(), now),
        due("2027-01-11T05:00:00Z", Why::Scheduled)
    );
}

#[test]
fn an_interval_counts_from_the_start_of_the_last_run_by_hand_too() {
    assert_eq!(
        next(
            "every 6 h",
            run_by_hand("2027-01-12T09:13:20Z"),
            "2027-01-12T10:00:00Z"
        ),
        due("2027-01-12T15:13:20Z", Why::Scheduled)
    );
}

#[test]
fn a_cron_schedule_goes_by_its_zone_and_not_by_the_last_run() {
    assert_eq!(
        next(
            "0 6 * * *",
            run_by_hand("2027-06-12T09:13:20Z"),
            "2027-06-12T10:00:00Z"
        ),
        due("2027-06-13T04:00:00Z", Why::Scheduled)
    );
}

#[test]
fn a_schedule_faster_than_the_plan_is_held_to_it() {
    for text in ["every 30 min", "*/10 * * * *"] {
        assert_eq!(
            next(
                text,
                run_on_time("2027-01-12T09:00:00Z"),
                "2027-01-12T09:05:00Z"
            ),
            due("2027-01-12T10:00:00Z", Why::HeldByPolicy),
            "{text}"
        );
    }
    let plus = HostPolicy::from(Tier::Plus);
    let history = run_on_time("2027-01-12T09:00:00Z");
    assert_eq!(
        next_run(
            &schedule("every 30 min"),
            &plus,
            &history,
            at("2027-01-12T09:05:00Z")
        ),
        Some(due("2027-01-12T09:30:00Z", Why::Scheduled))
    );
}

#[test]
fn a_scheduled_run_soon_after_one_by_hand_is_held_too() {
    assert_eq!(
        next(
            "0 6 * * *",
            run_by_hand("2027-01-12T04:50:00Z"),
            "2027-01-12T04:55:00Z"
        ),
        due("2027-01-12T05:50:00Z", Why::HeldByPolicy)
    );
}

#[test]
fn a_run_that_starts_a_little_late_does_not_push_the_next_off_the_hour() {
    let history =
        connected().with_start(at("2027-01-12T09:04:00Z"), Some(at("2027-01-12T09:00:00Z")));
    for text in ["0 * * * *", "every 60 min"] {
        assert_eq!(
            next(text, history, "2027-01-12T09:05:00Z"),
            due("2027-01-12T10:00:00Z", Why::Scheduled),
            "{text}"
        );
    }
    let later =
        connected().with_start(at("2027-01-12T09:07:00Z"), Some(at("2027-01-12T09:00:00Z")));
    assert_eq!(
        next("0 * * * *", later, "2027-01-12T09:08:00Z"),
        due("2027-01-12T10:07:00Z", Why::HeldByPolicy)
    );
}

#[test]
fn a_run_is_on_time_for_a_minute_and_missed_after_that() {
    let history = run_on_time("2027-01-12T05:00:00Z");
    for (now, why) in [
        ("2027-01-13T05:00:00Z", Why::Scheduled),
        ("2027-01-13T05:01:00Z", Why::Scheduled),
        ("2027-01-13T05:01:01Z", Why::Missed),
    ] {
        let next = next("0 6 * * *", history, now);
        assert_eq!(next, due("2027-01-13T05:00:00Z", why), "{now}");
        assert!(next.is_due(at(now)));
    }
}

#[test]
fn however_many_runs_were_missed_one_makes_up_for_them() {
    for text in ["0 6 * * *", "every 6 h", "0 * * * *"] {
        let history = run_on_time("2027-01-12T05:00:00Z");
        let now = "2027-01-20T05:30:00Z";
        let missed = next(text, history, now);
        assert_eq!(missed.why, Why::Missed, "{text}");
        assert!(missed.is_due(at(now)), "{text}");

        let history = history.with_start(at(now), Some(missed.at));
        let after = next(text, history, now);
        assert!(after.at >= at(now) + 30.minutes(), "{text}: {after:?}");
        assert_ne!(after.why, Why::Missed, "{text}");
    }
}

#[test]
fn what_was_due_before_the_directory_was_connected_again_was_not_missed() {
    let history = History {
        connected_at: at("2027-01-20T12:00:00Z"),
        ..run_on_time("2027-01-12T05:00:00Z")
    };
    assert_eq!(
        next("every 6 h", history, "2027-01-20T12:10:00Z"),
        due("2027-01-20T18:00:00Z", Why::Scheduled)
    );
}

#[test]
fn a_failing_schedule_waits_twice_as_long_each_time_and_at_most_a_day() {
    let started = at("2027-01-12T05:00:00Z");
    for (failures, hours) in [
        (2, 2),
        (3, 4),
        (4, 8),
        (5, 16),
        (6, 24),
        (7, 24),
        (u32::MAX, 24),
    ] {
        let history = History {
            failures,
            ..run_on_time("2027-01-12T05:00:00Z")
        };
        assert_eq!(
            next("0 * * * *", history, "2027-01-12T05:10:00Z"),
            NextRun {
                at: started + hours.hours(),
                why: Why::BackingOff { failures },
            }
        );
    }
}

#[test]
fn a_first_failure_waits_the_least_interval_and_five_minutes_at_least() {
    let policy = HostPolicy {
        least_interval: Duration::from_secs(60),
    };
    let history = run_on_time("2027-01-12T05:00:00Z").with_ending(Ending::Failed);
    assert_eq!(
        next_run(
            &schedule("every 1 min"),
            &policy,
            &history,
            at("2027-01-12T05:00:10Z")
        ),
        Some(due("2027-01-12T05:05:00Z", Why::BackingOff { failures: 1 }))
    );
}

#[test]
fn backing_off_never_makes_a_schedule_faster() {
    let history = History {
        failures: 2,
        ..run_on_time("2027-01-12T05:00:00Z")
    };
    assert_eq!(
        next("0 6 * * 1", history, "2027-01-12T05:10:00Z"),
        due("2027-01-18T05:00:00Z", Why::Scheduled)
    );
}

#[test]
fn a_blocked_run_neither_backs_off_nor_hurries() {
    let blocked = run_on_time("2027-01-12T05:00:00Z").with_ending(Ending::Blocked);
    assert_eq!(
        next("every 2 h", blocked, "2027-01-12T05:10:00Z"),
        due("2027-01-12T07:00:00Z", Why::Scheduled)
    );
    let failed = History {
        failures: 3,
        ..blocked
    };
    assert_eq!(
        next(
            "every 2 h",
            failed.with_ending(Ending::Blocked),
            "2027-01-12T05:10:00Z"
        ),
        due("2027-01-12T09:00:00Z", Why::BackingOff { failures: 3 })
    );
}

#[test]
fn a_clock_that_was_set_back_a_little_only_delays() {
    assert_eq!(
        next(
            "every 6 h",
            run_on_time("2027-01-12T05:00:10Z"),
            "2027-01-12T05:00:00Z"
        ),
        due("2027-01-12T11:00:10Z", Why::Scheduled)
    );
}

#[test]
fn a_clock_that_was_set_back_by_years_does_not_stop_a_schedule() {
    let now = "2027-01-12T05:00:00Z";
    for text in ["every 6 h", "0 6 * * *"] {
        let missed = next(text, run_on_time("2031-01-01T00:00:00Z"), now);
        assert_eq!(missed.why, Why::Missed, "{text}");
        assert!(missed.is_due(at(now)), "{text}");

        let connected = History::connected(at("2031-01-01T00:00:00Z"));
        assert_eq!(next(text, connected, now), due(now, Why::Missed), "{text}");
        let healed = connected.with_start(at(now), Some(at(now)));
        assert!(!next(text, healed, now).is_due(at(now)), "{text}");
    }
}

#[test]
fn a_schedule_that_names_no_moment_is_none() {
    for text in ["0 0 30 2 *", "0 6 31 2 *", "*/5 * 31 4,6,9,11 *"] {
        let error = Schedule::parse(text, "Europe/Berlin").expect_err(text);
        assert!(error.to_string().contains("never comes"), "{error}");
    }
}

#[test]
fn moments_at_the_end_of_time_are_no_panic() {
    let policy = HostPolicy {
        least_interval: Duration::MAX,
    };
    for moment in [Timestamp::MIN, Timestamp::MAX] {
        for text in ["every 7 d", "0 6 * * *"] {
            let history = History {
                failures: u32::MAX,
                ..History::connected(moment).with_start(moment, Some(moment))
            };
            for now in [Timestamp::MIN, Timestamp::MAX] {
                let _ = next_run(&schedule(text), &policy, &history, now);
                let plus = HostPolicy::from(Tier::Plus);
                let _ = next_run(&schedule(text), &plus, &history, now);
            }
        }
    }
}
