//! How the server bears many workspaces, and a large one.
//!
//! Many: all workspaces are due at once, because the clock jumps; what is measured is the time until the
//! last one is done, first with everything to do and then with nothing. To be compared with the same on one
//! processor, one workspace at a time, divided by the processors. Large: the overview is asked for again and
//! again while everybody is read anew. Told: the directory of all workspaces changes, and tells each of them; what
//! is measured is the time until the contact has changed.

mod browser;
mod course;
mod disk;
mod many;
mod options;
mod overview;
mod set_up;
mod told;

pub use self::course::ServerFindings;
pub use self::many::{Many, Unchanged};
pub use self::options::ServerBench;
pub use self::overview::Overview;
pub use self::told::Told;
