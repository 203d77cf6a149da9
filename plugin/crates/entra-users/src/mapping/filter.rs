//! The filter: who is in scope.
//!
//! Every clause must hold. Values are compared as people read them, see [`folded`]: without regard to
//! case, surrounding white space and what is not seen; an id as the UUID that it is, an address as
//! addresses are compared everywhere. A collection equals a value where any of its elements does.
//!
//! A clause about an attribute that the page leaves out is tried as if the attribute were empty,
//! because a change feed leaves out what was never set. Where it fails for that reason alone, the
//! verdict says so: it keeps somebody new out, and is no evidence against a linked contact. Neither are
//! licenses and plans that cannot be read: somebody may have what is asked for, and may have what is not
//! wanted.
//!
//! A clause about an attribute that only users have says nothing about organisational contacts: they pass it.

use std::borrow::Cow;

use contact_identity::text::{folded, reads_the_same};
use contact_identity::{ObjectId, address};
use sync_core::mapping::person::{Asked, Scope};

use crate::user::{Selection, User};

use super::catalogue::{Attribute, Content, Kind};
use super::slot::{Occurrence, Slot, UnexpectedShape};

/// Who is in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In the document's order. None: everybody is in scope.
    pub clauses: Vec<Clause>,
}

/// A condition on one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The attribute.
    pub attribute: &'static Attribute,
    /// What is asked of it.
    pub test: Test,
}

/// What a clause asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The attribute equals one of these.
    AnyOf(Vec<Comparand>),
    /// The attribute equals none of these. An empty one equals none.
    NoneOf(Vec<Comparand>),
    /// The attribute is filled, or is not.
    Exists(bool),
}

/// A value to compare with, in the form in which values of its attribute are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comparand {
    text: String,
    form: Form,
}

/// When two values of an attribute are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Text,
    Uuid,
    Address,
}

impl Form {
    fn of(attribute: &Attribute) -> Self {
        match attribute.content {
            _ if holds_uuids(attribute) => Self::Uuid,
            Content::Address => Self::Address,
            Content::General | Content::Phone | Content::Free => Self::Text,
        }
    }

    fn canonical(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Text => folded(value),
            Self::Uuid => ObjectId::canonical(value),
            Self::Address => address::comparable(value),
        }
    }
}

/// Whether the values of an attribute are UUIDs: the id of a user or a manager, of licenses, of plans.
#[must_use]
pub fn holds_uuids(attribute: &Attribute) -> bool {
    ["id", "manager/id"].contains(&attribute.name) || attribute.kind == Kind::Assignments
}

impl Comparand {
    /// Takes a value of an attribute as the document writes it.
    #[must_use]
    pub fn new(attribute: &Attribute, value: &str) -> Self {
        let form = Form::of(attribute);
        // What is pasted has other characters in it than are seen, whatever it is.
        let text = match form {
            Form::Uuid => form.canonical(&folded(value)).into_owned(),
            Form::Text | Form::Address => form.canonical(value).into_owned(),
        };
        Self { text, form }
    }

    fn is(&self, value: &str) -> bool {
        match self.form {
            Form::Text => reads_the_same(value, &self.text),
            form => value == self.text || form.canonical(value) == self.text,
        }
    }

    /// The value in the form in which values are compared, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Clause {
    fn asked(&self) -> Asked {
        match (self.attribute.kind, &self.test) {
            (Kind::Assignments, Test::AnyOf(_) | Test::Exists(true)) => Asked::License,
            _ => Asked::Value,
        }
    }
}

/// Booleans that Entra leaves empty for most people, and what an empty one amounts to
/// (<https://learn.microsoft.com/graph/api/resources/user>). The filter takes an empty one for what it
/// is: neither `true` nor `false`.
const MOSTLY_EMPTY: [(&str, bool); 3] = [
    ("isManagementRestricted", false),
    ("onPremisesSyncEnabled", false),
    ("showInAddressList", true),
];

impl Filter {
    /// Of each clause that an empty boolean passes or fails against what was probably meant: the
    /// attribute, and a sentence that says what to write instead.
    #[must_use]
    pub fn surprises(&self) -> Vec<(&'static Attribute, String)> {
        let surprise = |clause: &Clause| {
            Some((
                clause.attribute,
                clause.test.surprise(clause.attribute.name)?,
            ))
        };
        self.clauses.iter().filter_map(surprise).collect()
    }
}

/// A filter whose attributes are resolved to positions.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    clauses: Vec<(Slot, Clause)>,
}

impl Gate {
    pub(super) fn new<'a>(
        clauses: impl IntoIterator<Item = &'a Clause>,
        selection: &Selection,
    ) -> Self {
        Self {
            clauses: clauses
                .into_iter()
                // What people of a kind do not have keeps nobody of them out.
                .filter_map(|clause| Some((Slot::of(clause.attribute, selection)?, clause.clone())))
                .collect(),
        }
    }

    /// The verdict on one user: the first clause that fails on what the page states, else the first
    /// that fails at all. The second value says whether an attribute had an unexpected shape.
    pub(super) fn verdict(&self, user: &User<'_>) -> (Scope, bool) {
        let mut unstated = None;
        let mut misshapen = false;
        for (slot, clause) in &self.clauses {
            let occurrence = clause.test.occurrence(slot, user).unwrap_or_else(|_| {
                misshapen = true;
                Occurrence::Unstated
            });
            if clause.test.holds(occurrence) {
                continue;
            }
            if matches!(occurrence, Occurrence::Found | Occurrence::NotFound) {
                return (outside(clause, true), misshapen);
            }
            unstated.get_or_insert(clause);
        }
        let scope = unstated.map_or(Scope::Inside, |clause| outside(clause, false));
        (scope, misshapen)
    }
}

impl Test {
    fn surprise(&self, name: &str) -> Option<String> {
        let (_, means) = MOSTLY_EMPTY.iter().find(|(known, _)| *known == name)?;
        let names = |values: &[Comparand], word: bool| {
            let word = word.to_string();
            values.iter().any(|value| value.as_str() == word)
        };
        let is_empty = format!(
            "`{name}` is empty for everybody for whom it was never set, which amounts to {means}"
        );
        match self {
            Self::AnyOf(values) if names(values, *means) && names(values, !means) => Some(format!(
                "{is_empty}, and the filter leaves all of them out. Leave {name} out of `filters` to \
                 take everybody."
            )),
            Self::AnyOf(values) if names(values, *means) => Some(format!(
                "{is_empty}, and the filter leaves all of them out: it takes only those for whom {means} \
                 was set. Write {{\"not\": {}}} to take the others, too.",
                !means
            )),
            Self::NoneOf(values) if names(values, *means) && !names(values, !means) => {
                Some(format!(
                    "{is_empty}, and the filter takes all of them: it leaves out only those for whom {means} \
                 was set. Write {} to take only those for whom that was set.",
                    !means
                ))
            }
            Self::AnyOf(_) | Self::NoneOf(_) | Self::Exists(_) => None,
        }
    }

    fn occurrence(&self, slot: &Slot, user: &User<'_>) -> Result<Occurrence, UnexpectedShape> {
        match self {
            Self::AnyOf(values) | Self::NoneOf(values) => {
                slot.any(user, |text| values.iter().any(|value| value.is(text)))
            }
            Self::Exists(_) => slot.any(user, |_| true),
        }
    }

    fn holds(&self, occurrence: Occurrence) -> bool {
        let found = occurrence == Occurrence::Found;
        match self {
            Self::AnyOf(_) | Self::Exists(true) => found,
            // What cannot be read may be what is not wanted.
            Self::NoneOf(_) | Self::Exists(false) => !found && occurrence != Occurrence::Unknown,
        }
    }
}

fn outside(clause: &Clause, stated: bool) -> Scope {
    Scope::Outside {
        clause: clause.attribute.name.to_owned(),
        stated,
        asked: clause.asked(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::catalogue::{self, ATTRIBUTES};

    fn surprise(name: &str, test: Test) -> Option<String> {
        let attribute = catalogue::find(name).unwrap();
        let filter = Filter {
            clauses: vec![Clause { attribute, test }],
        };
        let surprises = filter.surprises().into_iter();
        surprises.map(|(_, sentence)| sentence).next()
    }

    fn of(words: &[&str]) -> Vec<Comparand> {
        let boolean = catalogue::find("accountEnabled").unwrap();
        let value = |word: &&str| Comparand::new(boolean, word);
        words.iter().map(value).collect()
    }

    #[test]
    fn an_id_is_compared_as_the_uuid_that_it_is_and_an_address_as_addresses_are() {
        const ID: &str = "abcdef00-0000-4000-8000-000000000304";
        for (name, stated, written, same) in [
            ("id", ID, "{ABCDEF00-0000-4000-8000-000000000304}", true),
            ("id", ID, "abcdef00000040008000000000000304", true),
            (
                "id",
                ID,
                "urn:uuid:abcdef00-0000-4000-8000-000000000304",
                true,
            ),
            (
                "id",
                ID,
                " ABCDEF00-0000-4000-8000-00000000030\u{ff14} ",
                true,
            ),
            ("id", ID, "abcdef00-0000-4000-8000-000000000305", false),
            (
                "mail",
                "kim@bücher.example",
                "Kim@xn--bcher-kva.example",
                true,
            ),
            (
                "otherMails",
                "kim@xn--bcher-kva.example",
                "kim@bücher.example",
                true,
            ),
            ("mail", "kim@bücher.example", "tim@bücher.example", false),
            ("department", "Sales", " SALES", true),
        ] {
            let attribute = catalogue::find(name).unwrap();
            let comparand = Comparand::new(attribute, written);
            assert_eq!(comparand.is(stated), same, "{name} {written}");
        }
    }

    #[test]
    fn a_filter_that_an_empty_boolean_defeats_is_told_with_what_to_write_instead() {
        for (name, test, instead) in [
            (
                "showInAddressList",
                Test::AnyOf(of(&["true"])),
                r#"{"not": false}"#,
            ),
            (
                "showInAddressList",
                Test::NoneOf(of(&["true"])),
                "Write false",
            ),
            (
                "showInAddressList",
                Test::AnyOf(of(&["false", "true"])),
                "out of `filters`",
            ),
            (
                "onPremisesSyncEnabled",
                Test::AnyOf(of(&["false"])),
                r#"{"not": true}"#,
            ),
            (
                "onPremisesSyncEnabled",
                Test::NoneOf(of(&["false"])),
                "Write true",
            ),
        ] {
            let sentence = surprise(name, test).unwrap();
            assert!(sentence.contains(instead), "{sentence}");
            assert!(sentence.contains(name), "{sentence}");
        }
    }

    #[test]
    fn a_filter_that_says_what_an_empty_boolean_amounts_to_is_no_surprise() {
        for (name, test) in [
            ("showInAddressList", Test::NoneOf(of(&["false"]))),
            ("showInAddressList", Test::AnyOf(of(&["false"]))),
            ("showInAddressList", Test::Exists(true)),
            ("onPremisesSyncEnabled", Test::AnyOf(of(&["true"]))),
            ("onPremisesSyncEnabled", Test::NoneOf(of(&["true"]))),
            ("accountEnabled", Test::AnyOf(of(&["true"]))),
        ] {
            assert_eq!(surprise(name, test.clone()), None, "{name} {test:?}");
        }
    }

    #[test]
    fn of_every_boolean_it_is_known_whether_entra_leaves_it_empty() {
        let booleans = ATTRIBUTES
            .iter()
            .filter(|known| known.kind == Kind::Boolean);
        for attribute in booleans {
            let mostly_empty = MOSTLY_EMPTY.iter().any(|(name, _)| *name == attribute.name);
            assert!(
                mostly_empty || attribute.name == "accountEnabled",
                "{}",
                attribute.name
            );
        }
    }
}
