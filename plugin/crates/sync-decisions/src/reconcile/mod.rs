//! What to do about one person: pure functions of values.
//!
//! `correlate` finds the contact that belongs to a directory user, `merge` settles the fields the
//! two have in common, one by one in `settle`, `membership` the lists, `activity` reads who made
//! a contact inactive, `finding` is what asking for one user has shown, `decide` puts policies on top, `guest` says whether somebody is invited, `mark`
//! tells of whom there is nothing to decide,
//! `breaker` judges what a whole run would take away, `digest` names a set of changes, `approval`
//! recognises one, `account` tells what a run did to each part of a contact, and `invert` takes that
//! back. No function here does I/O, reads a clock or draws a random number, so the same directory,
//! store and configuration always give the same plan.

pub mod account;
pub mod activity;
pub mod approval;
pub mod asking;
pub mod breaker;
pub mod correlate;
pub mod decide;
pub mod decision;
pub mod digest;
pub mod edited;
pub mod finding;
pub mod given_back;
pub mod guest;
pub mod invert;
pub mod mark;
mod membership;
pub mod merge;
#[cfg(test)]
mod property_tests;
pub mod reason;
mod settle;
mod siphash;
mod skip_preview;
#[cfg(any(test, feature = "testing"))]
pub mod test_samples;
