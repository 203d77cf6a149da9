//! What is read here, against what `croner` reads.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use croner::time::Weekday;
use proptest::prelude::*;

use super::*;

fn theirs(text: &str) -> Option<Cron> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    parser.parse(text).ok()
}

/// All days of 28 years that are named.
fn their_days(cron: &Cron) -> Vec<(i32, u32, u32)> {
    let mut weekday = Weekday::Monday;
    let mut named = Vec::new();
    for year in 2001..2029 {
        for month in 1..=12_u32 {
            for day in 1..=31 {
                let Ok(matches) = cron.pattern.day_match(year, month, day, weekday) else {
                    break;
                };
                if matches && cron.pattern.month_match(month).unwrap() {
                    named.push((year, month, day));
                }
                weekday = weekday.shift(1);
            }
        }
    }
    named
}

fn our_days(fields: &Fields) -> Vec<(i32, u32, u32)> {
    let mut weekday = 1;
    let mut named = Vec::new();
    for year in 2001..2029 {
        for month in 1..=12 {
            let length = days_in(month, year);
            for day in 1..=length {
                if fields.months.has(month, EVERY) && fields.name(day, length, weekday) {
                    named.push((year as i32, month as u32, day as u32));
                }
                weekday = (weekday + 1) % 7;
            }
        }
    }
    named
}

fn same(text: &str) -> Result<(), TestCaseError> {
    let (ours, theirs) = (Fields::read(text), theirs(text));
    prop_assert_eq!(ours.is_some(), theirs.is_some(), "{}", text);
    if let Some((ours, theirs)) = ours.zip(theirs) {
        let days = our_days(&ours);
        prop_assert_eq!(ours.come(), !days.is_empty(), "{}", text);
        prop_assert_eq!(days, their_days(&theirs), "{}", text);
    }
    Ok(())
}

#[test]
fn what_croner_reads_in_its_own_way_is_read_so() {
    for text in [
        "0 0 * * 5#L",
        "0 0 * * 5L",
        "0 0 * * 5#3L",
        "0 0 * * 1-5#2",
        "0 0 * * 1-5#L",
        "0 0 * * 1-5L",
        "0 0 * * 1-5/2#3",
        "0 0 * * 1-5#3/2L",
        "0 0 * * L",
        "0 0 * * L5",
        "0 0 * * 5LL",
        "0 0 * * +*",
        "0 0 * * ++1",
        "0 0 LW * *",
        "0 0 L,LW 2 *",
        "0 0 15W,1W,31W * *",
        "0 0 15W7 * *",
        "0 0 5L * *",
        "0 0 1-5W * *",
        "0 0 ? * ?",
        "0 0 ?/2 * MON-SUN",
        "? 0 * * *",
        "0 0 ,, * *",
        "0 0 */65535 * *",
        "*/65535 0 * * *",
        "0/5 0 * * *",
        "/5 0 * * *",
        "*/0 0 * * *",
        "007 0 * * *",
        "5-1 0 * * *",
        "0 0 * JANFEB *",
        "0 0 * jan-Mar mon,fri",
        "0 0 SUN * *",
        "0 0 31 2 +MON",
        "0\u{b}0 * * *",
        "0 0\u{b}1 * * *",
    ] {
        same(text).unwrap();
    }
}

/// A field that is mostly valid.
fn field() -> impl Strategy<Value = String> {
    let part = "\\*|[0-9]{1,2}|[0-9]-[0-9]{1,2}|\\*/[0-9]{1,2}|[0-9]-[1-3][0-9]/[0-9]|L|LW|[0-9]{1,2}W|[0-7]L|[0-7]#[0-6L]|[1-3]-[3-7]#[1-5L]|\\+?[0-7]|MON|fri|FEB|-SUN|\\?|[0-9*/,?#LW+@A-Z-]{1,4}";
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(","))
}

proptest! {
    #[test]
    fn fields_are_read_as_croner_reads_them(
        days in field(), months in prop_oneof![Just("*".to_owned()), field()], weekdays in field(), times in field(),
    ) {
        same(&format!("0 0 {days} {months} {weekdays}"))?;
        same(&format!("0 0 {days} * *"))?;
        same(&format!("0 0 {days} * +{weekdays}"))?;
        same(&format!("{times} {times} * * {weekdays}"))?;
    }
}
