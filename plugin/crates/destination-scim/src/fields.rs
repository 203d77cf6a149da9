//! What a field of a contact is of a user (RFC 7643, sections 4.1 and 4.3).

use destination_kit::contract::{FieldDescription, FieldKind, FieldRole};

/// The schema of a user.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of a group.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The extension with a user's place in an organisation.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The name a user signs in with: no user is without one, and no two have the same.
pub(crate) const USER_NAME: &str = "user_name";

/// Where a value stands in a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// An attribute of the user.
    Attribute(&'static str),
    /// A part of an attribute: `name`, `givenName`.
    Part(&'static str, &'static str),
    /// The element of that type among the values of an attribute.
    Element(Values, &'static str),
    /// An attribute of the extension.
    Enterprise(&'static str),
}

/// An attribute with several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Values {
    Emails,
    PhoneNumbers,
}

impl Values {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Emails => "emails",
            Self::PhoneNumbers => "phoneNumbers",
        }
    }

    /// The type for which a value counts that has none: servers with a single address, or number, keep no type.
    pub(crate) fn untyped(self) -> &'static str {
        match self {
            Self::Emails => "work",
            Self::PhoneNumbers => "mobile",
        }
    }
}

/// A field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Its name in the contract.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) label: &'static str,
    pub(crate) place: Place,
}

const fn known(name: &'static str, label: &'static str, place: Place) -> Known {
    Known { name, label, place }
}

/// All fields that a user can have. The names are those that other destinations and the documents of this project
/// have for the same.
pub(crate) const FIELDS: [Known; 14] = [
    known(USER_NAME, "User name", Place::Attribute("userName")),
    known("email", "Email", Place::Element(Values::Emails, "work")),
    known(
        "contact_name",
        "Display name",
        Place::Attribute("displayName"),
    ),
    known("first_name", "First name", Place::Part("name", "givenName")),
    known("last_name", "Last name", Place::Part("name", "familyName")),
    known(
        "formatted_name",
        "Full name",
        Place::Part("name", "formatted"),
    ),
    known(
        "phone_number",
        "Mobile phone",
        Place::Element(Values::PhoneNumbers, "mobile"),
    ),
    known(
        "work_phone",
        "Work phone",
        Place::Element(Values::PhoneNumbers, "work"),
    ),
    known("job_title", "Job title", Place::Attribute("title")),
    known(
        "language",
        "Preferred language",
        Place::Attribute("preferredLanguage"),
    ),
    known("group", "Department", Place::Enterprise("department")),
    known("company", "Organization", Place::Enterprise("organization")),
    known(
        "employee_number",
        "Employee number",
        Place::Enterprise("employeeNumber"),
    ),
    known(
        "cost_center",
        "Cost center",
        Place::Enterprise("costCenter"),
    ),
];

/// Where the value of a field stands; `None` where there is no such field.
pub(crate) fn place(name: &str) -> Option<Place> {
    let known = FIELDS.iter().find(|field| field.name == name);
    known.map(|field| field.place)
}

impl Known {
    /// The field as the contract describes one. How long a value may be, no server tells.
    pub(crate) fn description(&self) -> FieldDescription {
        let kind = match self.place {
            Place::Element(Values::Emails, _) => FieldKind::Email,
            Place::Element(Values::PhoneNumbers, _) => FieldKind::Phone,
            Place::Attribute(_) | Place::Part(..) | Place::Enterprise(_) => FieldKind::Text,
        };
        let role = match self.name {
            "email" => Some(FieldRole::Email),
            "contact_name" => Some(FieldRole::DisplayName),
            "first_name" => Some(FieldRole::GivenName),
            "last_name" => Some(FieldRole::FamilyName),
            "phone_number" => Some(FieldRole::Phone),
            "company" => Some(FieldRole::Company),
            "group" => Some(FieldRole::Group),
            _ => None,
        };
        FieldDescription {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            kind,
            mandatory: self.name == USER_NAME,
            max_length: None,
            role,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_field_has_a_name_and_a_place_of_its_own() {
        let names: BTreeSet<_> = FIELDS.iter().map(|field| field.name).collect();
        let places: BTreeSet<_> = FIELDS.iter().map(|field| field.place).collect();
        assert_eq!((names.len(), places.len()), (FIELDS.len(), FIELDS.len()));
        assert_eq!(place("email"), Some(Place::Element(Values::Emails, "work")));
        assert_eq!(place("shoe_size"), None);
    }

    #[test]
    fn one_field_is_the_match_key_and_one_is_mandatory() {
        let described = FIELDS.map(|field| field.description());
        let keys = described
            .iter()
            .filter(|field| field.role == Some(FieldRole::Email));
        assert_eq!(keys.count(), 1);
        let mandatory: Vec<_> = described
            .iter()
            .filter(|field| field.mandatory)
            .map(|field| &*field.name)
            .collect();
        assert_eq!(mandatory, [USER_NAME]);
    }
}
