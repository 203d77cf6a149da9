//! People behind a number, and contacts.

use serde::Serialize;
use utoipa::ToSchema;

/// One value of a person, and what it becomes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ValueView {
    /// For people: "First name".
    pub(crate) label: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// One person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonView {
    /// What they are called; their address or id where they have no name.
    pub(crate) name: String,
    pub(crate) address: Option<String>,
    pub(crate) object_id: Option<String>,
    pub(crate) contact_id: Option<String>,
    /// `create`, `update`, `skip` and so on; none where nothing happens to them.
    pub(crate) change: Option<String>,
    /// Why they are behind this number, in words.
    pub(crate) why: Option<String>,
    pub(crate) active: bool,
    /// Lists that they are on, or join.
    pub(crate) lists: Vec<String>,
    /// Lists that they would leave.
    pub(crate) leaves: Vec<String>,
    pub(crate) values: Vec<ValueView>,
}

/// People behind a number, a page of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PeopleView {
    /// "Will be created".
    pub(crate) title: String,
    /// What it means, in a sentence.
    pub(crate) explanation: String,
    /// How many there are in all, where that is known without counting.
    pub(crate) total: Option<u64>,
    pub(crate) people: Vec<PersonView>,
    /// `after` of the next page.
    pub(crate) next: Option<String>,
}

/// A page of the contacts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ContactsView {
    /// The address that was asked for, where one was.
    pub(crate) address: Option<String>,
    pub(crate) people: Vec<PersonView>,
    /// `after` of the next page.
    pub(crate) next: Option<String>,
}

/// What would be taken away, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemovalsView {
    /// Contacts that would be deleted. Whoever approves gives this number back as `deletions`, unless it
    /// is nought.
    pub(crate) deleted: u64,
    /// Contacts that would become inactive.
    pub(crate) deactivated: u64,
    /// Contacts that would lose their link, and leave the connector's lists.
    pub(crate) unlinked: u64,
}

impl RemovalsView {
    /// Of everything.
    pub(crate) fn total(self) -> u64 {
        self.deleted + self.deactivated + self.unlinked
    }
}
