//! From directory attributes to contact fields.
//!
//! One idea: whatever can be worked out from the configuration is worked out once, in
//! [`Reader::new`]; then each user of a page becomes an [`Item`](sync_core::mapping::person::Item) without a look at
//! the document, the store or the clock. The same user gives the same item wherever it is read.
//!
//! Two rules hold throughout:
//!
//! * *Absent is not null.* What a page leaves out becomes [`Stated::Unstated`](sync_core::mapping::person::Stated), and
//!   a value that stands on something left out becomes [`Stated::Assumed`](sync_core::mapping::person::Stated); neither
//!   can change a linked contact.
//! * *A poisoned record hurts only itself.* A value that cannot be used makes the person
//!   [`Invalid`](sync_core::mapping::person::Invalid) with a code, and nothing fails.

mod address;
pub mod catalogue;
pub mod filter;
#[cfg_attr(not(feature = "e164"), path = "numbers_as_written.rs")]
pub mod numbers;
mod reader;
pub mod rows;
pub mod sample;
mod slot;
pub mod synonyms;
mod text;
mod user_name;
pub mod writing;

pub use address::of_user_principal_name;
pub use reader::Reader;
pub use text::exceeds;
