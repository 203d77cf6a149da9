//! Lets go who has left, where that is believed.

use guest_kit::ordered;
use sha2::{Digest as _, Sha256};

use crate::contact::ObjectId;
use crate::ports::Timestamp;

use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::stage::Stage;
use super::Groups;
use super::losing::{Loss, Verdict, judge};
use super::losses::{Losing, What, block, digest_of, weigh};
use super::registry::{Existence, Registry};
use super::round::GroupRound;

/// Lets go who may, and keeps the others.
pub(super) fn believe(
    groups: &mut Groups<'_>,
    session: &Session<'_>,
    stage: &mut dyn Stage,
    round: &mut GroupRound,
) -> Result<(), RunAbort> {
    let now = session.ports.clock.now();
    let registry = groups.registry(session)?;
    registry.wait_no_more();
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
            let people = registry.people_in(number);
            losing.push(loss(What::Everybody, people, people));
        } else if group.leaving > 0 {
            losing.push(loss(What::Members, group.leaving, group.members));
        }
        for outer in &group.leaves {
            let (inner, all) = (registry.people_in(number), registry.people_in(*outer));
            losing.push(loss(What::Nested(*outer), inner, all));
        }
    }
    let all: u64 = registry.iter().map(|(_, group)| group.members).sum();
    weigh(&mut losing, all, limit);
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
    Ok(Some(digest_of(hash)))
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
            let mut after: Option<ObjectId> = None;
            loop {
                let people = layers.leavers(session.ports.state, number, after.as_ref())?;
                let Some(last) = people.last() else { break };
                after = Some(last.clone());
                let mut entries = layers.entries(session.ports.state, people.iter())?;
                let mut state = Vec::new();
                let mut gone = 0_u64;
                for (person, entry) in people.iter().zip(&mut entries) {
                    state.push(layers.forget_leaving(number, person));
                    if entry.leaving.contains(&number) {
                        entry.leaving.retain(|leaving| *leaving != number);
                        gone += 1;
                        state.push(layers.save(person, entry)?);
                        state.push(groups.note_changed(person)?);
                    }
                }
                if let Some(group) = groups.registry(session)?.group_mut(number) {
                    group.members = group.members.saturating_sub(gone);
                    group.leaving = group.leaving.saturating_sub(gone);
                }
                state.extend(groups.registry_writes(session)?);
                stage.keep(state, None)?;
            }
            if let Some(group) = groups.registry(session)?.group_mut(number) {
                group.leaving = 0;
                group.waits_since = None;
            }
        }
    }
    Ok(())
}
