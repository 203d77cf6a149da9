//! Microsoft Entra ID as a directory that contacts are kept in step with.
//!
//! [`graph`] is what is asked of Microsoft and everything that it can answer; [`entra_users`] turns its users
//! into people in the words of the store; [`tenant`] knows which tenant answers, and [`credential_expiry`] how long the
//! application can go on signing in; [`subscriptions`] lets it tell of changes by itself. [`directory`] brings them
//! together behind the trait that a sync reads through, [`writer`] behind the one that it writes through, and [`inviter`] behind
//! the one by which guests come in.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod connection;
pub mod credential_expiry;
pub mod directory;
pub mod graph;
pub mod inviter;
pub mod subscriptions;
pub mod tenant;
pub mod writer;
