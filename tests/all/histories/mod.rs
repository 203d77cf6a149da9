//! Random histories: a tenant and a workspace that live through edits on both sides, configurations,
//! faults and deaths, judged by the laws after every step.
//!
//! A history is a function of its seed. `HISTORIES` says how many there are, `TEST_SEED` which is the
//! first; a history that breaks a law prints the command that replays it alone. The core runs
//! natively, on the emulator's service and the real store, because two thousand histories are to be
//! lived through in every test run; that the component does the same is what the rest of these tests
//! are for.

mod aftermath;
mod bridge;
mod comparisons;
mod configuration;
/// The translation that the component ships, against the host's bindings.
#[path = "../../../plugin/src/host/convert.rs"]
#[allow(
    dead_code,
    reason = "the component's exports use more of it than a bridge does"
)]
mod convert;
mod directory;
mod laws;
mod life;
mod oracle;
mod seen;
mod shrink;
mod snapshot;
mod step;
mod taken_back;
mod world;

/// What [`convert`] translates into, under the names of the contract's interfaces.
mod contract {
    pub(super) use host_harness::contract as types;

    pub(super) mod contact_store {
        pub(in super::super) use host_harness::contract::StoreDescription as Description;
        pub(in super::super) use host_harness::contract::*;
    }

    pub(super) mod plan_sink {
        pub(in super::super) use host_harness::contract::PlanEntry as Entry;
    }
}

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use seen::Seen;
use step::History;
use sync_core as connector;

/// How many histories every test run lives through.
const HISTORIES: u64 = 2_000;
/// How many it takes to put everything to the test.
const MANY: u64 = 2_000;
/// The seed of the first, where the environment names none.
const SEED: u64 = 20_260_901;
/// Failures after which enough is known.
const ENOUGH: usize = 5;

fn from_environment(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

#[test]
fn the_laws_hold_in_random_histories() {
    let first = from_environment("TEST_SEED", SEED);
    let histories = from_environment("HISTORIES", HISTORIES);
    println!("TEST_SEED={first} HISTORIES={histories}");
    let next = AtomicU64::new(0);
    let failures = Mutex::new(Vec::new());
    let seen = Mutex::new(Seen::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let enough = failures.lock().unwrap().len() >= ENOUGH;
                    if number >= histories || enough {
                        return;
                    }
                    let history = History::draw(first + number);
                    match shrink::try_to_live(&history) {
                        Ok(more) => seen.lock().unwrap().add(more),
                        Err(failure) => {
                            let told = shrink::told(&history, &failure);
                            failures.lock().unwrap().push(told);
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    let seen = seen.into_inner().unwrap();
    println!("{seen:?}");
    if histories >= MANY {
        assert_eq!(seen.lacks(), Vec::<&str>::new(), "never put to the test");
    }
}
