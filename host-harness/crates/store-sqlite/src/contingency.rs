//! State that is written for changes of a commit that were not applied.

use connector_contract::{Change, Commit, Outcome, StateWrite};

use super::errors::DatabaseError;
use super::state;

/// Checks the contingencies of a commit, before anything of the commit is done.
pub(super) fn accept(commit: &Commit) -> Result<(), DatabaseError> {
    for contingency in &commit.otherwise {
        state::accept_value(contingency.value.len())?;
        for position in &contingency.changes {
            let Some(change) = commit.changes.get(*position as usize) else {
                return Err(DatabaseError::Other(
                    "a contingency names a change that the commit does not have".to_owned(),
                ));
            };
            let key = contingency.key_prefix.len() + object_id(change).len();
            state::accept_key(key)?;
        }
    }
    Ok(())
}

/// The entries to be written, given what became of the changes.
pub(super) fn met(commit: &Commit, outcomes: &[Outcome]) -> Vec<StateWrite> {
    let is_applied =
        |position: u32| matches!(outcomes.get(position as usize), Some(Outcome::Applied(_)));
    let mut writes = Vec::new();
    for contingency in &commit.otherwise {
        for position in &contingency.changes {
            if let Some(change) = commit.changes.get(*position as usize)
                && !is_applied(*position)
            {
                writes.push(StateWrite {
                    key: format!("{}{}", contingency.key_prefix, object_id(change)),
                    value: Some(contingency.value.clone()),
                });
            }
        }
    }
    writes
}

fn object_id(change: &Change) -> &str {
    match change {
        Change::Create(create) => &create.object_id,
        Change::Update(update) => &update.object_id,
        Change::Link(link) => &link.object_id,
        Change::Remove(removal) => &removal.object_id,
        Change::Revert(reversal) => &reversal.object_id,
    }
}
