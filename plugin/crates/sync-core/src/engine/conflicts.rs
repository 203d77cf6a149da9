//! What both sides have changed, kept for each person until somebody has decided, and what was decided.
//!
//! A conflict is made, and forgotten, in the commit of the page that shows the person. A decision stays until neither
//! side differs any more: a limit may hold back what follows from it, or the directory refuse it.

use serde::{Deserialize, Serialize};

use guest_kit::json;
use guest_kit::ordered::Map;

use crate::contact::ObjectId;
use crate::mapping::person::{Item, Stated};
use crate::mapping::rows::{Direction, Row, Winner};
use crate::ports::{Commit, Ports, State, StateWrite, Timestamp};
use crate::reconcile::asking::{Answer, Contested, Side};
use crate::reconcile::decision::Decision;
use crate::settings::Settings;

use super::call::CallError;
use super::checkpoint::{delete, read, write};
use super::discard::discard_prefix;
use super::format;
use super::run_abort::RunAbort;
use super::session::Session;

const CONFLICTS: &str = "conflict/";
/// What is read and committed at a time.
const BATCH: u32 = 500;

/// A field that both sides have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The values.
    pub contested: Contested,
    /// When a run saw them first.
    pub at: Timestamp,
    /// Which run.
    pub run: String,
    /// Whose value counts, once somebody has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Side>,
    /// The contact's value cannot count, since the person is mastered in another directory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub directory_alone: bool,
}

/// The conflicts of one person.
type Conflicts = Vec<Conflict>;

/// Those of these users of whom both sides have changed something, decided or not.
///
/// # Errors
///
/// Where the state cannot be read.
pub(super) fn of(state: &dyn State, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
    let found = state.get_many(users.iter().map(key).collect())?;
    let found = found
        .iter()
        .filter_map(|(key, _)| key.strip_prefix(CONFLICTS));
    Ok(found.map(ObjectId::new).collect())
}

/// Everybody of whom both sides have changed something, decided or not.
///
/// # Errors
///
/// Where the state cannot be read.
pub(super) fn users(state: &dyn State) -> Result<Vec<ObjectId>, RunAbort> {
    let mut users = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = state.list(CONFLICTS, after.as_deref(), BATCH)?;
        let Some((last, _)) = page.last() else {
            return Ok(users);
        };
        after = Some(last.clone());
        let found = page
            .iter()
            .filter_map(|(key, _)| key.strip_prefix(CONFLICTS));
        users.extend(found.map(ObjectId::new));
    }
}

/// What is known of the people of a page.
pub(super) struct Known {
    conflicts: Map<ObjectId, Conflicts>,
    /// What was decided, for whoever decides about the page.
    pub(super) answers: Map<ObjectId, Vec<Answer>>,
}

impl Known {
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn among(session: &Session<'_>, items: &[Item]) -> Result<Self, RunAbort> {
        let mut known = Self {
            conflicts: Map::new(),
            answers: Map::new(),
        };
        if !session.settings.writes_directory() {
            return Ok(known);
        }
        let keys: Vec<_> = items.iter().filter_map(Item::object_id).map(key).collect();
        if keys.is_empty() {
            return Ok(known);
        }
        for entry in session.ports.state.get_many(keys)? {
            let (user, conflicts) = parsed(entry)?;
            let answers = conflicts.iter().filter_map(|conflict| {
                Some(Answer {
                    contested: conflict.contested.clone(),
                    side: conflict.decided?,
                })
            });
            known.answers.insert(user.clone(), answers.collect());
            known.conflicts.insert(user, conflicts);
        }
        Ok(known)
    }

    /// What is to be kept after a decision about somebody, where that is something else than before. Of what the page
    /// does not state nothing changes.
    pub(super) fn after(
        &self,
        session: &Session<'_>,
        item: &Item,
        decision: &Decision,
        run: &str,
    ) -> Result<Option<StateWrite>, RunAbort> {
        let nothing = Conflicts::new();
        let before = self.conflicts.get(&decision.object_id).unwrap_or(&nothing);
        let Item::Live(person) = item else {
            // Of whoever is gone there is nothing to decide.
            return Ok((!before.is_empty()).then(|| forget(&decision.object_id)));
        };
        if before.is_empty() && decision.asked.is_empty() {
            return Ok(None);
        }
        let rows = session.settings.rows.iter().zip(&person.fields);
        let unstated: Vec<_> = rows
            .filter(|(_, stated)| matches!(stated, Stated::Unstated | Stated::Assumed(_)))
            .map(|(row, _)| row.attribute)
            .collect();
        let at = session.ports.clock.now();
        let is_open = |conflict: &&Conflict| {
            let attribute = &*conflict.contested.attribute;
            unstated.contains(&attribute)
        };
        let asked = decision.asked.iter().map(|asked| {
            let known = before
                .iter()
                .find(|known| known.contested == asked.contested);
            let mut conflict = known.cloned().unwrap_or_else(|| Conflict {
                contested: asked.contested.clone(),
                at,
                run: run.to_owned(),
                decided: None,
                directory_alone: false,
            });
            conflict.directory_alone = asked.directory_alone;
            // Decided while the contact's value could still count.
            conflict.decided = conflict
                .decided
                .filter(|side| !(asked.directory_alone && *side == Side::Contact));
            conflict
        });
        let after: Conflicts = before
            .iter()
            .filter(is_open)
            .cloned()
            .chain(asked)
            .collect();
        if after == *before {
            return Ok(None);
        }
        save(&decision.object_id, &after).map(Some)
    }
}

/// A conflict as somebody is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub user: ObjectId,
    /// What people call the field.
    pub label: String,
    /// What, and since when.
    pub conflict: Conflict,
}

/// The conflicts of people behind `after`, in byte order of the object id: of so many people at most.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn list(
    state: &dyn State,
    settings: &Settings,
    after: Option<&ObjectId>,
    limit: u32,
) -> Result<Vec<Listed>, RunAbort> {
    let mut after = after.map(key);
    let mut listed = Vec::new();
    while listed.is_empty() {
        let page = state.list(CONFLICTS, after.as_deref(), limit.clamp(1, BATCH))?;
        let Some((last, _)) = page.last() else {
            break;
        };
        after = Some(last.clone());
        for entry in page {
            let (user, conflicts) = parsed(entry)?;
            for conflict in conflicts {
                // What is left of a row that asks nobody any more is nothing to decide.
                let Some(row) = asking(settings, &conflict.contested.attribute) else {
                    continue;
                };
                listed.push(Listed {
                    user: user.clone(),
                    label: row.label.clone(),
                    conflict,
                });
            }
        }
    }
    Ok(listed)
}

/// What both sides have changed of one person, where somebody decides about it.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn of_user(
    state: &dyn State,
    settings: &Settings,
    user: &ObjectId,
) -> Result<Vec<Conflict>, RunAbort> {
    let conflicts: Option<Conflicts> = read(state, &key(user))?;
    let mut conflicts = conflicts.unwrap_or_default();
    conflicts.retain(|conflict| asking(settings, &conflict.contested.attribute).is_some());
    Ok(conflicts)
}

/// The row of an attribute, where somebody decides about it.
fn asking<'s>(settings: &'s Settings, attribute: &str) -> Option<&'s Row> {
    let mut rows = settings.rows.iter();
    rows.find(|row| row.attribute == attribute && row.direction == Direction::TwoWay(Winner::Ask))
}

/// Keeps what somebody decided about the values that a run saw at a moment; the next run does it.
///
/// # Errors
///
/// [`CallError::NoConflict`] where these values are no longer in conflict, or nobody is asked about the attribute;
/// [`CallError::DirectoryAlone`] where the contact's value cannot count; where store or state do not work.
pub fn decide(
    ports: Ports<'_>,
    settings: &Settings,
    source: &str,
    user: &ObjectId,
    (attribute, at): (&str, Timestamp),
    side: Side,
) -> Result<(), CallError> {
    let mut conflicts: Conflicts = read(ports.state, &key(user))?.unwrap_or_default();
    let known = conflicts
        .iter_mut()
        .find(|known| known.contested.attribute == attribute && known.at == at);
    let Some(known) = known.filter(|_| asking(settings, attribute).is_some()) else {
        return Err(CallError::NoConflict);
    };
    if known.directory_alone && side == Side::Contact {
        return Err(CallError::DirectoryAlone);
    }
    known.decided = Some(side);
    let commit = Commit {
        source: source.to_owned(),
        state: vec![save(user, &conflicts)?],
        ..Commit::default()
    };
    format::commit(ports, commit)?;
    Ok(())
}

/// The contact is the person's no longer.
pub(super) fn forget(user: &ObjectId) -> StateWrite {
    delete(key(user))
}

/// Forgets all of them.
pub(super) fn discard(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    discard_prefix(ports, source, CONFLICTS)
}

fn key(user: &ObjectId) -> String {
    format!("{CONFLICTS}{user}")
}

fn save(user: &ObjectId, conflicts: &Conflicts) -> Result<StateWrite, RunAbort> {
    if conflicts.is_empty() {
        return Ok(forget(user));
    }
    write(&key(user), conflicts)
}

fn parsed((key, value): (String, Vec<u8>)) -> Result<(ObjectId, Conflicts), RunAbort> {
    let user = key.strip_prefix(CONFLICTS).map(ObjectId::new);
    let conflicts = user.zip(json::from_bytes(&value));
    conflicts.ok_or(RunAbort::Unreadable { key })
}
