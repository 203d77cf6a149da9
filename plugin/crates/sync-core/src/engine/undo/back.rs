//! What an undo gives the directory back: a page at a time, before its contacts, by the machine with which a sync gives.
//!
//! A field goes back where the directory has taken its value, and where it was not given anything. What it did not take
//! leaves the field as it is, so that both sides hold the same.

use guest_kit::ordered::Map;

use crate::contact::{AttributeChange, Contact, ContactId, ObjectId, Reversal};
use crate::ports::{PlanEntry, Query};
use crate::reconcile::invert::Undoing;
use crate::run::RunRecord;

use super::super::giving::{self, Due, Portion, Trouble, Turn, Way};
use super::super::journaled::Unjournaled;
use super::super::run_abort::RunAbort;
use super::Target;
use super::checkpoint::Pending;

/// The code of a value that no writer could be given.
const NOT_PERMITTED: &str = "write-not-permitted";

/// Somebody whose changes are approved and can be taken back.
pub(super) struct Ready {
    pub(super) undoing: Undoing,
    pub(super) reversal: Reversal,
}

impl Ready {
    pub(super) fn user(&self) -> &ObjectId {
        &self.undoing.entry.object_id
    }

    pub(super) fn pending(&self) -> Pending {
        Pending {
            user: self.user().clone(),
            effect: self.undoing.entry.effect,
        }
    }

    fn directory(&self) -> &[AttributeChange] {
        &self.undoing.entry.directory
    }

    /// Takes what became of the directory's side; the first that went wrong.
    pub(super) fn take(&mut self, target: &Target<'_>, turn: Turn) -> Option<Trouble> {
        let mut trouble = turn.trouble;
        for change in &self.undoing.entry.directory {
            let rows = &target.prepared.settings.rows;
            let field = rows.iter().find(|row| row.attribute == change.attribute);
            let field = field.map(|row| row.field.as_str()).unwrap_or_default();
            if turn.held.iter().any(|held| held.field == field) {
                continue;
            }
            self.reversal.writes.retain(|write| write.name != field);
            trouble.get_or_insert_with(|| Trouble {
                field: Some(field.to_owned()),
                code: NOT_PERMITTED.to_owned(),
                told: None,
            });
        }
        self.reversal.directory = turn.given;
        trouble
    }

    /// Whether anything is left to be done about the contact, or to be put into the journal.
    pub(super) fn does_something(&self) -> bool {
        let PlanEntry {
            effect,
            joins,
            leaves,
            ..
        } = &self.undoing.entry;
        *effect != crate::contact::Effect::Update
            || !joins.is_empty()
            || !leaves.is_empty()
            || !self.reversal.writes.is_empty()
            || !self.reversal.directory.is_empty()
    }

    /// What the journal would miss if the store did not take the reversal.
    pub(super) fn unjournaled(&self) -> Option<Unjournaled> {
        let directory = &self.reversal.directory;
        (!directory.is_empty()).then(|| Unjournaled {
            user: self.user().clone(),
            contact: self.reversal.contact.contact.clone(),
            directory: directory.clone(),
        })
    }
}

/// Gives the directory back what is approved of these people. Whose contact has changed since it was decided about is
/// left to the store, which refuses the reversal.
pub(super) fn give(
    target: &Target<'_>,
    run: &mut RunRecord,
    ready: &[Ready],
) -> Result<Portion, RunAbort> {
    let due = || ready.iter().filter(|each| !each.directory().is_empty());
    if due().next().is_none() {
        return Ok(Portion::default());
    }
    let session = target.reach.session()?;
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        contacts: due()
            .map(|each| each.reversal.contact.contact.clone())
            .collect(),
        fields: session.fields.clone(),
        ..Query::default()
    })?;
    let contacts: Map<&ContactId, &Contact> = contacts
        .iter()
        .map(|contact| (&contact.id, contact))
        .collect();
    let due = due().filter_map(|each| {
        let expected = &each.reversal.contact;
        let contact = contacts.get(&expected.contact).copied();
        let contact = contact.filter(|contact| contact.version == expected.version)?;
        Some(Due {
            user: each.user(),
            directory: each.directory(),
            contact,
        })
    });
    giving::give(session, run, Way::Back, due, true)
}
