//! Judges what all groups together have said, before anybody goes by it.
//!
//! Who joined is in the group already. Who left is believed, waits or has to be approved, as
//! [`losing`](super::losing) says, group by group. Where groups were read from the beginning, nobody is known to have
//! left, only that there are fewer; what then may not be believed is not gone by at all: people are read by
//! the memberships of before, and the next round reads the groups anew.

use std::fmt::Write as _;

use guest_kit::ordered;
use sha2::{Digest as _, Sha256};

use crate::contact::ObjectId;
use crate::ports::Timestamp;
use crate::reconcile::finding::Finding;
use crate::run::{Block, RunWarning};

use super::super::reading::RESTARTS;
use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::feed::GroupFeed;
use super::losing::{Loss, Verdict, all_lose_too_much, judge};
use super::registry::{Existence, Group, Registry};
use super::round::{GroupCursor, GroupRound, generation};
use super::{Groups, remarks};

/// Groups of one question about whether they are there.
const ASKED: usize = 100;

/// What a group is about to lose.
struct Losing {
    number: u32,
    what: What,
    leaving: u64,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
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
    if round.unknown_members && round.restarts < RESTARTS {
        Groups::log_fresh(session, "a group counts now whose members are not known");
        return groups.begin_again(session, round, feed.first_page());
    }
    match (&before, round.is_fresh) {
        (Some(before), true) => told.extend(compare(groups, feed, session, stage, round, before)?),
        (None, true) => {}
        (_, false) => believe(groups, session, stage, round)?,
    }
    told.extend(remarks::of(groups.registry(session)?));
    stage.remark_groups(told.clone());
    round.remarks = told;
    Ok(())
}

/// Lets go who may, and keeps the others.
fn believe(
    groups: &mut Groups<'_>,
    session: &Session<'_>,
    stage: &mut dyn Stage,
    round: &mut GroupRound,
) -> Result<(), RunAbort> {
    let now = session.ports.clock.now();
    let registry = groups.registry(session)?;
    let mut losing = losing(registry, session, now);
    let digest = ask_all(groups, session, &mut losing)?;
    let is_approved = digest.is_some() && stage.approved_block() == digest.as_deref();
    round.block = None;
    round.waits = false;
    for one in &losing {
        match one.verdict {
            Verdict::Waits => {
                round.waits = true;
                if let Some(group) = groups.registry(session)?.group_mut(one.number) {
                    group.waits_since.get_or_insert(now);
                }
            }
            Verdict::Blocked if !is_approved => round.waits = true,
            Verdict::Blocked | Verdict::Believed => {
                round.everybody |= one.what != What::Members;
                let_go(groups, session, stage, one)?;
            }
        }
    }
    if !is_approved && let Some(digest) = digest {
        round.block = Some(block(groups.registry(session)?, &losing, digest));
    }
    Ok(())
}

/// What every group is about to lose.
fn losing(registry: &Registry, session: &Session<'_>, now: Timestamp) -> Vec<Losing> {
    let limit = &session.settings.removal_limit;
    let mut losing = Vec::new();
    for (number, group) in registry.iter() {
        let loss = |what, leaving, members| {
            let loss = Loss {
                leaving,
                members,
                is_filled: group.is_filled() && what == What::Members,
                rule_changed_at: group.rule_changed_at,
                waits_since: group.waits_since,
            };
            Losing {
                number,
                what,
                leaving,
                verdict: judge(loss, limit, now),
            }
        };
        if group.existence == Existence::Going {
            losing.push(loss(What::Everybody, group.members, group.members));
        } else if group.leaving > 0 {
            losing.push(loss(What::Members, group.leaving, group.members));
        }
        for outer in &group.leaves {
            let members = registry.group(*outer).map_or(0, |outer| outer.members);
            let members = members.saturating_add(group.members);
            losing.push(loss(What::Nested(*outer), group.members, members));
        }
    }
    let all: u64 = registry.iter().map(|(_, group)| group.members).sum();
    let leaving = losing
        .iter()
        .filter(|one| one.verdict != Verdict::Waits)
        .map(|one| one.leaving)
        .sum();
    if all_lose_too_much(leaving, all, limit) {
        for one in &mut losing {
            if one.verdict == Verdict::Believed {
                one.verdict = Verdict::Blocked;
            }
        }
    }
    losing
}

/// The digest of what has to be approved: of who leaves which group. `None` where nothing has.
fn ask_all(
    groups: &mut Groups<'_>,
    session: &Session<'_>,
    losing: &mut [Losing],
) -> Result<Option<String>, RunAbort> {
    let mut blocked: Vec<(ObjectId, &Losing)> = Vec::new();
    let registry = groups.registry(session)?;
    for one in losing.iter() {
        if one.verdict == Verdict::Blocked
            && let Some(group) = registry.group(one.number)
        {
            blocked.push((group.id.clone(), one));
        }
    }
    if blocked.is_empty() {
        return Ok(None);
    }
    ordered::sort_by(&mut blocked, |(one, _), (other, _)| one.cmp(other));
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add("groups");
    add(&session.settings.fingerprint);
    for (id, one) in blocked {
        add(id.as_str());
        match one.what {
            What::Everybody => add("gone"),
            What::Nested(outer) => {
                add("nested");
                let outer = groups.registry(session)?.group(outer);
                add(outer.map_or("", |outer| outer.id.as_str()));
            }
            What::Members => {
                add("members");
                groups.leavers(session, one.number, |people| {
                    for (person, entry) in people {
                        if entry.leaving.contains(&one.number) {
                            add(person.as_str());
                        }
                    }
                    Ok(())
                })?;
            }
        }
    }
    let mut digest = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Ok(Some(digest))
}

/// Lets the members go.
fn let_go(
    groups: &mut Groups<'_>,
    session: &Session<'_>,
    stage: &mut dyn Stage,
    one: &Losing,
) -> Result<(), RunAbort> {
    match one.what {
        What::Everybody => {
            if let Some(group) = groups.registry(session)?.group_mut(one.number) {
                group.existence = Existence::Gone;
                group.members = 0;
                group.leaving = 0;
            }
        }
        What::Nested(outer) => {
            if let Some(group) = groups.registry(session)?.group_mut(one.number) {
                group.inside.retain(|number| *number != outer);
                group.leaves.retain(|number| *number != outer);
            }
        }
        What::Members => {
            let layers = groups.layers.clone();
            let number = one.number;
            let mut gone = 0_u64;
            let mut after: Option<ObjectId> = None;
            loop {
                let people = layers.leavers(session.ports.state, number, after.as_ref())?;
                let Some(last) = people.last() else { break };
                after = Some(last.clone());
                let mut entries = layers.entries(session.ports.state, people.iter())?;
                let mut state = Vec::new();
                for (person, entry) in people.iter().zip(&mut entries) {
                    state.push(layers.forget_leaving(number, person));
                    if entry.leaving.contains(&number) {
                        entry.leaving.retain(|leaving| *leaving != number);
                        gone += 1;
                        state.push(layers.save(person, entry)?);
                        state.push(groups.note_changed(person)?);
                    }
                }
                stage.keep(state, None)?;
            }
            if let Some(group) = groups.registry(session)?.group_mut(number) {
                group.members = group.members.saturating_sub(gone);
                group.leaving = 0;
                group.waits_since = None;
            }
        }
    }
    Ok(())
}

/// What the limit has to say.
fn block(registry: &Registry, losing: &[Losing], digest: String) -> Block {
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

/// Compares a reading from the beginning with the memberships of before. Where it may not be gone by, the
/// round goes by those; why, for people.
fn compare(
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
                    let leaving = former.group(*number).map_or(0, |group| group.members);
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
                Finding::Present | Finding::Unknown(_) => unreadable += 1,
            }
        }
    }
    let all: u64 = former.iter().map(|(_, group)| group.members).sum();
    let leaving: u64 = losing.iter().map(|one| one.leaving).sum();
    if all_lose_too_much(leaving, all, limit) {
        for one in &mut losing {
            if one.verdict == Verdict::Believed {
                one.verdict = Verdict::Blocked;
            }
        }
    }
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
    groups.go_by(round);
    if !groups.is_plan {
        stage.keep(former.changed()?, None)?;
    }
    Ok(told)
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
    let mut digest = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Some(digest)
}
