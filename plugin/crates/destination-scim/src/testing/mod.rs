//! A SCIM server in this process, with a switch for each thing that servers differ in. For the tests of this crate, and
//! of whoever tries its destination further.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that it misunderstands has to fail"
)]

mod behaviour;
mod described;
mod patching;
mod server;

pub use behaviour::{Behaviour, Filters, Patching, TakingOut};
pub use server::{Answer, Asked, Server};
