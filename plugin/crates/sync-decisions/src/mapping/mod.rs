//! What mapping makes of a directory's users: people in the words of the store.
//!
//! How the users of one directory become such people is that directory's business. Two rules hold for
//! all of them:
//!
//! * *Absent is not null.* What a page leaves out becomes [`Stated::Unstated`](person::Stated), and
//!   a value that stands on something left out becomes [`Stated::Assumed`](person::Stated); neither
//!   can change a linked contact.
//! * *A poisoned record hurts only itself.* A value that cannot be used makes the person
//!   [`Invalid`](person::Invalid) with a code, and nothing fails.

pub mod person;
pub mod rows;
mod stated;
