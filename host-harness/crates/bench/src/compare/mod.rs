//! The commands of this host, in turns with the script that one would write instead of a connector.
//!
//! The script is JavaScript (`tests/compare/sync.mjs`): Microsoft's own client, better-sqlite3 and one flat
//! table. It and the commands are processes, which read the same emulated directory over TLS, and what is
//! measured is the whole process, from its start to its end. The commands do the real thing: a store that has
//! flushed what it has taken, with links, lists, journal and state.
//!
//! The emulator runs in this process. It waits before each answer as long as one says: a real directory is
//! somewhere else.

mod child;
mod course;
mod findings;
mod script;
mod workspace;

pub use self::child::ProcessCost;
pub use self::course::Compare;
pub use self::findings::{Comparison, ComparisonRound, Ratios};
pub use self::script::ScriptError;
