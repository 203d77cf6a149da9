//! Which property of a card is which field.

use destination_kit::contract::{FieldDescription, FieldKind, FieldRole};

use crate::card::{Card, Version};
use crate::line::Line;

/// The full name, which every card has (RFC 6350, section 6.2.1).
pub(crate) const FULL_NAME: &str = "full_name";
/// The mail address, by which contacts are matched.
pub(crate) const EMAIL: &str = "email";

/// The parameter by which a property is a custom field of this label.
pub(crate) const LABEL: &str = "X-LABEL";
/// Fields that were emptied though the card has another value that would do: one that is somebody else's.
pub(crate) const EMPTIED: &str = "X-ENTRA-EMPTY";

/// A field that every card can have.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    label: &'static str,
    kind: fn() -> FieldKind,
    role: Option<fn() -> FieldRole>,
    pub(crate) property: &'static str,
    /// Which component of the property; `None` for all of its value.
    pub(crate) component: Option<usize>,
    lines: Lines,
}

/// Which lines of a property a field can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// Any of them; the first one is meant.
    Any,
    /// One for work; else one that says neither work nor home.
    WorkOrUnsaid,
    /// One for work.
    Work,
    /// A mobile number.
    Mobile,
    /// A number for work that is neither mobile nor for anything but talking.
    WorkVoice,
}

const fn field(
    name: &'static str,
    label: &'static str,
    (property, component): (&'static str, Option<usize>),
) -> Field {
    Field {
        name,
        label,
        kind: || FieldKind::Text,
        role: None,
        property,
        component,
        lines: Lines::Any,
    }
}

const fn for_work(field: Field) -> Field {
    Field {
        lines: Lines::Work,
        ..field
    }
}

const fn playing(field: Field, role: fn() -> FieldRole) -> Field {
    Field {
        role: Some(role),
        ..field
    }
}

const fn telephone(field: Field, lines: Lines) -> Field {
    Field {
        kind: || FieldKind::Phone,
        lines,
        ..field
    }
}

/// Every field that is described, in the order in which a new card is written.
pub(crate) static FIELDS: [Field; 17] = [
    playing(field(FULL_NAME, "Full name", ("FN", None)), || {
        FieldRole::DisplayName
    }),
    playing(field("family_name", "Family name", ("N", Some(0))), || {
        FieldRole::FamilyName
    }),
    playing(field("given_name", "Given name", ("N", Some(1))), || {
        FieldRole::GivenName
    }),
    field("middle_name", "Middle name", ("N", Some(2))),
    Field {
        kind: || FieldKind::Email,
        role: Some(|| FieldRole::Email),
        lines: Lines::WorkOrUnsaid,
        ..field(EMAIL, "Email", ("EMAIL", None))
    },
    playing(
        telephone(
            field("mobile_phone", "Mobile phone", ("TEL", None)),
            Lines::Mobile,
        ),
        || FieldRole::Phone,
    ),
    telephone(
        field("work_phone", "Work phone", ("TEL", None)),
        Lines::WorkVoice,
    ),
    playing(field("company", "Company", ("ORG", Some(0))), || {
        FieldRole::Company
    }),
    field("department", "Department", ("ORG", Some(1))),
    field("job_title", "Job title", ("TITLE", None)),
    for_work(field("office", "Office", ("ADR", Some(1)))),
    for_work(field("street", "Street", ("ADR", Some(2)))),
    for_work(field("city", "City", ("ADR", Some(3)))),
    for_work(field("state", "State", ("ADR", Some(4)))),
    for_work(field("postal_code", "Postal code", ("ADR", Some(5)))),
    for_work(field("country", "Country", ("ADR", Some(6)))),
    playing(field("group", "Group", ("X-ENTRA-GROUP", None)), || {
        FieldRole::Group
    }),
];

impl Field {
    /// The field of a name; `None` for that of a custom one.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    fn description(&self) -> FieldDescription {
        FieldDescription {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            kind: (self.kind)(),
            mandatory: self.name == FULL_NAME,
            max_length: None,
            role: self.role.map(|role| role()),
        }
    }

    /// The place of the line that the field is in: the first of those that fit best.
    pub(crate) fn place(&self, card: &Card) -> Option<usize> {
        let lines = card.all(self.property);
        let ranked = lines.filter_map(|(place, line)| Some((self.rank(line)?, place)));
        ranked.min().map(|(_, place)| place)
    }

    /// How well a line fits, 0 best; `None` where the field is never in it.
    fn rank(&self, line: &Line) -> Option<u8> {
        let is = |kind: &str| line.is_of_type(kind);
        match self.lines {
            Lines::Any => Some(0),
            Lines::WorkOrUnsaid if is("WORK") => Some(0),
            Lines::WorkOrUnsaid => (!is("HOME")).then_some(1),
            Lines::Work => is("WORK").then_some(0),
            Lines::Mobile => (is("CELL") && !is("HOME")).then_some(0),
            Lines::WorkVoice => {
                let is_other = ["CELL", "FAX", "PAGER", "MODEM", "VIDEO", "TEXTPHONE"];
                (is("WORK") && !other_types(line, &is_other)).then_some(0)
            }
        }
    }

    /// What stands before the colon of a new line.
    pub(crate) fn head(&self, card: &Card) -> String {
        let is_only = card.all(self.property).next().is_none();
        let types = match (self.lines, card.version()) {
            (Lines::Any, _) => "",
            (Lines::WorkOrUnsaid, Version::V3) if is_only => ";TYPE=INTERNET,WORK,PREF",
            (Lines::WorkOrUnsaid, Version::V4) if is_only => ";TYPE=work;PREF=1",
            (Lines::WorkOrUnsaid, Version::V3) => ";TYPE=INTERNET,WORK",
            (Lines::Mobile, Version::V3) => ";TYPE=CELL",
            (Lines::Mobile, Version::V4) => ";TYPE=cell",
            (_, Version::V3) => ";TYPE=WORK",
            (_, Version::V4) => ";TYPE=work",
        };
        format!("{}{types}", self.property)
    }

    /// Components of the property, the empty ones included (RFC 6350, sections 6.2.2, 6.3.1 and 6.6.4).
    pub(crate) fn components(&self) -> usize {
        match self.property {
            "N" => 5,
            "ADR" => 7,
            _ => 1,
        }
    }
}

fn other_types(line: &Line, types: &[&str]) -> bool {
    types.iter().any(|kind| line.is_of_type(kind))
}

/// The fields, for whoever maps to them.
pub(crate) fn descriptions() -> Vec<FieldDescription> {
    FIELDS.iter().map(Field::description).collect()
}

/// The name of the property for a custom field of this label: for people who look at the card. What the field is
/// called, the label says.
pub(crate) fn custom_property(label: &str) -> String {
    let mut name = String::from("X");
    let words = label.split(|character: char| !character.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        name.push('-');
        name.push_str(&word.to_ascii_uppercase());
    }
    if name.len() < 3 || name.starts_with("X-ENTRA-") {
        name = "X-FIELD".to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_name_of_its_own_and_one_is_the_match_key() {
        let mut names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
        let described = descriptions();
        let keys = described
            .iter()
            .filter(|field| matches!(field.role, Some(FieldRole::Email)));
        let keys: Vec<_> = keys.map(|field| &*field.name).collect();
        assert_eq!(keys, [EMAIL]);
        let mandatory = described.iter().filter(|field| field.mandatory);
        assert_eq!(mandatory.count(), 1);
    }

    #[test]
    fn a_custom_field_is_a_property_that_people_recognise() {
        for (label, property) in [
            ("Cost centre", "X-COST-CENTRE"),
            ("costCentre", "X-COSTCENTRE"),
            ("  a_b  ", "X-A-B"),
            ("Größe", "X-GR-E"),
            ("社員番号", "X-FIELD"),
            ("entra object id", "X-FIELD"),
        ] {
            assert_eq!(custom_property(label), property, "{label}");
        }
    }
}
