//! The report's numbers.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bench::{Desk, SOURCE, remove};
use crate::bindings::imports::contact_store::get_statistics;
use crate::bindings::imports::types::RemovalKind;
use host_promises::verdict::{Amiss, Outcome, same};

/// How long the numbers may lag behind: "a few seconds".
const PATIENCE: Duration = Duration::from_secs(3);

type Numbers = (u64, u64, Vec<u64>, u64);

fn numbers(fields: &[String]) -> Result<Numbers, Amiss> {
    let told = get_statistics(SOURCE, fields)?;
    let missing = told
        .missing
        .iter()
        .map(|missing| missing.contacts)
        .collect();
    Ok((told.active, told.linked, missing, told.incomplete))
}

/// Waits until the numbers are these.
fn settle_at(fields: &[String], expected: &Numbers) -> Outcome {
    let until = Instant::now() + PATIENCE;
    loop {
        let told = numbers(fields)?;
        if told == *expected || Instant::now() > until {
            return same("active, linked, missing, incomplete", &told, expected);
        }
        sleep(Duration::from_millis(100));
    }
}

pub(crate) fn follow(desk: &Desk<'_>) -> Outcome {
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let fields = [first.to_owned(), second.to_owned()];
    let (active, linked, missing, incomplete) = numbers(&fields)?;
    let [missing_first, missing_second] = &*missing else {
        return same("numbers of missing fields", missing.len(), 2);
    };
    desk.made(desk.create(0, &[(first, "A"), (second, "B")]))?;
    desk.made(desk.create(1, &[(first, "A")]))?;
    let inactive = desk.made(desk.create(2, &[]))?;
    desk.applied(remove(&inactive, &desk.user(2), RemovalKind::Deactivate))?;
    let expected = (
        active + 2,
        linked + 3,
        vec![*missing_first, missing_second + 1],
        incomplete + 1,
    );
    settle_at(&fields, &expected)
}
