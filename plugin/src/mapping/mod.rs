//! From directory attributes to contact fields.
//!
//! One idea: whatever can be worked out from the configuration is worked out once, in
//! [`Reader::new`]; then each user of a page becomes an [`Item`](person::Item) without a look at
//! the document, the store or the clock. The same user gives the same item wherever it is read.
//!
//! Two rules hold throughout:
//!
//! * *Absent is not null.* What a page leaves out becomes [`Stated::Unstated`](person::Stated), and
//!   a value that stands on something left out becomes [`Stated::Assumed`](person::Stated); neither
//!   can change a linked contact.
//! * *A poisoned record hurts only itself.* A value that cannot be used makes the person
//!   [`Invalid`](person::Invalid) with a code, and nothing fails.

mod address;
pub mod catalogue;
pub mod filter;
pub mod person;
mod reader;
pub mod rows;
pub mod sample;
mod slot;
mod stated;
pub mod synonyms;
mod text;
mod user_name;

#[cfg(test)]
mod tests;

pub use address::of_user_principal_name;
pub use reader::Reader;
pub(crate) use text::exceeds;
