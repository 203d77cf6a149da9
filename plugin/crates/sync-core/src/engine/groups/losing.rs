//! Whether it is believed that so many left a group.
//!
//! A service that fills a group by a rule takes everybody out before it puts the right ones in, and needs up to
//! a day for it (<https://learn.microsoft.com/entra/identity/users/groups-troubleshooting>). A group
//! that was emptied by mistake looks like one that was emptied on purpose. Neither is an error of the page that
//! says so; the one has to wait, and the other has to be approved.

use std::time::Duration;

use crate::ports::Timestamp;
use crate::settings::Limit;

/// How long a group that is filled by a rule may be empty.
pub(super) const FILLING: Duration = Duration::from_hours(24);

/// What a group is about to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// So many people are about to leave it.
    pub(super) leaving: u64,
    /// Of so many.
    pub(super) members: u64,
    /// The directory fills it by a rule.
    pub(super) is_filled: bool,
    /// When the rule was seen to be another one.
    pub(super) rule_changed_at: Option<Timestamp>,
    /// Since when it waits already.
    pub(super) waits_since: Option<Timestamp>,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They leave.
    Believed,
    /// It may be that the directory fills the group just now.
    Waits,
    /// Somebody has to approve it.
    Blocked,
}

/// Judges what a group is about to lose. Up to the floor of the limit, and up to half of its members, is the life
/// of a group.
pub(super) fn judge(loss: Loss, limit: &Limit, now: Timestamp) -> Verdict {
    let is_much = loss.leaving > limit.floor && loss.leaving.saturating_mul(2) > loss.members;
    let age = |since: Timestamp| Duration::from_millis(now.0.saturating_sub(since.0));
    let rule_is_new = loss
        .rule_changed_at
        .is_some_and(|changed| age(changed) < FILLING);
    let may_wait = loss
        .waits_since
        .is_none_or(|since| since <= now && age(since) < FILLING);
    if loss.is_filled && (rule_is_new || is_much) && may_wait {
        Verdict::Waits
    } else if is_much {
        Verdict::Blocked
    } else {
        Verdict::Believed
    }
}

/// Whether all groups together lose more than may be, of so many memberships. The count of the limit is one of
/// contacts and says nothing here.
pub(super) fn all_lose_too_much(leaving: u64, members: u64, limit: &Limit) -> bool {
    let share = members.saturating_mul(u64::from(limit.percent)) / 100;
    leaving > share.max(limit.floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        count: 500,
        percent: 10,
        floor: 5,
    };
    const NOW: Timestamp = Timestamp(1_000 * 86_400_000);

    fn hours_ago(hours: u64) -> Option<Timestamp> {
        Some(Timestamp(NOW.0 - hours * 3_600_000))
    }

    fn verdict(leaving: u64, members: u64, filled: impl FnOnce(&mut Loss)) -> Verdict {
        let mut loss = Loss {
            leaving,
            members,
            is_filled: false,
            rule_changed_at: None,
            waits_since: None,
        };
        filled(&mut loss);
        judge(loss, &LIMIT, NOW)
    }

    #[test]
    fn a_few_leave_and_half_of_a_group_may_but_a_group_that_is_emptied_asks() {
        assert_eq!(verdict(5, 5, |_| {}), Verdict::Believed);
        assert_eq!(verdict(50, 100, |_| {}), Verdict::Believed);
        assert_eq!(verdict(51, 100, |_| {}), Verdict::Blocked);
        assert_eq!(verdict(6, 6, |_| {}), Verdict::Blocked);
    }

    #[test]
    fn a_group_that_is_filled_by_a_rule_waits_for_a_day_and_then_asks() {
        let emptied = |since| {
            move |loss: &mut Loss| {
                loss.is_filled = true;
                loss.waits_since = since;
            }
        };
        assert_eq!(verdict(100, 100, emptied(None)), Verdict::Waits);
        assert_eq!(verdict(100, 100, emptied(hours_ago(23))), Verdict::Waits);
        assert_eq!(verdict(100, 100, emptied(hours_ago(24))), Verdict::Blocked);
        assert_eq!(verdict(3, 100, emptied(None)), Verdict::Believed);
    }

    #[test]
    fn while_the_rule_is_new_nobody_leaves() {
        let changed = |hours, since| {
            move |loss: &mut Loss| {
                loss.is_filled = true;
                loss.rule_changed_at = hours_ago(hours);
                loss.waits_since = since;
            }
        };
        assert_eq!(verdict(1, 100, changed(1, None)), Verdict::Waits);
        assert_eq!(
            verdict(1, 100, changed(25, hours_ago(24))),
            Verdict::Believed
        );
    }

    #[test]
    fn a_clock_that_went_back_lets_nobody_wait_for_ever() {
        let later = Some(Timestamp(NOW.0 + 1));
        let waits = |loss: &mut Loss| {
            loss.is_filled = true;
            loss.waits_since = later;
        };
        assert_eq!(verdict(100, 100, waits), Verdict::Blocked);
    }

    #[test]
    fn all_groups_together_may_lose_their_share() {
        assert!(!all_lose_too_much(5, 10, &LIMIT));
        assert!(!all_lose_too_much(100, 1_000, &LIMIT));
        assert!(all_lose_too_much(101, 1_000, &LIMIT));
    }
}
