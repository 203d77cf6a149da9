//! Makes a history that breaks a law as short as it can be by leaving out steps, people and contacts.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::laws::Violation;
use super::life::live;
use super::seen::Seen;
use super::step::History;

/// Where a history broke a law.
#[derive(Debug)]
pub struct Failure {
    step: usize,
    breach: Violation,
}

/// Lives a history; what occurred in it. A panic is a failure like any other.
///
/// # Errors
///
/// How it failed.
pub fn try_to_live(history: &History) -> Result<Seen, Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(|| live(history)));
    match outcome {
        Ok(Ok(seen)) => Ok(seen),
        Ok(Err((step, breach))) => Err(Failure { step, breach }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Failure {
                step: history.steps.len(),
                breach: Violation {
                    law: "nothing panics",
                    what: text.unwrap_or_default(),
                },
            })
        }
    }
}

/// The failure, the command that replays it, and the shortest history found that fails the same way.
pub fn told(history: &History, failure: &Failure) -> String {
    let (shortest, last) = shrunk(history, failure);
    let mut told = format!(
        "seed {seed}, step {}: {}\nreplay: TEST_SEED={seed} HISTORIES=1 cargo test -p system-tests \
         --test all histories\nshrunk to {} steps, {} people, {} contacts: {}\n",
        failure.step,
        failure.breach,
        shortest.steps.len(),
        shortest.users.len(),
        shortest.contacts.len(),
        last.breach,
        seed = history.seed,
    );
    let _ = writeln!(
        told,
        "{:?}\n{:?}, {} changes a page, terse {}, {:?}",
        shortest.configuration,
        shortest.pages,
        shortest.changes_a_page,
        shortest.terse_changes,
        shortest.behaviour
    );
    for user in &shortest.users {
        let _ = writeln!(told, "  there is {user}");
    }
    for contact in &shortest.contacts {
        let _ = writeln!(told, "  there is contact {contact:?}");
    }
    for (number, step) in (1..).zip(&shortest.steps) {
        let _ = writeln!(told, "  {number}. {step:?}");
    }
    told
}

/// Leaves out what can be left out, one thing at a time, until nothing can.
fn shrunk(history: &History, failure: &Failure) -> (History, Failure) {
    let mut shortest = history.clone();
    shortest.steps.truncate(failure.step);
    let law = failure.breach.law;
    let still_fails = |candidate: &History| {
        let failure = try_to_live(candidate).err();
        failure.filter(|failure| failure.breach.law == law)
    };
    let Some(mut last) = still_fails(&shortest) else {
        let breach = failure.breach.clone();
        let step = failure.step;
        return (history.clone(), Failure { step, breach });
    };
    loop {
        let mut shorter = false;
        for candidate in (0..)
            .map_while(|place| without(&shortest, place))
            .collect::<Vec<_>>()
        {
            if let Some(failure) = still_fails(&candidate) {
                (shortest, last, shorter) = (candidate, failure, true);
                break;
            }
        }
        if !shorter {
            return (shortest, last);
        }
    }
}

/// The history without its nth part: steps from the last to the first, then people, then contacts.
fn without(history: &History, place: usize) -> Option<History> {
    let mut candidate = history.clone();
    let (steps, users) = (history.steps.len(), history.users.len());
    if place < steps {
        candidate.steps.remove(steps - 1 - place);
    } else if place < steps + users {
        candidate.users.remove(place - steps);
    } else if place < steps + users + history.contacts.len() {
        candidate.contacts.remove(place - steps - users);
    } else {
        return None;
    }
    Some(candidate)
}
