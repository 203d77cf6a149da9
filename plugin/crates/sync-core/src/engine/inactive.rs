//! Who made the inactive contacts of people who are back.

use crate::contact::{ContactId, Who};
use crate::mapping::person::Item;
use crate::reconcile::activity::{MadeInactive, made_inactive};
use crate::reconcile::correlate::{Candidates, Correlation};
use guest_kit::ordered::Map;

use super::run_abort::RunAbort;
use super::session::Session;

/// Changes of one contact that are read. Somebody whose contact was changed more often since is told of
/// as somebody of whom nothing is known.
const READ: u32 = 200;

/// Asks the journal, only about inactive contacts of people who are in scope and enabled: those of
/// leavers, which are the many, stay as they are.
pub(super) fn who_made_inactive(
    session: &Session<'_>,
    items: &[Item],
    candidates: &Candidates<'_>,
) -> Result<Map<ContactId, MadeInactive>, RunAbort> {
    let mut known = Map::new();
    if !session.keeps_journal {
        return Ok(known);
    }
    let rules = session.rules();
    for item in items {
        let Item::Live(person) = item else { continue };
        let found = candidates.find(&person.object_id, person.match_key.as_deref());
        let (Correlation::Linked(contact)
        | Correlation::Former(contact)
        | Correlation::Matching(contact)) = found
        else {
            continue;
        };
        if contact.active || !rules.may_return(person) {
            continue;
        }
        let who = Who::Contact(contact.id.clone());
        let journal = session.ports.store.journal(&session.source, &who, READ)?;
        known.extend(made_inactive(&journal).map(|who| (contact.id.clone(), who)));
    }
    Ok(known)
}
