//! People behind a number, and contacts.

use connector_contract::Effect;
use serde::Serialize;
use utoipa::ToSchema;

use crate::by_name;

/// One value of a person, and what it becomes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ValueView {
    /// For people: "First name".
    pub label: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// What they are called; their address or id where they have no name.
    pub name: String,
    pub address: Option<String>,
    pub object_id: Option<String>,
    pub contact_id: Option<String>,
    /// `create`, `update`, `skip` and so on; none where nothing happens to them.
    #[serde(serialize_with = "by_name::optional_effect::serialize")]
    #[schema(value_type = Option<String>)]
    pub change: Option<Effect>,
    /// Why they are behind this number, in words.
    pub why: Option<String>,
    pub active: bool,
    /// Lists that they are on, or join.
    pub lists: Vec<String>,
    /// Lists that they would leave.
    pub leaves: Vec<String>,
    pub values: Vec<ValueView>,
}

/// People behind a number, a page of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PeopleView {
    /// "Will be created".
    pub title: String,
    /// What it means, in a sentence.
    pub explanation: String,
    /// How many there are in all, where that is known without counting.
    pub total: Option<u64>,
    pub people: Vec<PersonView>,
    /// `after` of the next page.
    pub next: Option<String>,
}

/// A page of the contacts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactsView {
    /// The address that was asked for, where one was.
    pub address: Option<String>,
    /// The service that keeps the contacts: then nobody is listed here. Absent where they are kept here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<String>,
    pub people: Vec<PersonView>,
    /// `after` of the next page.
    pub next: Option<String>,
}

/// What would be taken away, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovalsView {
    /// Contacts that would be deleted. Whoever approves gives this number back as `deletions`, unless it
    /// is nought.
    pub deleted: u64,
    /// Contacts that would become inactive.
    pub deactivated: u64,
    /// Contacts that would lose their link, and leave the connector's lists.
    pub unlinked: u64,
}

impl RemovalsView {
    /// Of everything.
    pub fn total(self) -> u64 {
        self.deleted + self.deactivated + self.unlinked
    }
}
