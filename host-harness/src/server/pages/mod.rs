//! HTML, drawn from the views and from nothing else: pure functions without a clock or a database.
//!
//! Everything works without script; script only keeps the page fresh and tells times in the viewer's zone.
//! There is no inline script or style, because the content security policy forbids both: lengths of bars
//! are SVG attributes.

mod activity;
mod assets;
mod blocked;
mod connect;
mod history;
mod layout;
mod mapping;
mod overview;
mod parts;
mod people;
mod review;
mod sign_in;
#[cfg(test)]
mod tests;

pub(super) use self::activity::{activity, ledger};
pub(super) use self::assets::asset;
pub(super) use self::blocked::{blocked, disconnect};
pub(super) use self::connect::connect;
pub(super) use self::layout::failure;
pub(super) use self::mapping::mapping;
pub(super) use self::overview::{overview, overview_live};
pub(super) use self::people::{contacts, people};
pub(super) use self::review::review;
pub(super) use self::sign_in::{sign_in, sign_in_confirm};
