//! A server that speaks SCIM 2.0 (RFC 7643, RFC 7644) as a destination: its users are contacts, its groups are lists.
//!
//! The standard leaves much open, and servers leave out more. So **nothing is relied on that was not seen**: what a
//! server says of itself is asked for, where it says anything; what its answers show decides how the next request is
//! put; and what was found out is remembered for the call. Nobody is made or altered to find it out.
//!
//! **What an answer claims is looked at.** Servers exist that answer a filter with everybody, send the first page for
//! every page, or take a change and do not make it. A user is only taken for the one who was asked for where the user
//! is that one, a page only for the next where it is another, and a write only for done where the value is there.
//!
//! **Whose user it is stands in `externalId`**, in a form that no other program writes. Entra's own provisioning puts
//! the mail nickname or the object id there, bare: such a user, and one with any other text, belongs to whoever wrote
//! it, and is not written (`managed-elsewhere`).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod change;
mod client;
#[cfg(target_family = "wasm")]
mod component;
mod creating;
mod deleting;
mod fields;
mod groups;
mod members;
mod paging;
mod probing;
mod reading;
mod refusal;
mod resource;
mod scim;
mod target;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tie;
mod writing;

#[cfg(test)]
mod tests;

pub use scim::Scim;
pub use target::{Settings, SignIn, describe};
