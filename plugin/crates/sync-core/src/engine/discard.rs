//! What is kept is forgotten, so much at a time that a commit takes it.

use crate::ports::{Commit, Ports, StateWrite};

use super::checkpoint::delete;
use super::format;
use super::run_abort::RunAbort;

/// What is read and committed at a time.
const BATCH: u32 = 500;

/// Forgets whatever is kept under a prefix.
pub(super) fn discard_prefix(ports: Ports<'_>, source: &str, prefix: &str) -> Result<(), RunAbort> {
    discard_all(ports, source, || {
        let known = ports.state.list(prefix, None, BATCH)?;
        Ok(known.into_iter().map(|(key, _)| delete(key)).collect())
    })
}

/// Commits what the next batch is forgotten by, until there is nothing left.
pub(super) fn discard_all(
    ports: Ports<'_>,
    source: &str,
    next: impl Fn() -> Result<Vec<StateWrite>, RunAbort>,
) -> Result<(), RunAbort> {
    loop {
        let state = next()?;
        if state.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            source: source.to_owned(),
            state,
            ..Commit::default()
        };
        format::commit(ports, commit)?;
    }
}
