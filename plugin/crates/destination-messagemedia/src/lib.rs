//! MessageMedia (Sinch Engage) as a destination: its Contacts API, by the documents at
//! <https://github.com/messagemedia/sinchengage-developer> (`docs/api/contacts`, `spec`; read at 826b310).
//!
//! A contact there is somebody who can be sent messages: it has a mobile number, or it cannot be made. It has no
//! mail address, so that one is a custom field, which cannot be searched by. `fullName` cannot be written, so the
//! display name is a custom field, too. What each field is there, the README of this crate says.
//!
//! **What is not documented is not relied on.** Whether an array in an update replaces the one that is there, how a
//! value is emptied, how a filter names several ids: each answer of the service is looked at, the first way that
//! works is remembered for the call, and a way that does nothing is told as a refusal. Nobody's contact is made or
//! altered to find it out.
//!
//! **An opt-out is never undone.** No request states `SUBSCRIBED`. A channel is stated only where its number changes,
//! and then everybody who had opted out is stated so, the new number of such a person included. A contact that is
//! deactivated leaves its lists, and its subscription is left alone.
//!
//! **What this service cannot promise:** nothing keeps another writer out between the look at a contact and the
//! write of it (no `ETag`, no `If-Match`), so a change of somebody else in that moment is overwritten unseen; pages
//! may lag behind for seconds, so a contact that is on none of them is asked for by its id.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod client;
#[cfg(target_family = "wasm")]
mod component;
mod creating;
mod field_book;
mod fields;
mod lists;
mod making;
mod messagemedia;
mod number;
mod patching;
mod reading;
mod record;
mod refusal;
mod settings;
mod target;
mod wire;
mod writing;

#[cfg(test)]
mod tests;

pub use messagemedia::MessageMedia;
pub use settings::{Region, Server, ServerError};
pub use target::{Settings, describe};
