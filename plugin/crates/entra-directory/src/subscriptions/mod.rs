//! Being told of changes by the directory itself.
//!
//! * [`kept`]: which subscriptions there are, as the state keeps it;
//! * [`upkeep`]: what is due, and doing it;
//! * [`inbox`]: what arrives, judged: pure functions.
//!
//! Notifications are a hint. Whatever becomes of them, a round reads the changes itself.

pub mod inbox;
pub mod kept;
pub mod upkeep;

/// What is subscribed to.
pub const RESOURCES: [&str; 1] = ["users"];
