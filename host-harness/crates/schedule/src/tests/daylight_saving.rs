//! The days on which the clocks change, and all the others.

use std::time::Duration;

use croner::JobType;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;

use super::super::{Form, Schedule};

/// Zones that differ in when, by how much and over which midnight their clocks change.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",    // at midnight
    "America/Nuuk",        // the last hour of a day does not exist
    "Australia/Lord_Howe", // by half an hour
    "Africa/Cairo",        // at midnight
    "Pacific/Chatham",     // 12:45 ahead
    "UTC",
];

fn schedule(text: &str, zone: &str) -> Schedule {
    Schedule::parse(text, zone).unwrap()
}

/// The runs of a local day and the one after it, as local times with their offset.
fn runs(text: &str, zone: &str, first: Date, days: i32) -> Vec<String> {
    let schedule = schedule(text, zone);
    let zone = TimeZone::get(zone).unwrap();
    let midnight = |date: Date| date.to_zoned(zone.clone()).unwrap().timestamp();
    let end = midnight(first.checked_add(days.days()).unwrap());
    let start = midnight(first) - 1.second();
    std::iter::successors(schedule.next_after(start), |run| schedule.next_after(*run))
        .take_while(|run| *run < end)
        .map(|run| {
            run.to_zoned(zone.clone())
                .strftime("%dT%H:%M%:z")
                .to_string()
        })
        .collect()
}

#[test]
fn a_time_that_does_not_exist_runs_once_at_the_end_of_the_gap() {
    assert_eq!(
        runs("30 2 * * *", "Europe/Berlin", date(2027, 3, 27), 3),
        ["27T02:30+01:00", "28T03:00+02:00", "29T02:30+02:00"]
    );
    assert_eq!(
        runs("30 2 * * *", "America/New_York", date(2027, 3, 13), 3),
        ["13T02:30-05:00", "14T03:00-04:00", "15T02:30-04:00"]
    );
}

#[test]
fn a_time_that_comes_twice_runs_the_first_time() {
    assert_eq!(
        runs("30 2 * * *", "Europe/Berlin", date(2027, 10, 30), 3),
        ["30T02:30+02:00", "31T02:30+02:00", "01T02:30+01:00"]
    );
    assert_eq!(
        runs("30 1 * * *", "America/New_York", date(2027, 11, 6), 3),
        ["06T01:30-04:00", "07T01:30-04:00", "08T01:30-05:00"]
    );
}

#[test]
fn several_times_in_one_gap_run_once_together() {
    assert_eq!(
        runs("*/20 2 * * *", "Europe/Berlin", date(2027, 3, 28), 1),
        ["28T03:00+02:00"]
    );
    assert_eq!(
        runs("0 2,3,14 * * *", "Europe/Berlin", date(2027, 3, 28), 1),
        ["28T03:00+02:00", "28T14:00+02:00"]
    );
}

#[test]
fn several_times_in_a_doubled_hour_run_once_each() {
    assert_eq!(
        runs("0,30 2,14 * * *", "Europe/Berlin", date(2027, 10, 31), 1),
        [
            "31T02:00+02:00",
            "31T02:30+02:00",
            "31T14:00+01:00",
            "31T14:30+01:00"
        ]
    );
}

#[test]
fn a_gap_at_the_end_of_a_day_does_not_move_the_run_to_the_next() {
    assert_eq!(
        runs("30 23 * * *", "America/Nuuk", date(2027, 3, 26), 3),
        ["26T23:30-02:00", "27T22:59-02:00", "28T23:30-01:00"]
    );
}

#[test]
fn every_half_hour_is_every_half_hour_that_passes() {
    for (zone, day, count) in [
        ("Europe/Berlin", date(2027, 3, 28), 46),
        ("Europe/Berlin", date(2027, 10, 31), 50),
        ("America/New_York", date(2027, 3, 14), 46),
        ("America/New_York", date(2027, 11, 7), 50),
        ("America/New_York", date(2027, 11, 8), 48),
    ] {
        let schedule = schedule("*/30 * * * *", zone);
        assert_eq!(
            runs("*/30 * * * *", zone, day, 1).len(),
            count,
            "{zone} {day}"
        );
        let start = day
            .to_zoned(TimeZone::get(zone).unwrap())
            .unwrap()
            .timestamp();
        let mut run = start;
        for _ in 0..count {
            let next = schedule.next_after(run).unwrap();
            assert_eq!(next, run + 30.minutes(), "{zone} {run}");
            run = next;
        }
    }
}

/// Asked with the run before, as the scheduler does, on every day of ten years.
#[test]
fn a_daily_job_runs_on_every_day_and_on_none_twice() {
    for zone_name in ZONES {
        let zone = TimeZone::get(zone_name).unwrap();
        for text in [
            "0 0 * * *",
            "30 0 * * *",
            "30 1 * * *",
            "0 2 * * *",
            "15 2 * * *",
            "0 3 * * *",
            "0 23 * * *",
            "59 23 * * *",
        ] {
            let schedule = schedule(text, zone_name);
            let mut day = date(2026, 1, 1);
            let mut run = day.to_zoned(zone.clone()).unwrap().timestamp() - 1.second();
            while day < date(2036, 1, 1) {
                run = schedule.next_after(run).unwrap();
                assert_eq!(
                    run.to_zoned(zone.clone()).date(),
                    day,
                    "{text} in {zone_name}"
                );
                day = day.tomorrow().unwrap();
            }
        }
    }
}

#[test]
fn a_leap_day_is_waited_for() {
    let now: Timestamp = "2097-01-01T00:00:00Z".parse().unwrap();
    let next = schedule("0 6 29 2 *", "UTC").next_after(now).unwrap();
    assert_eq!(next.to_string(), "2104-02-29T06:00:00Z");
}

#[test]
fn a_schedule_knows_how_fast_it_is() {
    for (text, minutes, is_faster) in [
        ("every 30 min", 60, true),
        ("every 60 min", 60, false),
        ("*/30 * * * *", 60, true),
        ("*/30 * * * *", 30, false),
        ("0 * * * *", 60, false),
        ("0 6 * * *", 60, false),
        ("0 6 * * *", 24 * 60, false),
        ("0,10 6 1 1 *", 30, true),
        ("0,45 0,23 * * *", 30, true),
        ("*/5 0 29 2 *", 30, true),
        ("0 0 29 2 *", 60, false),
        ("0 0,23 29,1 2,3 *", 90, true),
        ("0 0,23 31 * 1#1", 90, true),
        ("0 0,23 1,15 * *", 90, false),
    ] {
        let least = Duration::from_secs(minutes * 60);
        assert_eq!(
            schedule(text, "UTC").is_faster_than(least),
            is_faster,
            "{text}"
        );
    }
}

fn any_moment() -> impl Strategy<Value = Timestamp> {
    // 2026 to 2036, in nanoseconds.
    (1_767_225_600_000_000_000_i128..2_082_758_400_000_000_000)
        .prop_map(|nanosecond| Timestamp::from_nanosecond(nanosecond).unwrap())
}

/// Moments within two days of a change of the clocks, which random ones hardly ever meet.
fn around_a_change(zone: &'static str) -> impl Strategy<Value = Timestamp> {
    (any_moment(), -172_800_000_i64..172_800_000).prop_map(move |(moment, milliseconds)| {
        let zone = TimeZone::get(zone).unwrap();
        let change = zone
            .following(moment)
            .next()
            .map_or(moment, |change| change.timestamp());
        change + milliseconds.milliseconds()
    })
}

fn zone_and_moment() -> impl Strategy<Value = (&'static str, Timestamp)> {
    proptest::sample::select(ZONES.as_slice())
        .prop_flat_map(|zone| (Just(zone), around_a_change(zone)))
}

fn some_cron() -> impl Strategy<Value = String> {
    let minute = "[0-5]?[0-9]|\\*/(10|15|20|30)|0,30|\\*";
    let hour = "1?[0-9]|2[0-3]|\\*/[2-8]|\\*|[0-3],[4-9]|0-3";
    let day = "\\*|1|\\*/2|28-31|L";
    let weekday = "\\*|[0-7]|1-5|SUN";
    (minute, hour, day, weekday)
        .prop_map(|(minute, hour, day, weekday)| format!("{minute} {hour} {day} * {weekday}"))
}

proptest! {
    #[test]
    fn the_next_run_is_later_and_nothing_lies_between(
        text in some_cron(),
        (zone, after) in zone_and_moment(),
        part in 0.0..1.0_f64,
    ) {
        let schedule = schedule(&text, zone);
        let next = schedule.next_after(after).unwrap();
        prop_assert!(next > after);
        let within = next.duration_since(after).mul_f64(part);
        let between = after + within;
        if between < next {
            prop_assert_eq!(schedule.next_after(between), Some(next));
        }
    }

    #[test]
    fn where_no_day_ends_in_a_gap_a_fixed_time_is_what_croner_says(
        hour in 0..24_u8, minute in 0..60_u8, (zone, after) in zone_and_moment(),
    ) {
        prop_assume!(zone != "America/Nuuk");
        let schedule = schedule(&format!("{minute} {hour} * * *"), zone);
        let Form::Cron(cron) = &schedule.form else { unreachable!() };
        prop_assert_eq!(cron.determine_job_type(), JobType::FixedTime);
        let zoned = after.to_zoned(TimeZone::get(zone).unwrap());
        let theirs = cron.find_next_occurrence(&zoned, false).unwrap().timestamp();
        prop_assert_eq!(schedule.next_after(after), Some(theirs));
    }
}
