//! What a field of a contact is at the service.
//!
//! Some are properties of every contact there. The others are custom fields of the account, which have an id, a label
//! for people, and a merge tag, by which messages name them. Those that this destination needs are known by their
//! merge tags, and made when they are written first; every other one is a field by its label.

use destination_kit::contract::{FieldKind, FieldRole};

/// The number that messages are sent to. No property and no custom field: a channel.
pub(crate) const PHONE_NUMBER: &str = "phone_number";

/// A property that every contact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// The field's name.
    pub(crate) field: &'static str,
    /// Its name in the API.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) label: &'static str,
    pub(crate) role: Option<Role>,
    pub(crate) is_date: bool,
}

/// The roles that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Given,
    Family,
    Display,
    Email,
    Group,
}

impl Role {
    pub(crate) fn contract(self) -> FieldRole {
        match self {
            Self::Given => FieldRole::GivenName,
            Self::Family => FieldRole::FamilyName,
            Self::Display => FieldRole::DisplayName,
            Self::Email => FieldRole::Email,
            Self::Group => FieldRole::Group,
        }
    }
}

const fn property(field: &'static str, name: &'static str, label: &'static str) -> Property {
    Property {
        field,
        name,
        label,
        role: None,
        is_date: false,
    }
}

/// The properties. `alias` is left out: it is a handle to which mail can be sent that becomes a message, and no
/// text. `fullName` is left out: it is made of the first two.
pub(crate) const PROPERTIES: [Property; 7] = [
    Property {
        role: Some(Role::Given),
        ..property("first_name", "firstName", "First name")
    },
    Property {
        role: Some(Role::Family),
        ..property("last_name", "lastName", "Last name")
    },
    Property {
        is_date: true,
        ..property("date_of_birth", "dateOfBirth", "Date of birth")
    },
    property("country", "country", "Country"),
    property("state", "state", "State"),
    property("location", "location", "Location"),
    property("note", "note", "Note"),
];

/// The field that a property of this name in the API is; the name itself where it is none.
pub(crate) fn field_of_property(name: &str) -> &str {
    let mut properties = PROPERTIES.iter();
    let property = properties.find(|property| property.name == name);
    property.map_or(name, |property| property.field)
}

/// The type of a custom field, which is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldType {
    Date,
    Number,
    Phone,
    Text,
    Url,
    ZipCode,
    Name,
    Email,
}

impl FieldType {
    const ALL: [Self; 8] = [
        Self::Date,
        Self::Number,
        Self::Phone,
        Self::Text,
        Self::Url,
        Self::ZipCode,
        Self::Name,
        Self::Email,
    ];

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Date => "DATE",
            Self::Number => "NUMBER",
            Self::Phone => "PHONE",
            Self::Text => "TEXT",
            Self::Url => "URL",
            Self::ZipCode => "ZIP_CODE",
            Self::Name => "NAME",
            Self::Email => "EMAIL",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn kind(self) -> FieldKind {
        match self {
            Self::Date => FieldKind::Date,
            Self::Phone => FieldKind::Phone,
            Self::Email => FieldKind::Email,
            Self::Number | Self::Text | Self::Url | Self::ZipCode | Self::Name => FieldKind::Text,
        }
    }
}

/// A custom field that this destination needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The merge tag, by which it is known; also the field's name, where it is one.
    pub(crate) merge_tag: &'static str,
    /// For people.
    pub(crate) label: &'static str,
    /// The type that it is made with.
    pub(crate) made_as: FieldType,
    /// The types that do, where somebody else has made it.
    pub(crate) takes: &'static [FieldType],
    /// The length that it is made with, in characters.
    pub(crate) max_length: u32,
    pub(crate) role: Option<Role>,
}

/// The mail address, which is the match key.
pub(crate) const EMAIL: Needed = Needed {
    merge_tag: "email",
    label: "Email",
    made_as: FieldType::Email,
    takes: &[FieldType::Email, FieldType::Text],
    max_length: 254,
    role: Some(Role::Email),
};

/// The display name.
pub(crate) const CONTACT_NAME: Needed = Needed {
    merge_tag: "contact_name",
    label: "Contact name",
    made_as: FieldType::Name,
    takes: &[FieldType::Name, FieldType::Text],
    max_length: 256,
    role: Some(Role::Display),
};

/// The group, as text; lists are another matter.
pub(crate) const GROUP: Needed = Needed {
    merge_tag: "group",
    label: "Group",
    made_as: FieldType::Text,
    takes: &[FieldType::Text, FieldType::Name],
    max_length: 256,
    role: Some(Role::Group),
};

/// Whose contact it is: object id and source, with a space between them. No field.
pub(crate) const LINK: Needed = Needed {
    merge_tag: "entra_object_id",
    label: "Entra object id",
    made_as: FieldType::Text,
    takes: &[FieldType::Text],
    max_length: 255,
    role: None,
};

/// The number as it was written, where that is not its form in E.164. No field of its own: it is how
/// [`PHONE_NUMBER`] reads for as long as the channel has that number.
pub(crate) const WRITTEN_NUMBER: Needed = Needed {
    merge_tag: "phone_number_as_written",
    label: "Phone number as written",
    made_as: FieldType::Text,
    takes: &[FieldType::Text],
    max_length: 64,
    role: None,
};

/// All custom fields that this destination needs.
pub(crate) const NEEDED: [Needed; 5] = [EMAIL, CONTACT_NAME, GROUP, LINK, WRITTEN_NUMBER];

/// Those of them that are fields.
pub(crate) const NEEDED_FIELDS: [Needed; 3] = [EMAIL, CONTACT_NAME, GROUP];

/// The length with which other custom fields are made, in characters.
pub(crate) const CUSTOM_LENGTH: u32 = 255;

/// The merge tag for a field of a name: its letters and digits in small letters, with underscores between words;
/// `None` where nothing is left of it. Which characters a merge tag may have is not documented; this is the form of
/// the documents' own example.
pub(crate) fn merge_tag(name: &str) -> Option<String> {
    let words = name
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let tag = words.collect::<Vec<_>>().join("_").to_ascii_lowercase();
    (!tag.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_tag_is_made_of_a_name() {
        assert_eq!(
            merge_tag("Cost centre (EMEA)").as_deref(),
            Some("cost_centre_emea")
        );
        assert_eq!(merge_tag(" K\u{f6}ln "), Some("k_ln".to_owned()));
        assert_eq!(merge_tag("\u{6771}\u{4eac}"), None);
    }

    #[test]
    fn every_type_is_known_by_its_name() {
        for kind in FieldType::ALL {
            assert_eq!(FieldType::named(kind.name()), Some(kind));
        }
        assert_eq!(FieldType::named("text"), None);
    }

    #[test]
    fn what_is_made_for_a_need_serves_it() {
        for needed in NEEDED {
            assert!(
                needed.takes.contains(&needed.made_as),
                "{}",
                needed.merge_tag
            );
        }
    }
}
