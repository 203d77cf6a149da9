//! Whom a change concerns beside the person whom it is about: those who report to a manager.
//!
//! What a manager is called stands in the contacts of those who report to them, and a page of changes shows the
//! manager alone. Nothing is kept of who reports to whom, which would be an entry for everybody, written again
//! with each reorganisation: the directory is asked, about everybody whom a page of changes shows, twenty
//! questions a request. Those who report to one of them are then asked for themselves, like all of whom a page
//! says too little. Where that comes to more than to read everybody, the round becomes a full one, see
//! [`Reading::asks_more_than_reading`].

use guest_kit::ordered::Set;

use crate::contact::ObjectId;
use crate::mapping::person::PersonKind;

use super::checkpoint::Round;
use super::page::{People, RoundPhase};
use super::reading::Reading;
use super::run_abort::RunAbort;

impl Reading<'_, '_> {
    /// Those whom the changes on a page concern; `next` counts the questions. A page of the list states
    /// managers with everybody, and so does a feed of changes that lists everybody, by their ids.
    pub(super) fn concerned(
        &self,
        people: &People,
        phase: RoundPhase,
        next: &mut Round,
    ) -> Result<Set<ObjectId>, RunAbort> {
        // Of an organisational contact nobody can ask who reports to it.
        let is_of_users = next.reads == PersonKind::User;
        let shows_changes = phase == RoundPhase::Following && !next.lists_by_changes && is_of_users;
        if !shows_changes || !self.people.follows_managers() {
            return Ok(Set::new());
        }
        let changed = people.present();
        next.to_ask += changed.len() as u64;
        // Everybody is read in the place of asking on.
        if changed.is_empty() || self.asks_more_than_reading(next) {
            return Ok(Set::new());
        }
        Ok(Set::from_iter(self.people.reports_of(&changed)?))
    }
}
