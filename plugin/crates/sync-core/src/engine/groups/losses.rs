//! What the groups of one reading are about to lose, together: whether it is too much, what the limit has to say of
//! it, and by which digest it is approved.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::run::Block;
use crate::settings::Limit;

use super::losing::{Verdict, all_lose_too_much};
use super::registry::Registry;

/// What a group is about to lose.
pub(super) struct Losing {
    pub(super) number: u32,
    pub(super) what: What,
    pub(super) leaving: u64,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Some of its members.
    Members,
    /// Everybody: it is gone.
    Everybody,
    /// Everybody who was in it through this group.
    Nested(u32),
}

/// Groups that lose no more each than may be, and together more, have to be approved, too. `members` is how many
/// memberships there are.
pub(super) fn weigh(losing: &mut [Losing], members: u64, limit: &Limit) {
    let leaving = losing
        .iter()
        .filter(|one| one.verdict != Verdict::Waits)
        .map(|one| one.leaving)
        .sum();
    if !all_lose_too_much(leaving, members, limit) {
        return;
    }
    for one in losing {
        if one.verdict == Verdict::Believed {
            one.verdict = Verdict::Blocked;
        }
    }
}

/// What the limit has to say.
pub(super) fn block(registry: &Registry, losing: &[Losing], digest: String) -> Block {
    let blocked = losing.iter().filter(|one| one.verdict == Verdict::Blocked);
    let (mut groups, mut people) = (0_u64, 0_u64);
    let mut names = Vec::new();
    for one in blocked {
        groups += 1;
        people += one.leaving;
        let name = registry
            .group(one.number)
            .and_then(|group| group.name.clone());
        names.extend(name.filter(|_| names.len() < 3));
    }
    emptied(groups, people, &names, digest)
}

fn emptied(groups: u64, people: u64, names: &[String], digest: String) -> Block {
    let plural = if groups == 1 { "" } else { "s" };
    let named = if names.is_empty() {
        String::new()
    } else {
        let more = if (names.len() as u64) < groups {
            ", …"
        } else {
            ""
        };
        format!(" ({}{more})", names.join(", "))
    };
    Block {
        breaker: "groups-emptied".to_owned(),
        message: format!(
            "{people} memberships of {groups} group{plural}{named} would end; a group may lose half of its \
             members in one run, and all groups together the limit's share"
        ),
        cause: "A group was emptied or deleted, many groups at once were, or the application may no longer read \
                their members. Check the groups in the directory; if it is right, approve exactly this."
            .to_owned(),
        digest,
    }
}

/// A hash in hexadecimal figures.
pub(super) fn digest_of(hash: Sha256) -> String {
    let mut digest = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}
