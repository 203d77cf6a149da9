//! Telephone numbers, in a component that is built without the world's numbering plans: each stays as it is written.

use sync_core::mapping::person::Stated;
use sync_core::mapping::rows::Row;

use crate::user::{Selection, User};

use super::catalogue;
use super::rows::Mapping;
use super::slot::{Slot, UnexpectedShape};

/// Whether numbers can be brought into E.164.
pub const IN_E164: bool = false;

/// Whether numbers can be read by the plan of a country.
#[must_use]
pub fn is_country(_code: &str) -> bool {
    false
}

/// Where a number comes from.
#[derive(Clone, Debug)]
pub(super) struct NumberSource(Option<Slot>);

/// What a page says of a number.
pub(super) struct Reading {
    /// The value, or the code of what is wrong with it.
    pub(super) stated: Result<Stated, &'static str>,
    /// The page leaves out what it hangs on.
    pub(super) is_open: bool,
}

impl NumberSource {
    pub(super) fn of(row: &Row, _mapping: &Mapping, selection: &Selection) -> Self {
        let slot = catalogue::find(row.attribute);
        let slot = slot.and_then(|attribute| Slot::of(attribute, selection));
        Self(slot.map(|slot| slot.read_as(row.form())))
    }

    pub(super) fn read(&self, user: &User<'_>, _changes: bool) -> Result<Reading, UnexpectedShape> {
        let stated = match &self.0 {
            Some(slot) => slot.read(user)?,
            None => Stated::Unstated,
        };
        Ok(Reading {
            stated: Ok(stated),
            is_open: false,
        })
    }
}
