//! However an identity is spelt, it is the same person.
//!
//! Directories, people and programs write one and the same identifier in more than one way: an
//! object id in capitals, an address with a character that nobody sees, a department in three
//! cases, a telephone number with the marks that a telephone book puts around it. This crate holds
//! the one form of each in which identities are kept and compared. The connector and its host use
//! it at every door, so that no two of them can come to different conclusions.
//!
//! * [`ObjectId`]: a user of the directory.
//! * [`address`]: what a contact holds, and what is compared.
//! * [`form`]: how values of fields are read, compared and handed over.
//! * [`list`]: when two names are one list.
//! * [`telephone`]: what is a number, and how it is written.
//! * [`text`]: texts compared as people read them.
//!
//! Everything is pure, total and idempotent, and borrows where the input is canonical already, which
//! nearly every input is.
//!
//! ```
//! use contact_identity::{ObjectId, address, list, telephone};
//!
//! let pasted = ObjectId::parse(" {ABCDEF00-0000-4000-8000-00000000ABCD} ")?;
//! assert_eq!(pasted.as_str(), "abcdef00-0000-4000-8000-00000000abcd");
//! assert_eq!(address::comparable("Kim\u{200b}@Contoso.Example"), "kim@contoso.example");
//! assert_eq!(list::comparable("ÉTUDES"), list::comparable(" études"));
//! assert_eq!(
//!     telephone::canonical("\u{202a}+44 7700 900123\u{202c}").as_deref(),
//!     Some("+44 7700 900123"),
//! );
//! assert_eq!(telephone::canonical("n/a"), None);
//! # Ok::<(), contact_identity::ObjectIdError>(())
//! ```

pub mod address;
mod case;
mod characters;
pub mod form;
pub mod list;
mod nfc;
mod object_id;
mod punycode;
pub mod telephone;
pub mod text;

pub use object_id::{LONGEST_OBJECT_ID, ObjectId, ObjectIdError};
