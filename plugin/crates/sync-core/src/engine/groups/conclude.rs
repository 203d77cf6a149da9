//! Judges what all groups together have said, before anybody goes by it.
//!
//! Who joined is in the group already. Who left is believed, waits or has to be approved, as
//! [`losing`](super::losing) says, group by group ([`believe`](super::believe)). Where groups were read from the beginning, nobody is known to have
//! left, only that there are fewer; what then may not be believed is not gone by at all: people are read by
//! the memberships of before, and the next round reads the groups anew.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::run::Block;
use crate::settings::Limit;

use super::super::proof::Flaw;
use super::super::reading::RESTARTS;
use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::believe::believe;
use super::compare::compare;
use super::feed::GroupFeed;
use super::losing::{Verdict, all_lose_too_much};
use super::registry::Registry;
use super::round::{GroupCursor, GroupRound};
use super::{Groups, remarks};

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

/// Judges a reading that has come to its end.
pub(super) fn conclude(
    groups: &mut Groups<'_>,
    feed: &dyn GroupFeed<'_>,
    session: &Session<'_>,
    stage: &mut dyn Stage,
    round: &mut GroupRound,
) -> Result<(), RunAbort> {
    let before = GroupCursor::load(session.ports.state)?;
    let mut told = Vec::new();
    if round.unknown_members {
        if round.restarts >= RESTARTS {
            return Err(Flaw::EndlessRound {
                pages: round.stated,
            }
            .into());
        }
        Groups::log_fresh(session, "a group counts now whose members are not known");
        return groups.begin_again(session, round, feed.first_page());
    }
    match (&before, round.is_fresh) {
        (Some(before), true) => told.extend(compare(groups, feed, session, stage, round, before)?),
        (None, true) => {}
        (_, false) => believe(groups, session, stage, round)?,
    }
    // One that was shown and then said to be gone is judged by the next round.
    round.waits |= groups.registry(session)?.any_going();
    told.extend(remarks::of(groups.registry(session)?));
    stage.remark_groups(told.clone());
    round.remarks = told;
    Ok(())
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
