//! The floors: what the first full sync costs without a connector.
//!
//! Both write the people of a synced database, a transaction a page of 999, into tables that stay as they are
//! while the store's own change. [`flat`] is what somebody would write in an afternoon. [`sorted`] is the
//! cheapest schema that was found, of two dozen that were measured, to keep what a sync must keep. Neither
//! waits for the disk at each commit, as better-sqlite3 by itself does not: the store, which promises that what
//! it has taken is on the disk, pays for that alone.

mod flat;
mod measured;
mod sorted;
mod tables;

pub(super) use self::measured::{fetch, flat, sorted};
