//! What the directory was given is in the journal also where the contact changed while it was written to.

use crate::contact::{Change, ContactId, GivenChange, Membership, ObjectId, Reasoned, Update};
use crate::ports::{Outcome, Query};
use crate::run::RunRecord;

use super::format;
use super::run_abort::RunAbort;
use super::session::Session;

/// Somebody whom the directory was given something of, in a change that the store did not take.
pub(super) struct Unjournaled {
    pub(super) user: ObjectId,
    pub(super) contact: ContactId,
    pub(super) directory: Vec<GivenChange>,
}

/// How often contacts that change under our hands are looked up again.
const ATTEMPTS: usize = 3;

/// Puts into the journal what the directory was given of contacts that changed meanwhile, so that no write to the
/// directory is without an entry. Of a contact that is gone there is no journal.
pub(super) fn journal_all(
    session: &Session<'_>,
    run: &RunRecord,
    mut open: Vec<Unjournaled>,
    reason: &'static str,
) -> Result<(), RunAbort> {
    for _ in 0..ATTEMPTS {
        if open.is_empty() {
            return Ok(());
        }
        let contacts = session.ports.store.lookup(&Query {
            source: session.source.clone(),
            contacts: open.iter().map(|owed| owed.contact.clone()).collect(),
            ..Query::default()
        })?;
        let mut commit = session.commit_of(run);
        open.retain(|owed| {
            let contact = contacts.iter().find(|contact| {
                let user = contact.link.as_ref().map(|link| &link.object_id);
                contact.id == owed.contact && user == Some(&owed.user)
            });
            let change = contact.map(|contact| Update {
                contact: contact.precondition(),
                object_id: owed.user.clone(),
                writes: Vec::new(),
                base: None,
                membership: Membership::default(),
                reactivate: false,
                directory: owed.directory.clone(),
            });
            commit.changes.extend(change.map(|change| Reasoned {
                change: Change::Update(change),
                reason,
            }));
            contact.is_some()
        });
        let mut outcomes = format::commit(session.ports, commit)?.into_iter();
        open.retain(|_| matches!(outcomes.next(), Some(Outcome::Conflict(_))));
    }
    Ok(())
}
