//! The schemas of earlier versions, as files have them that were written by those.

use rusqlite::Transaction;

use crate::errors::DatabaseError;
use crate::one_form;

/// The last version of these.
pub(crate) const LAST: usize = 5;

/// What made each version of the one before. A published file is never edited.
pub(crate) const STEPS: [&str; LAST] = [
    include_str!("0001_initial.sql"),
    include_str!("0002_trust.sql"),
    include_str!("0003_people_behind_numbers.sql"),
    include_str!("0004_one_form.sql"),
    include_str!("0005_people_who_are_not_synced.sql"),
];

/// The version that brought identities into one form, which SQL alone cannot.
const ONE_FORM: usize = 4;

/// Brings the tables of a version to those of the last one.
pub(crate) fn bring(transaction: &Transaction<'_>, version: usize) -> Result<(), DatabaseError> {
    for (number, step) in (1..).zip(STEPS).skip(version) {
        transaction.execute_batch(step)?;
        if number == ONE_FORM {
            one_form::bring(transaction)?;
        }
    }
    Ok(())
}
