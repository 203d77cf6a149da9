//! One directory user as a page states it, borrowed from the page.

use std::borrow::Cow;

use guest_kit::ordered;
use sync_core::contact::Tombstone;
use sync_core::mapping::person::PersonKind;

/// The relationship to whoever somebody reports to. A change feed tells of it where `$select` names it, by
/// the manager's id alone; a list and a single user state the manager with `$expand`
/// (<https://learn.microsoft.com/graph/api/user-list-manager>).
pub const MANAGER: &str = "manager";

/// The path of the collection that people of a kind are in: users
/// (<https://learn.microsoft.com/graph/api/resources/user>), or organisational contacts
/// (<https://learn.microsoft.com/graph/api/resources/orgcontact>).
#[must_use]
pub const fn collection(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::User => "/users",
        PersonKind::OrgContact => "/contacts",
    }
}

/// What is asked of a manager. Everybody has a display name: a manager without one is one whom the
/// application may not read.
const OF_MANAGER: &str = "id,displayName,mail,userPrincipalName";

/// The Graph properties a round asks for with `$select`, in a fixed order without duplicates.
///
/// A [`User`] keeps its values in the same order, so that a mapping resolves each property to a
/// position once, not once a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    kind: PersonKind,
    properties: Vec<&'static str>,
}

impl Selection {
    /// Orders the properties and drops duplicates. `id` is always returned by Graph where it is
    /// selected, and is not one of the positions.
    pub fn new(properties: impl IntoIterator<Item = &'static str>) -> Self {
        Self::of(PersonKind::User, properties)
    }

    /// The properties of people of one kind, see [`new`](Self::new).
    pub fn of(kind: PersonKind, properties: impl IntoIterator<Item = &'static str>) -> Self {
        let mut properties: Vec<_> = properties
            .into_iter()
            .filter(|name| *name != "id")
            .collect();
        ordered::sort(&mut properties);
        properties.dedup();
        Self { kind, properties }
    }

    /// Of whom they are properties.
    #[must_use]
    pub fn kind(&self) -> PersonKind {
        self.kind
    }

    /// The path of the collection that has them.
    #[must_use]
    pub fn collection(&self) -> &'static str {
        collection(self.kind)
    }

    /// The properties, in order.
    #[must_use]
    pub fn properties(&self) -> &[&'static str] {
        &self.properties
    }

    /// Where a property's value stands in a [`User`].
    #[must_use]
    pub fn position(&self, property: &str) -> Option<usize> {
        self.properties.binary_search(&property).ok()
    }

    /// The value of `$select` of a change feed: `id` first.
    #[must_use]
    pub fn to_query(&self) -> String {
        listed(self.properties.iter())
    }

    /// Whether managers are asked for.
    #[must_use]
    pub fn expands_managers(&self) -> bool {
        self.position(MANAGER).is_some()
    }

    /// The option of a list or a single user that selects the properties, without managers.
    #[must_use]
    pub fn select_option(&self) -> String {
        let properties = self.properties.iter();
        format!(
            "$select={}",
            listed(properties.filter(|name| **name != MANAGER))
        )
    }

    /// The options of a list or a single user: the properties, and their managers where those are asked for.
    #[must_use]
    pub fn list_options(&self) -> String {
        let mut options = self.select_option();
        if self.expands_managers() {
            options.push_str("&$expand=manager($select=");
            options.push_str(OF_MANAGER);
            options.push(')');
        }
        options
    }
}

fn listed<'n>(properties: impl Iterator<Item = &'n &'static str>) -> String {
    let mut list = String::from("id");
    for property in properties {
        list.push(',');
        list.push_str(property);
    }
    list
}

/// The members of a complex value that are strings or null.
pub type Members<'page> = Vec<(Cow<'page, str>, Option<Cow<'page, str>>)>;

/// What a page states about one property of one user.
///
/// `Absent` and `Null` are different things: a delta page leaves out what was never set, and sends
/// `null` only for what was cleared
/// (<https://learn.microsoft.com/graph/delta-query-users>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value<'page> {
    /// The page does not mention the property.
    #[default]
    Absent,
    /// The page says `null`, or an empty collection.
    Null,
    /// A string.
    Text(Cow<'page, str>),
    /// A boolean.
    Bool(bool),
    /// A collection of strings; never empty.
    Texts(Vec<Cow<'page, str>>),
    /// A complex value.
    Members(Members<'page>),
    /// A collection of complex values; never empty.
    Records(Vec<Members<'page>>),
    /// Another object, by its id alone: what there is to say of it, the page does not.
    Reference(Cow<'page, str>),
    /// A shape that no property of the catalogue has. Hurts this user only.
    Unexpected,
}

/// One element of a page's `value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User<'page> {
    /// The object id; `None` where the element has none or is no object.
    pub id: Option<Cow<'page, str>>,
    /// Present on a tombstone.
    pub removed: Option<Tombstone>,
    /// The element is of the type `agentUser`: the account of an AI agent, which the directory lists
    /// among the people (<https://learn.microsoft.com/graph/api/resources/agentuser>).
    pub is_agent: bool,
    /// By position in the [`Selection`].
    pub values: Vec<Value<'page>>,
}

impl<'page> User<'page> {
    /// What the page states at a position of the selection.
    #[must_use]
    pub fn value(&self, position: usize) -> &Value<'page> {
        self.values.get(position).unwrap_or(&Value::Absent)
    }
}
