//! Where decisions go: the one thing in which a plan and a sync differ.

use crate::contact::{ContactId, ObjectId};
use crate::ports::Sightings;
use crate::reconcile::decision::Decision;

use super::checkpoint::Round;
use super::halt::Halt;

/// The decisions about one page, or about one batch of people who were asked for.
pub(super) struct Settlement<'a> {
    /// At most one a user.
    pub(super) decisions: Vec<Decision>,
    /// Elements without an object id.
    pub(super) nameless: u64,
    /// Linked users that the page shows; in a full round.
    pub(super) sightings: Option<Sightings>,
    /// The round as it stands after the page.
    pub(super) round: &'a Round,
}

/// Takes decisions.
pub(super) trait Stage {
    /// Takes the decisions of one page. Returns the users whose contacts have changed since they
    /// were looked up; they are to be decided about again.
    fn settle(&mut self, settlement: Settlement<'_>) -> Result<Vec<ObjectId>, Halt>;

    /// Gives up on users whose contacts keep changing.
    fn give_up(&mut self, users: &[ObjectId]);

    /// Forgets what an unfinished round left behind, before another begins. Additions that were made
    /// stand; removals that were only staged are void.
    fn start_over(&mut self) -> Result<(), Halt>;

    /// Those of the contacts that an earlier decision of this round links, and to whom. A sync sees
    /// that in the store; a plan has written nothing.
    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, Halt>;

    /// The name under which the round's sightings are kept.
    fn round_name(&self) -> &'static str;
}
