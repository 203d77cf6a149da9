//! The cache of access tokens. A host may keep none; what it keeps it keeps as promised.

use std::thread::sleep;
use std::time::Duration;

use crate::bindings::imports::token_cache::{Token, get, put};
use host_promises::verdict::{Outcome, holds, same};

/// No token: nothing is issued for this.
const VALUE: &str = "host-conformance-this-is-no-token";

fn keep(used_for: &str, good_for_ms: u64) {
    let token = Token {
        value: VALUE.to_owned(),
        good_for_ms,
    };
    put(used_for, &token);
}

/// For what a token of a check is good.
fn used_for(check: &str) -> String {
    format!("host-conformance {check}")
}

pub(crate) fn kept() -> Outcome {
    let used_for = used_for("kept");
    keep(&used_for, 60_000);
    if let Some(token) = get(&used_for) {
        same("the token", &*token.value, VALUE)?;
        let good = (1..=60_000).contains(&token.good_for_ms);
        holds(
            "good for no longer than it was put for",
            good,
            token.good_for_ms,
        )?;
    }
    keep(&used_for, 0);
    Ok(())
}

pub(crate) fn own_use() -> Outcome {
    let (one, other) = (used_for("one use"), used_for("another use"));
    keep(&one, 60_000);
    let told = get(&other).is_some();
    keep(&one, 0);
    same("whether there is a token for another use", told, false)
}

pub(crate) fn forgotten() -> Outcome {
    let used_for = used_for("forgotten");
    keep(&used_for, 60_000);
    keep(&used_for, 0);
    same("whether there is a token", get(&used_for).is_some(), false)
}

pub(crate) fn expired() -> Outcome {
    let used_for = used_for("expired");
    keep(&used_for, 30);
    sleep(Duration::from_millis(60));
    let told = get(&used_for).is_some();
    keep(&used_for, 0);
    same("whether there is a token after its time", told, false)
}
