//! A scheduler that lives through sleep, late starts, failures and a clock that is set back.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;

use super::super::{Ending, History, HostPolicy, Schedule, Tier, next_run};

/// What happens to a scheduler in a while.
#[derive(Clone, Debug)]
enum Event {
    /// It looks, this many seconds later, and starts what is due after so many more.
    Look(i64, i64, Ending),
    /// The machine slept.
    Sleep(i64),
    /// The clock was set back.
    SetBack(i64),
    /// Somebody presses Sync now.
    ByHand(Ending),
}

fn ending() -> impl Strategy<Value = Ending> {
    proptest::sample::select(vec![Ending::Succeeded, Ending::Failed, Ending::Blocked])
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => (1..1_800_i64, 0..300_i64, ending()).prop_map(|(pause, late, ending)| Event::Look(pause, late, ending)),
        2 => (0..1_000_000_i64).prop_map(Event::Sleep),
        1 => (0..100_000_000_i64).prop_map(Event::SetBack),
        1 => ending().prop_map(Event::ByHand),
    ]
}

fn any_schedule() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "every 1 min",
        "every 30 min",
        "every 6 h",
        "every 1 d",
        "* * * * *",
        "*/30 * * * *",
        "0 * * * *",
        "30 2 * * *",
        "0 6,18 * * *",
        "0 6 * * 1",
    ])
}

proptest! {
    /// As the server does it: look, start what is due, look again.
    #[test]
    fn runs_keep_their_distance_and_never_stop(
        text in any_schedule(),
        events in proptest::collection::vec(event(), 1..120),
    ) {
        let schedule = Schedule::parse(text, "Europe/Berlin").unwrap();
        let policy = HostPolicy::from(Tier::Standard);
        // The clocks change in the night.
        let mut now: Timestamp = "2027-03-27T12:00:00Z".parse().unwrap();
        let mut history = History::connected(now);
        let mut was_set_back = false;
        for event in events {
            match event {
                Event::Sleep(seconds) => now += seconds.seconds(),
                Event::SetBack(seconds) => {
                    now -= seconds.seconds();
                    was_set_back = true;
                }
                Event::ByHand(ending) => {
                    history = history.with_start(now, None).with_ending(ending);
                    was_set_back = false;
                }
                Event::Look(pause, late, ending) => {
                    now += pause.seconds();
                    let Some(next) = next_run(&schedule, &policy, &history, now) else {
                        return Err(TestCaseError::fail("every one of these schedules goes on"));
                    };
                    // Nothing is further away than the longest of: a week and a day on the clock, the
                    // longest wait, and what is still believed of the future.
                    prop_assert!(next.at <= now + SignedDuration::from_hours(8 * 24 + 2), "{next:?} at {now}");
                    if !next.is_due(now) {
                        continue;
                    }
                    if let (Some(last), false) = (history.last_started, was_set_back) {
                        // A tenth is what a run may be late and still count as on time.
                        prop_assert!(now.duration_since(last) >= SignedDuration::from_mins(54), "{last} {now}");
                    }
                    now += late.seconds();
                    history = history.with_start(now, Some(next.at)).with_ending(ending);
                    was_set_back = false;
                    let after = next_run(&schedule, &policy, &history, now).unwrap();
                    prop_assert!(!after.is_due(now), "{after:?} right after a run at {now}");
                }
            }
        }
    }
}
