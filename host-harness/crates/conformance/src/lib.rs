//! Tries a host with the conformance component.
//!
//! [`Addresses`] are the servers that the component asks, and the document that names them, for this host or for
//! another one. [`try_host`] makes the calls, in the order in which a host makes those of a connector, and gives
//! the [`Report`]; [`try_stop`] and [`try_lost_lease`] are the two that need somebody beside the component.
//!
//! This crate runs on what `sync-runner` opens, so that what is tried is the way on which a connector runs.

mod addresses;
mod calls;
mod scenarios;

pub use self::addresses::{Addresses, SECRET_NAME, SECRET_VALUE};
pub use self::calls::{NotTried, Tried, try_host};
pub use self::scenarios::{try_lost_lease, try_stop};
pub use host_promises::report::Report;
