//! Where decisions go: the one thing in which a plan and a sync differ.

use crate::contact::{ContactId, ObjectId};
use crate::ports::{Sightings, StateWrite};
use crate::reconcile::decision::Decision;
use crate::run::RunWarning;

use super::checkpoint::Round;
use super::run_abort::RunAbort;
use super::staged::Deferred;

/// The decisions about one page, or about one batch of people who were asked for.
pub(super) struct Settlement<'a> {
    /// At most one a user.
    pub(super) decisions: Vec<Decision>,
    /// Elements without an object id.
    pub(super) nameless: u64,
    /// People who cannot be decided about before everybody was read.
    pub(super) deferred: Vec<(ObjectId, Deferred)>,
    /// What is remembered of conflicts, and of whom nobody was invited for; a plan keeps none of it.
    pub(super) remembered: Vec<StateWrite>,
    /// Linked users that the page shows; in a full round.
    pub(super) sightings: Option<Sightings>,
    /// The round as it stands after the page; `None` where no round is read.
    pub(super) round: Option<&'a Round>,
}

/// Takes decisions.
pub(super) trait Stage {
    /// Takes the decisions of one page. Returns the users whose contacts have changed since they
    /// were looked up; they are to be decided about again.
    fn settle(&mut self, settlement: Settlement<'_>) -> Result<Vec<ObjectId>, RunAbort>;

    /// Keeps state that belongs to no decision, and, with it, the round as it stands afterwards.
    fn keep(&mut self, state: Vec<StateWrite>, round: Option<&Round>) -> Result<(), RunAbort>;

    /// Takes what is remarkable about the groups, in the place of what was.
    fn remark_groups(&mut self, remarks: Vec<RunWarning>);

    /// The digest of what a limit stopped and a person has approved.
    fn approved_block(&self) -> Option<&str>;

    /// Gives up on users whose contacts keep changing.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    fn give_up(&mut self, users: &[ObjectId]) -> Result<(), RunAbort>;

    /// Forgets what an unfinished round left behind, before another begins. Additions that were made
    /// stand; removals that were only staged are void.
    fn start_over(&mut self) -> Result<(), RunAbort>;

    /// Those of the users from whom an earlier decision of this round takes something away, for what
    /// it read in their properties.
    fn taken(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort>;

    /// Those of the users who could not be written, in this round or before. What a page states of them
    /// in part is not what was in the way.
    fn unwritten(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort>;

    /// Those of the contacts that an earlier decision of this round links, and to whom. A sync sees
    /// that in the store; a plan has written nothing.
    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, RunAbort>;

    /// The name under which the round's sightings are kept.
    fn round_name(&self) -> &'static str;

    /// Whether it shows people who are skipped, and not only says why.
    fn shows_people(&self) -> bool;

    /// Whether of a contact that is in step it needs no more than that.
    fn knows_contacts_again(&self) -> bool;

    /// The run in whose name it writes; `None` where it writes nothing.
    fn run_id(&self) -> Option<&str>;
}
