//! Compares a reading of all groups with what was known of them.

use guest_kit::ordered;
use sha2::{Digest as _, Sha256};

use crate::contact::ObjectId;
use crate::ports::Timestamp;
use crate::reconcile::finding::Finding;
use crate::run::RunWarning;
use crate::settings::Limit;

use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::feed::GroupFeed;
use super::kept::{discard_plan, generation};
use super::losing::{Loss, Verdict, judge};
use super::losses::{Losing, What, block, digest_of, weigh};
use super::registry::{Group, Registry};
use super::round::{GroupCursor, GroupRound};
use super::{Groups, remarks};

/// Groups of one question about whether they are there.
const ASKED: usize = 100;

/// Compares a reading from the beginning with the memberships of before. Where it may not be gone by, the
/// round goes by those; why, for people.
pub(super) fn compare(
    groups: &mut Groups<'_>,
    feed: &dyn GroupFeed<'_>,
    session: &Session<'_>,
    stage: &mut dyn Stage,
    round: &mut GroupRound,
    before: &GroupCursor,
) -> Result<Vec<RunWarning>, RunAbort> {
    let ports = session.ports;
    let (now, limit) = (ports.clock.now(), &session.settings.removal_limit);
    let prefix = super::registry_of(&generation(before.generation));
    let rules = groups.registry(session)?.rules().clone();
    let mut former = Registry::load(ports.state, prefix, &rules)?;
    let mut losing = Vec::new();
    let mut missing: Vec<(u32, ObjectId)> = Vec::new();
    let mut unreadable = 0_u64;
    let known: Vec<(u32, Group)> = former
        .iter()
        .filter(|(number, _)| former.is_selected(*number) || rules.transitive)
        .map(|(number, group)| (number, group.clone()))
        .collect();
    for (number, group) in known {
        let registry = groups.registry(session)?;
        let Some((now_number, found)) = registry.find(&group.id) else {
            missing.push((number, group.id));
            continue;
        };
        let is_hidden = found.is_hidden && group.members > found.members;
        if is_hidden || (found.name.is_none() && group.name.is_some()) {
            unreadable += 1;
        }
        let leaving = group.members.saturating_sub(found.members);
        let is_filled = found.is_filled() || group.is_filled();
        let changed = if found.has_the_rule_of(&group) {
            group.rule_changed_at
        } else {
            Some(now)
        };
        if let Some(found) = registry.group_mut(now_number) {
            found.rule_changed_at = changed;
        }
        for outer in &group.inside {
            let told = former
                .group(*outer)
                .and_then(|outer| registry.find(&outer.id));
            let Some((outer_now, _)) = told else { continue };
            let is_inside = registry
                .group(now_number)
                .is_some_and(|found| found.inside.contains(&outer_now));
            if !is_inside {
                losing.push(nested(&former, number, *outer, limit, now));
            }
        }
        if leaving > 0 {
            let loss = Loss {
                leaving,
                members: group.members,
                is_filled,
                rule_changed_at: changed,
                waits_since: group.waits_since,
            };
            losing.push(Losing {
                number,
                what: What::Members,
                leaving,
                verdict: judge(loss, limit, now),
            });
        }
    }
    for asked in missing.chunks(ASKED) {
        let ids: Vec<ObjectId> = asked.iter().map(|(_, id)| id.clone()).collect();
        for ((number, _), finding) in asked.iter().zip(feed.whereabouts(&ids)?) {
            match finding {
                Finding::Deleted | Finding::Nowhere => {
                    let leaving = former.people_in(*number);
                    let loss = Loss {
                        leaving,
                        members: leaving,
                        is_filled: false,
                        rule_changed_at: None,
                        waits_since: None,
                    };
                    losing.push(Losing {
                        number: *number,
                        what: What::Everybody,
                        leaving,
                        verdict: judge(loss, limit, now),
                    });
                }
                Finding::Present
                | Finding::InvitedLately
                | Finding::OtherKind
                | Finding::Unknown(_) => unreadable += 1,
            }
        }
    }
    let all: u64 = former.iter().map(|(_, group)| group.members).sum();
    weigh(&mut losing, all, limit);
    let digest = of_numbers(session, &former, &losing);
    let is_approved = digest.is_some() && stage.approved_block() == digest.as_deref();
    let waits = losing.iter().any(|one| one.verdict == Verdict::Waits);
    if !waits && unreadable == 0 && (digest.is_none() || is_approved) {
        return Ok(Vec::new());
    }
    for one in &losing {
        if one.verdict == Verdict::Waits
            && let Some(group) = former.group_mut(one.number)
        {
            group.waits_since.get_or_insert(now);
        }
    }
    let mut told = Vec::new();
    if unreadable > 0 {
        told.push(remarks::not_shown(unreadable));
    }
    round.block = digest
        .filter(|_| !is_approved)
        .map(|digest| block(&former, &losing, digest));
    round.generation = before.generation;
    round.is_fresh = false;
    round.delta_link = None;
    if groups.is_plan {
        // What it found is numbered by the reading that is not gone by.
        discard_plan(ports, &session.source)?;
    }
    groups.go_by(round);
    if !groups.is_plan {
        stage.keep(former.changed()?, None)?;
    }
    Ok(told)
}

/// That a group is no longer shown inside another one.
fn nested(former: &Registry, number: u32, outer: u32, limit: &Limit, now: Timestamp) -> Losing {
    let leaving = former.people_in(number);
    let loss = Loss {
        leaving,
        members: former.people_in(outer),
        is_filled: false,
        rule_changed_at: None,
        waits_since: None,
    };
    Losing {
        number,
        what: What::Nested(outer),
        leaving,
        verdict: judge(loss, limit, now),
    }
}

/// The digest of how many leave which group, where nobody knows who.
fn of_numbers(session: &Session<'_>, former: &Registry, losing: &[Losing]) -> Option<String> {
    let mut lines: Vec<String> = losing
        .iter()
        .filter(|one| one.verdict == Verdict::Blocked)
        .filter_map(|one| {
            let group = former.group(one.number)?;
            Some(format!("{} {}\n", group.id, one.leaving))
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    ordered::sort(&mut lines);
    let mut hash = Sha256::new_with_prefix("groups in numbers\n");
    hash.update(&session.settings.fingerprint);
    for line in lines {
        hash.update(line);
    }
    Some(digest_of(hash))
}
