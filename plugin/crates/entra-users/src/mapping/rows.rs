//! The rows of a mapping, resolved against catalogue and store.

use sync_core::mapping::person::PersonKind;
use sync_core::mapping::rows::{Purpose, Row};

use crate::user::{MANAGER, Selection};

use super::catalogue::{self, Attribute};

pub use super::address::AddressSource;
use super::user_name::SUPPLEMENTS;
use super::writing::SYNCED;

/// The country in which somebody uses the services, by which numbers are read that do not say their own.
pub(super) const USAGE_LOCATION: &str = "usageLocation";

/// Attribute to field, row by row.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// In the document's order.
    pub rows: Vec<Row>,
    /// The address rule: where the address of a person is looked for, the most trusted first. It
    /// fills the match-key field where that is mapped from `mail`, and finds contacts where the
    /// match-key field is not mapped.
    pub addresses: Vec<AddressSource>,
    /// The country, by its two letters, by which the numbers of people are read who have none of their own.
    pub country: Option<String>,
    selection: Selection,
    /// Of organisational contacts.
    contact_selection: Selection,
    /// Properties that are asked for only to tell whether a user name is an address, so that a change of
    /// what a manager is called is told, to tell of whom the directory takes nothing, or by which country a
    /// telephone number is read.
    supplements: Vec<&'static str>,
    /// Whether something of managers beside their ids is wanted.
    names_managers: bool,
}

impl Mapping {
    /// Works out which properties a round has to ask for: those of the rows, those of the address
    /// rule where it is used, and those of the attributes that filter, policies and lists `need`.
    #[must_use]
    pub fn new(
        rows: Vec<Row>,
        addresses: Vec<AddressSource>,
        country: Option<String>,
        need: impl IntoIterator<Item = &'static Attribute>,
    ) -> Self {
        let mut mapping = Self {
            rows,
            addresses,
            country,
            selection: Selection::new([]),
            contact_selection: Selection::new([]),
            supplements: Vec::new(),
            names_managers: false,
        };
        let rule = mapping.addresses.iter().map(|source| source.attribute());
        let names = mapping
            .rows
            .iter()
            .filter(|row| !row.follows_address_rule())
            .map(|row| row.attribute)
            .chain(rule.filter(|_| mapping.uses_address_rule()));
        let attributes: Vec<_> = names.filter_map(catalogue::find).chain(need).collect();
        let contacts = PersonKind::OrgContact;
        let of_contacts = attributes
            .iter()
            .filter_map(|attribute| catalogue::placed(attribute, contacts));
        mapping.contact_selection =
            Selection::of(contacts, of_contacts.map(|attribute| attribute.property));
        let properties: Vec<_> = attributes
            .iter()
            .map(|attribute| attribute.property)
            .collect();
        // A change feed tells of a change of what is selected: of a manager as of anybody else.
        let mut rows = mapping.rows.iter();
        let writes = rows.any(|row| row.direction.writes_directory());
        let mut rows = mapping.rows.iter();
        let formats = rows.any(|row| row.purpose.is_in_e164());
        let of_managers: Vec<_> = attributes
            .iter()
            .filter(|attribute| attribute.property == MANAGER)
            .filter_map(|attribute| attribute.member)
            .filter(|member| *member != "id")
            .collect();
        mapping.names_managers = !of_managers.is_empty();
        // Wanted for themselves, they are no supplement.
        mapping.supplements = SUPPLEMENTS
            .into_iter()
            .filter(|_| mapping.reads_user_names())
            .chain(of_managers)
            .chain(writes.then_some(SYNCED))
            .chain(formats.then_some(USAGE_LOCATION))
            .filter(|name| !properties.contains(name))
            .collect();
        let supplements = mapping.supplements.iter().copied();
        mapping.selection = Selection::new(properties.into_iter().chain(supplements));
        mapping
    }

    /// The properties a round asks for.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The properties a round asks for of people of a kind.
    #[must_use]
    pub fn selection_of(&self, kind: PersonKind) -> &Selection {
        match kind {
            PersonKind::User => &self.selection,
            PersonKind::OrgContact => &self.contact_selection,
        }
    }

    /// Whether something of managers beside their ids is wanted: then a change of somebody concerns those
    /// who report to them, too.
    #[must_use]
    pub fn names_managers(&self) -> bool {
        self.names_managers
    }

    /// Positions in a selection of what a page may leave out and still say all there is to say of a person.
    /// Of organisational contacts there is nothing like that.
    pub(super) fn supplements(&self, selection: &Selection) -> Vec<usize> {
        let names = match selection.kind() {
            PersonKind::User => self.supplements.as_slice(),
            PersonKind::OrgContact => &[],
        };
        let positions = names.iter().filter_map(|name| selection.position(name));
        positions.collect()
    }

    /// The position of the row whose field is the match key.
    #[must_use]
    pub fn match_key_row(&self) -> Option<usize> {
        self.rows
            .iter()
            .position(|row| row.purpose == Purpose::MatchKey)
    }

    /// Whether a user name is taken for an address anywhere.
    fn reads_user_names(&self) -> bool {
        let user_name = AddressSource::UserPrincipalName;
        let by_row = self.rows.iter().any(|row| {
            row.attribute == user_name.attribute()
                && matches!(row.purpose, Purpose::Address | Purpose::MatchKey)
        });
        by_row || self.uses_address_rule() && self.addresses.contains(&user_name)
    }

    /// Whether an address has to be found by the rule.
    fn uses_address_rule(&self) -> bool {
        self.rows
            .iter()
            .find(|row| row.purpose == Purpose::MatchKey)
            .is_none_or(Row::follows_address_rule)
    }
}
