//! Measures the connector, in ways that cannot flatter it.
//!
//! | module | measures |
//! |---|---|
//! | [`first_sync`] | syncs of a large directory in this process, and the two floors under the first of them |
//! | [`compare`] | the commands, in turns with the script that one would write instead of the connector |
//! | [`writes`] | edits of contacts on their way into the directory, beside the bare requests |
//! | [`server`] | the server, with many workspaces that are due at once, and with a large one |
//!
//! Three things hold for all of them. What is compared is measured side by side, in one run, since the times
//! of two machines, or of two days, say nothing of each other. The other side does not change when the
//! connector does. And beside each time stands what it was spent on ([`Cost`]): rounds that waited for a
//! processor do not count ([`Rounds`]).
//!
//! The library measures and prints nothing. Some of what it measures are commands: whoever calls it names the
//! program that has them.

pub mod compare;
mod cost;
mod directory;
pub mod first_sync;
mod proc;
mod rounds;
pub mod server;
mod targets;
mod tell;
pub mod writes;

pub use self::cost::Cost;
pub use self::rounds::{MOST_WAITING, Round, Rounds};
pub use self::targets::Target;
pub use self::tell::Tell;
