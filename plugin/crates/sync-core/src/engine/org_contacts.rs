//! Who is an organisational contact: kept of everybody who was decided about as one.
//!
//! What an object is never changes, so an entry is right for as long as there is one, through an undo, another
//! configuration or a connection that is made anew. Where the configuration does not take organisational
//! contacts any more, it is the evidence that somebody has left the scope: they are no longer read, and not to be
//! found among the users is no evidence of anything.

use guest_kit::ordered::Set;

use crate::contact::ObjectId;
use crate::ports::{State, StateWrite};
use crate::settings::OrgContacts;

use super::checkpoint::write;
use super::run_abort::RunAbort;
use super::session::Session;

const KNOWN: &str = "org-contact/";

fn key(person: &ObjectId) -> String {
    format!("{KNOWN}{person}")
}

/// Whether somebody is known to be an organisational contact.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn is_known(state: &dyn State, person: &ObjectId) -> Result<bool, RunAbort> {
    Ok(state.get(&key(person))?.is_some())
}

/// What makes it known of somebody.
pub(super) fn note(person: &ObjectId) -> Result<StateWrite, RunAbort> {
    write(&key(person), &1)
}

/// Whether there may be somebody whom the configuration does not take any more.
pub(super) fn may_leave(session: &Session<'_>) -> Result<bool, RunAbort> {
    let takes = session.settings.org_contacts == OrgContacts::Include;
    Ok(!takes && !session.ports.state.list(KNOWN, None, 1)?.is_empty())
}

/// Those of the people who are organisational contacts, where the configuration does not take them.
pub(super) fn left_out(
    session: &Session<'_>,
    people: &[ObjectId],
) -> Result<Set<ObjectId>, RunAbort> {
    if people.is_empty() || !may_leave(session)? {
        return Ok(Set::new());
    }
    known(session.ports.state, people)
}

/// Those of the people who are known to be organisational contacts.
pub(super) fn known(state: &dyn State, people: &[ObjectId]) -> Result<Set<ObjectId>, RunAbort> {
    let known = state.get_many(people.iter().map(key).collect())?;
    let ids = known.iter().filter_map(|(key, _)| key.strip_prefix(KNOWN));
    Ok(Set::from_iter(ids.map(ObjectId::new)))
}
