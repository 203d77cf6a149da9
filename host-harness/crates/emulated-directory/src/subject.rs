//! One user as requests see it: a record, or a person drawn on the spot.

use std::borrow::Cow;

use serde_json::Value;

pub use crate::member::USER_TYPE;
use crate::properties::MANAGER;
use crate::record::Record;
use crate::synthetic::{Field, Person};

/// The annotation that states a type.
pub const TYPE: &str = "@odata.type";

/// A user.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'d> {
    /// Listed in a file, added or edited.
    Stated(&'d Record),
    /// Of a generated company.
    Drawn(Person<'d>),
}

impl<'d> Subject<'d> {
    /// The value of a property; `None` where it is not set.
    pub fn value(&self, name: &str) -> Option<Cow<'d, Value>> {
        match self {
            Self::Stated(record) => record
                .get(name)
                .filter(|value| !value.is_null())
                .map(Cow::Borrowed),
            Self::Drawn(person) => {
                let mut text = Vec::with_capacity(64);
                if !person.write(Field::named(name)?, &mut text) {
                    return None;
                }
                serde_json::from_slice(&text).ok().map(Cow::Owned)
            }
        }
    }

    /// Everything that is set.
    pub fn to_record(self) -> Record {
        match self {
            Self::Stated(record) => record.clone(),
            Self::Drawn(person) => person.record(),
        }
    }

    /// The object id of the manager, where one is known.
    pub fn manager(&self) -> Option<Cow<'d, str>> {
        match self {
            Self::Stated(record) => record.get(MANAGER)?.get("id")?.as_str().map(Cow::Borrowed),
            Self::Drawn(person) => person.manager().map(Cow::Owned),
        }
    }

    /// The type of one that is more than a user, such as the account of an agent; the service states
    /// it wherever it shows one.
    pub fn derived_type(&self) -> Option<&'d str> {
        match self {
            Self::Stated(record) => record.get(TYPE)?.as_str().filter(|kind| *kind != USER_TYPE),
            Self::Drawn(_) => None,
        }
    }
}
