//! Telephone numbers as people type them, in E.164, or refused with a reason that a person understands.
//!
//! Directories hold what somebody has typed: grouped for the eye, with a trunk zero, a label, an extension, two numbers
//! in one field. Messaging products take E.164 alone
//! (<https://www.itu.int/rec/T-REC-E.164>), and a text that is taken for the wrong number is a message to a stranger. So
//! [`read`] is a gate: what a numbering plan does not know, and what can be read in two ways, is refused.
//!
//! 1. What is not seen goes, digits of any script become ASCII digits
//!    ([`contact_identity::telephone::canonical`]).
//! 2. Of several numbers that are clearly set apart, the first counts.
//! 3. A number that is written internationally is what it says. Any other one needs a country.
//! 4. It must be a number that the plan of its country has given out. To be *possible*, to have the right length, is
//!    not enough.
//! 5. Where the text has no `+`, or more than digits and their grouping, it must also be the one number that a reader of
//!    running text finds in it. Without that, `030 23125123 Fax` is a valid number of somebody else in Germany, where
//!    numbers have no fixed length and letters are digits of a keypad.
//!
//! The plans are those of Google's libphonenumber, in the crate `rlibphonenumber`, which is pinned: another version of it
//! is another state of the world's numbers.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod country;
mod gate;
mod number;
mod plans;
mod refusal;
mod typed;

pub use country::Country;
pub use gate::{is_international, read};
pub use number::{Kind, Number};
pub use refusal::{Refusal, Renumbering};
