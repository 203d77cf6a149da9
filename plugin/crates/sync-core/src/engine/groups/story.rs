//! Because of which groups somebody is on their lists, and in scope: in sentences.

use guest_kit::ordered::Set;

use crate::contact::ObjectId;
use crate::ports::State;
use crate::settings::GroupRules;

use super::super::run_abort::RunAbort;
use super::kept::generation;
use super::memberships::Layers;
use super::registry::{Group, Registry};
use super::registry_of;
use super::round::GroupCursor;

/// Sentences of one story, at most.
const MOST: usize = 20;

/// Because of which groups somebody is on their lists, and in scope, as the last complete round left it; nothing
/// where there was none.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn story(
    state: &dyn State,
    rules: &GroupRules,
    person: &ObjectId,
) -> Result<Vec<String>, RunAbort> {
    let Some(cursor) = GroupCursor::load(state)? else {
        return Ok(Vec::new());
    };
    let top = generation(cursor.generation);
    let registry = Registry::load(state, registry_of(&top), rules)?;
    let layers = Layers { top, below: None };
    let entries = layers.entries(state, std::iter::once(person))?;
    let entry = entries.into_iter().next().unwrap_or_default();
    let mut sentences = Vec::new();
    let mut told: Set<u32> = Set::new();
    let direct_first = entry.numbers().into_iter();
    let direct_first = direct_first
        .clone()
        .map(|number| (number, true))
        .chain(direct_first.map(|number| (number, false)));
    for (number, is_direct) in direct_first {
        for reached in registry.reached(&[number]) {
            if (reached == number) != is_direct || !told.insert(reached) {
                continue;
            }
            let (Some(group), Some(own)) = (registry.group(reached), registry.group(number)) else {
                continue;
            };
            let leads_to = match registry.list(reached) {
                Some(listed) => format!("On the list “{}”", listed.list.name),
                None => "In scope".to_owned(),
            };
            let through = if is_direct {
                format!("as a member of the group {}", named(group))
            } else {
                format!(
                    "as a member of the group {}, which is inside {}",
                    named(own),
                    named(group)
                )
            };
            let waits = if entry.leaving.contains(&number) {
                " The directory says that they have left it, which is not believed yet: the run says why."
            } else {
                ""
            };
            sentences.push(format!("{leads_to} {through}.{waits}"));
        }
    }
    if sentences.is_empty() && rules.members_only {
        sentences.push("A member of none of the groups that are in scope.".to_owned());
    }
    let more = sentences.len().saturating_sub(MOST);
    sentences.truncate(MOST);
    if more > 0 {
        sentences.push(format!("And so on, for {more} further groups."));
    }
    Ok(sentences)
}

fn named(group: &Group) -> String {
    match &group.name {
        Some(name) => format!("“{name}”"),
        None => format!("{} (whose name the directory does not tell)", group.id),
    }
}
