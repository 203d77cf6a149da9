//! Subscriptions to changes, and the notifications that follow from them
//! (<https://learn.microsoft.com/graph/change-notifications-overview>).
//!
//! * `terms`: what an application may subscribe to, and how it is refused;
//! * `book`: the subscriptions of the tenant, and what was sent;
//! * `requests`: `/subscriptions` over HTTP;
//! * `notices`: what a change of the directory leads to, as values;
//! * `endpoint`: the listener at the other end, over HTTP;
//! * `delivery`: sending, and sending again.

mod book;
pub(super) mod delivery;
pub(super) mod endpoint;
mod notices;
pub(super) mod requests;
mod terms;

pub(super) use book::Book;
pub use book::{DeliveryRecord, LifecycleEvent, LifecycleRefused};
