//! The directory, as a sync reads it: pages of everybody, pages of changes, and answers about single
//! people.
//!
//! Where a page is, is text that only the directory can read (a link with a token). It is kept in the
//! state as it is, and the directory checks it again whenever it is used.

use std::rc::Rc;

use crate::contact::ObjectId;
use crate::mapping::person::{Item, PersonKind};
use crate::ports::{DirectoryError, DirectoryWriter, Inviter, Ports, Progress, StateWrite, Usage};
use crate::reconcile::finding::Finding;

use super::groups::feed::GroupFeed;
pub use super::next::Next;
use super::run_abort::RunAbort;

/// A directory, as one configuration reads it. Nothing is asked before [`identify`](Self::identify).
pub trait Directory {
    /// Signs in, and makes sure that what answers is what is configured; notes in the state for which
    /// directory the configured name stands from now on.
    ///
    /// # Errors
    ///
    /// Where another directory answers than the name has stood for, where none answers, and where the
    /// state cannot be read or written.
    fn identify(&self, ports: Ports<'_>) -> Result<Identity, RunAbort>;

    /// What a person should know of how the directory let the connector in, where it is worth a word.
    fn remark(&self) -> Option<String>;

    /// What the organisation calls itself now; `None` where the directory does not tell.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer, or for another organisation than the identified one.
    fn organization(&self) -> Result<Option<String>, DirectoryError>;

    /// What keeps the organisation's name for the calls to come, see [`Identity::organization`].
    ///
    /// # Errors
    ///
    /// Where the name cannot be written.
    fn keep_organization(&self, name: &str) -> Result<StateWrite, RunAbort>;

    /// How many people of a kind there are; `None` where the directory does not say. The number may lag.
    ///
    /// # Errors
    ///
    /// Where asking failed for a reason that also stands in the way of reading.
    fn count(&self, kind: PersonKind) -> Result<Option<u64>, DirectoryError>;

    /// Where a full round starts that reads people of a kind.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer.
    fn start(&self, kind: PersonKind) -> Result<Start, DirectoryError>;

    /// The list of everybody in partitions, which together show everybody, and each person once: what bounds
    /// each of them, as [`first_page_of`](Self::first_page_of) takes it. Empty where the list is to be read
    /// in one piece: because `people` are too few for more, or the directory does not give it otherwise.
    ///
    /// # Errors
    ///
    /// Where asking failed for a reason that also stands in the way of reading.
    fn partitions(&self, people: u64) -> Result<Vec<String>, DirectoryError>;

    /// Where a partition starts. Its bounds come from the state, and make no link that could lead elsewhere.
    fn first_page_of(&self, bounds: &str) -> String;

    /// How many people are on a page of the list of everybody, at most.
    fn people_a_page(&self) -> u64;

    /// How many pages may be asked for at a time, as the directory takes it now; at least one.
    fn pages_at_once(&self) -> usize;

    /// Reads people, and puts them on lists that have this organisation's name in theirs.
    fn people<'d>(&'d self, organization: &str) -> Rc<dyn People<'d> + 'd>;

    /// The groups, as the configuration reads them; `None` where it reads users alone.
    fn groups<'d>(&'d self) -> Option<Rc<dyn GroupFeed<'d> + 'd>> {
        None
    }

    /// What became of these users: one answer each, in their order.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer. A failure about one user is [`Finding::Unknown`].
    fn whereabouts(&self, users: &[ObjectId]) -> Result<Vec<Finding>, DirectoryError>;

    /// Sees to it that the directory tells the host of changes by itself, where the host wants that. Asked when a
    /// run begins that goes on from a cursor, and at the end of the first complete one; where nothing is due,
    /// nothing is asked of the directory and nothing is to be kept. A directory that tells of nothing has nothing
    /// to see to.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read, and where the host said stop. What the directory refuses is no error: it is
    /// in [`Notified::trouble`].
    fn keep_notified(&self, _ports: Ports<'_>) -> Result<Notified, RunAbort> {
        Ok(Notified::default())
    }

    /// The directory as something that takes values; `None` where it takes none.
    fn writer(&self) -> Option<Box<dyn DirectoryWriter + '_>> {
        None
    }

    /// The directory as something that takes guests; `None` where it takes none.
    fn inviter(&self) -> Option<Box<dyn Inviter + '_>> {
        None
    }

    /// What to tell the host while waiting; it may answer "stop".
    fn remember_progress(&self, progress: Progress);

    /// What was used so far.
    fn usage(&self) -> Usage;
}

/// How it stands with being told of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notified {
    /// What is to be kept of it.
    pub state: Vec<StateWrite>,
    /// Why the directory does not tell of changes although it should: for the run's warnings.
    pub trouble: Option<String>,
}

/// A directory that was identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The namespace of its object ids.
    pub source: String,
    /// The organisation's name as of the last full sync, where lists have it in theirs.
    pub organization: Option<String>,
}

/// Where a full round starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the list of everybody; changes made meanwhile will be found at the bookmark.
    List {
        /// The first page.
        link: String,
        /// Where the changes are.
        bookmark: String,
    },
    /// With the feed of changes, which lists everybody where it is read from its beginning.
    Changes {
        /// The first page.
        link: String,
    },
}

/// Reads people as one configuration says.
pub trait People<'d> {
    /// Asks for a page and comes back before it is there.
    fn begin(self: Rc<Self>, link: &str) -> Box<dyn PendingPage + 'd>;

    /// Asks for users by id: one answer each, in their order.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer. A failure about one user is [`Finding::Unknown`].
    fn find(&self, users: &[ObjectId]) -> Result<Vec<Answer>, DirectoryError>;

    /// Whether something of people's managers beside their ids is read. Then what changes about somebody
    /// concerns [those who report to them](Self::reports_of), whom no page of changes shows for it.
    fn follows_managers(&self) -> bool;

    /// Those who report to any of these people. Where the directory does not say it of one, they are left out.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer.
    fn reports_of(&self, managers: &[ObjectId]) -> Result<Vec<ObjectId>, DirectoryError>;
}

/// A page that is asked for. Whoever drops it gives the request up.
pub trait PendingPage {
    /// Waits for the page, and reads it.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer, or the link must not be followed.
    fn finish(self: Box<Self>) -> Result<Page, DirectoryError>;
}

/// A page, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the page's order. The same user may occur more than once; the last one counts.
    pub items: Vec<Item>,
    /// Where it goes on.
    pub next: Next,
}

/// What asking for one user has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user is there. Not [`Item::Live`] where what was told cannot be read.
    There(Item),
    /// The user is not there, or the question was not answered.
    NotThere(Finding),
}
