//! The groups of a directory, as a sync reads them: pages of groups with those who are in them.

use std::rc::Rc;

use crate::contact::{ObjectId, Tombstone};
use crate::ports::DirectoryError;
use crate::reconcile::finding::Finding;
use crate::settings::GroupKind;

use super::super::next::Next;

/// The groups that one configuration reads.
///
/// Read from its first page, the feed tells every group, and everybody who is directly in one; it ends with
/// the link at which the next reading finds what has changed. A group may come in parts, on any page and as often as
/// the directory likes; what it says last counts.
pub trait GroupFeed<'d> {
    /// The first page of everything.
    fn first_page(&self) -> String;

    /// Asks for a page and comes back before it is there.
    fn begin(self: Rc<Self>, link: &str) -> Box<dyn PendingGroups + 'd>;

    /// What became of these groups: one answer each, in their order.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer. A failure about one group is [`Finding::Unknown`].
    fn whereabouts(&self, groups: &[ObjectId]) -> Result<Vec<Finding>, DirectoryError>;
}

/// A page that is asked for. Whoever drops it gives the request up.
pub trait PendingGroups {
    /// Waits for the page, and reads it.
    ///
    /// # Errors
    ///
    /// Where the directory does not answer, or the link must not be followed.
    fn finish(self: Box<Self>) -> Result<GroupPage, DirectoryError>;
}

/// A page of groups, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPage {
    /// In the page's order.
    pub groups: Vec<GroupItem>,
    /// Where it goes on.
    pub next: Next,
}

/// One element of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupItem {
    /// A group that is there, or a part of it.
    Stated(StatedGroup),
    /// A group that the directory says is gone.
    Gone {
        /// The group.
        id: ObjectId,
        /// How gone.
        tombstone: Tombstone,
    },
}

/// What an element says of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedGroup {
    /// The group.
    pub id: ObjectId,
    /// What it is. `None` where the element states members alone.
    pub properties: Option<GroupProperties>,
    /// Who is in it, or is no longer; in the element's order.
    pub members: Vec<Member>,
    /// Elements of kinds that are neither people nor groups, or that cannot be read.
    pub others: u64,
}

/// What a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupProperties {
    /// Its name; `None` where the directory does not tell it to this application.
    pub name: Option<String>,
    /// Its description, where there is one.
    pub description: Option<String>,
    /// What it is to those who administer it.
    pub kind: GroupKind,
    /// Stands for the rule by which the directory fills it, and for whether it does so; `None`: it has none.
    pub rule: Option<u64>,
    /// Its members are told to nobody without a permission of its own, which this application lacks.
    pub is_hidden: bool,
}

/// Somebody who is in a group, or is no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub id: ObjectId,
    /// A group inside the group.
    pub is_group: bool,
    /// `false` where the directory says that it is a member no longer.
    pub stays: bool,
}
