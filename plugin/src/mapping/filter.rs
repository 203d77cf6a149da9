//! The filter: who is in scope.
//!
//! Every clause must hold. Values are compared without regard to case and surrounding white space;
//! a collection equals a value where any of its elements does.
//!
//! A clause about an attribute that the page leaves out is tried as if the attribute were empty,
//! because a change feed leaves out what was never set. Where it fails for that reason alone, the
//! verdict says so: it keeps somebody new out, and is no evidence against a linked contact.

use crate::graph::user::{Selection, User};

use super::catalogue::Attribute;
use super::person::Scope;
use super::slot::{Occurrence, Slot, UnexpectedShape};
use super::text::{equals_folded, folded};

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

/// A value to compare with, in the form in which values are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comparand(String);

impl Comparand {
    /// Takes a value as the document writes it.
    #[must_use]
    pub fn new(value: &str) -> Self {
        Self(folded(value))
    }

    /// The value in lower case, without surrounding white space.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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
                .map(|clause| (Slot::new(clause.attribute, selection), clause.clone()))
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
            if occurrence != Occurrence::Unstated {
                return (outside(clause, true), misshapen);
            }
            unstated.get_or_insert(clause);
        }
        let scope = unstated.map_or(Scope::Inside, |clause| outside(clause, false));
        (scope, misshapen)
    }
}

impl Test {
    fn occurrence(&self, slot: &Slot, user: &User<'_>) -> Result<Occurrence, UnexpectedShape> {
        match self {
            Self::AnyOf(values) | Self::NoneOf(values) => slot.any(user, |text| {
                values.iter().any(|value| equals_folded(text, &value.0))
            }),
            Self::Exists(_) => slot.any(user, |_| true),
        }
    }

    fn holds(&self, occurrence: Occurrence) -> bool {
        let found = occurrence == Occurrence::Found;
        match self {
            Self::AnyOf(_) | Self::Exists(true) => found,
            Self::NoneOf(_) | Self::Exists(false) => !found,
        }
    }
}

fn outside(clause: &Clause, stated: bool) -> Scope {
    Scope::Outside {
        clause: clause.attribute.name.to_owned(),
        stated,
    }
}
