//! The users of Microsoft Entra ID.
//!
//! [`page`] reads what Microsoft Graph states about them, without a request and without a copy, and
//! [`mapping`] says what that means for contacts; [`permission`] knows what an application needs to read it.
//! All of this works once for every user, and is a crate of its own so that it can be compiled for speed in
//! a component that is compiled for size.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod element;
pub mod mapping;
pub mod page;
pub mod permission;
pub mod user;
