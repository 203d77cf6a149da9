//! Telephone numbers in E.164: by which country somebody's are read, and what of them a field takes.
//!
//! A number that does not say its country is one of the country in which the person uses the services
//! (`usageLocation`, <https://learn.microsoft.com/graph/api/resources/user>), else of the configured one. What the
//! gate of [`phone_numbers`] refuses is no value for the field, and has the refusal's code.
//!
//! A page of changes may state the number without the country, or the country without the number. Then what the
//! number is stays open where it hangs on what is left out.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use contact_identity::telephone;
use phone_numbers::{Country, Refusal, is_international, read};
use sync_core::mapping::person::Stated;
use sync_core::mapping::rows::{Purpose, Row};

use crate::user::{Selection, User};

use super::catalogue;
use super::rows::{Mapping, USAGE_LOCATION};
use super::slot::{Occurrence, Slot, UnexpectedShape};

/// Whether numbers can be brought into E.164.
pub const IN_E164: bool = true;

/// Whether numbers can be read by the plan of a country, given by its two letters (ISO 3166-1).
#[must_use]
pub fn is_country(code: &str) -> bool {
    Country::of_code(code).is_some()
}

/// Where a number comes from, and what it is for.
#[derive(Clone, Debug)]
pub(super) struct NumberSource {
    /// The attribute. None where people of this kind have no such attribute; states nothing.
    slot: Option<Slot>,
    /// The person's country. None where people of this kind have none.
    country: Option<Slot>,
    /// The configured country.
    fallback: Option<Country>,
    /// Messages are sent to the number.
    is_channel: bool,
}

/// What a page says of a number.
pub(super) struct Reading {
    /// The value, or the code of what is wrong with it.
    pub(super) stated: Result<Stated, &'static str>,
    /// The page leaves out what it hangs on.
    pub(super) is_open: bool,
}

impl Reading {
    fn sure(stated: Stated) -> Self {
        Self {
            stated: Ok(stated),
            is_open: false,
        }
    }
}

/// What a page says of somebody's country.
#[derive(Clone, Copy)]
enum Home {
    /// Its numbering plan; none where it has none of its own.
    Told(Option<Country>),
    /// That there is none.
    Nowhere,
    /// Nothing.
    Untold,
}

/// What one text of an attribute is.
enum Outcome {
    Number(String),
    Refused(Refusal),
}

impl NumberSource {
    pub(super) fn of(row: &Row, mapping: &Mapping, selection: &Selection) -> Self {
        let slot = |name| Slot::of(catalogue::find(name)?, selection);
        Self {
            slot: slot(row.attribute),
            country: slot(USAGE_LOCATION),
            fallback: mapping.country.as_deref().and_then(Country::of_code),
            is_channel: row.purpose == Purpose::Channel,
        }
    }

    /// Of several numbers in a collection, the first that is a value; where none is, the first that was refused tells
    /// why. `changes`: the page states what has changed, and leaves out what is as it was.
    pub(super) fn read(&self, user: &User<'_>, changes: bool) -> Result<Reading, UnexpectedShape> {
        let Some(slot) = &self.slot else {
            return Ok(Reading::sure(Stated::Unstated));
        };
        let home = self.home(user);
        let outcome = RefCell::new(None);
        let is_assumed = Cell::new(false);
        let occurrence = slot.any(user, |text| {
            if telephone::canonical(text).is_none() {
                return false;
            }
            let (country, assumes) = match home {
                Home::Told(country) => (country, false),
                Home::Nowhere => (self.fallback, false),
                Home::Untold => (self.fallback, !is_international(text)),
            };
            let found = self.outcome(text, country);
            let is_number = matches!(found, Outcome::Number(_));
            if is_number || outcome.borrow().is_none() {
                is_assumed.set(assumes);
                outcome.replace(Some(found));
            }
            is_number
        })?;
        Ok(match outcome.into_inner() {
            Some(Outcome::Number(number)) if is_assumed.get() => {
                Reading::sure(Stated::Assumed(number))
            }
            Some(Outcome::Number(number)) => Reading::sure(Stated::Value(number)),
            Some(Outcome::Refused(refusal)) => Reading {
                stated: Err(refusal.code()),
                is_open: is_assumed.get(),
            },
            None if occurrence == Occurrence::NotFound => Reading::sure(Stated::Empty),
            // A number that is not stated anew is another one in another country.
            None => Reading {
                is_open: changes && self.country.is_some() && !matches!(home, Home::Untold),
                ..Reading::sure(Stated::Unstated)
            },
        })
    }

    fn home(&self, user: &User<'_>) -> Home {
        let Some(slot) = &self.country else {
            return Home::Nowhere;
        };
        let country = Cell::new(None);
        let told = slot.any(user, |code| {
            country.set(Country::of_code(code));
            true
        });
        match told {
            Ok(Occurrence::Unstated) => Home::Untold,
            Ok(Occurrence::NotFound) => Home::Nowhere,
            Ok(_) | Err(UnexpectedShape) => Home::Told(country.get()),
        }
    }

    /// The number as the field holds it.
    fn outcome(&self, text: &str, country: Option<Country>) -> Outcome {
        let number = match read(text, country) {
            Ok(number) => number,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        if self.is_channel {
            match number.takes_messages() {
                Ok(()) => Outcome::Number(number.e164),
                Err(refusal) => Outcome::Refused(refusal),
            }
        } else if number.extension.is_some() {
            let written = telephone::canonical(text);
            Outcome::Number(written.map_or(number.e164, Cow::into_owned))
        } else {
            Outcome::Number(number.e164)
        }
    }
}
