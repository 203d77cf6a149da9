//! Judges what all groups together have said, before anybody goes by it.
//!
//! Who joined is in the group already. Who left is believed, waits or has to be approved, as
//! [`losing`](super::losing) says, group by group ([`believe`](super::believe)). Where groups were read from the beginning, nobody is known to have
//! left, only that there are fewer; what then may not be believed is not gone by at all: people are read by
//! the memberships of before, and the next round reads the groups anew.

use super::super::proof::Flaw;
use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::super::stepped::RESTARTS;
use super::believe::believe;
use super::compare::compare;
use super::feed::GroupFeed;
use super::round::{GroupCursor, GroupRound};
use super::{Groups, remarks};

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
    if round.is_fresh {
        groups.count_all(session)?;
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
