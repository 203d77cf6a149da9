//! Who somebody is that a plan only skips.
//!
//! An administrator who reads "3 people lack a mandatory field" wants to know who. So the entry of
//! somebody who would become a contact, were it not for what a person can put right, shows what the
//! directory gave. Whom nobody wanted as a contact, out of scope or disabled, leaves nothing here:
//! a plan is no place to collect people in, and they are most of some directories.

use guest_kit::ordered;

use crate::effects::FieldChange;
use crate::mapping::person::{Person, Stated};

use super::correlate::Correlation;
use super::decide::Rules;
use super::reason::Reason;

impl Rules<'_> {
    /// What the entry of a skipped person shows, ordered by field: each mapped value, and each
    /// mandatory field that lacks one without a value. Nothing where the reason is that nobody wants
    /// the person, or that their contact stays as it is.
    #[must_use]
    pub fn skip_preview(
        &self,
        person: &Person,
        correlation: Correlation<'_>,
        reason: Reason,
    ) -> Vec<FieldChange> {
        let is_wanted = matches!(
            reason,
            Reason::MissingMandatory
                | Reason::AddressExists
                | Reason::FormerlyLinked
                | Reason::AddressAmbiguous
                | Reason::NotWritten
        );
        if !is_wanted {
            return Vec::new();
        }
        let here = |field: &str| match correlation {
            Correlation::Matching(contact)
            | Correlation::Former(contact)
            | Correlation::Linked(contact) => contact.field(field),
            Correlation::Ambiguous | Correlation::Nobody => None,
        };
        let mut fields: Vec<_> = self
            .rows
            .iter()
            .zip(&person.fields)
            .filter_map(|(row, stated)| {
                let value = Stated::value_for_new(stated);
                let is_lacking = row.mandatory && value.is_none() && here(&row.field).is_none();
                (value.is_some() || is_lacking).then(|| FieldChange {
                    field: row.field.clone(),
                    before: None,
                    after: value.map(str::to_owned),
                })
            })
            .collect();
        ordered::sort(&mut fields);
        fields
    }
}

#[cfg(test)]
mod tests;
