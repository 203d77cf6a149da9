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

/// The people, to which everybody is subscribed.
pub const USERS: &str = "users";

/// The groups, for whoever reads them, too.
pub const GROUPS: &str = "groups";
