//! One workspace's connection, as every edge of this program works with it: the commands and the
//! server open it, hold it and call it in the same way.

mod configure;
pub mod conflicts;
mod destination;
mod directory;
mod dispatch;
pub mod grant;
mod messages;
mod network_hints;
mod open_workspace;
pub mod plans;
mod slices;

pub use self::configure::configure;
pub use self::destination::ChosenDestination;
pub use self::directory::{DataDirectory, DirectoryLock, DirectoryLocked};
pub use self::dispatch::{Dispatcher, Worker};
pub use self::messages::in_words;
pub use self::network_hints::{
    explain_call, explain_checks, explain_run, is_network_failure, remark,
};
pub use self::open_workspace::OpenWorkspace;
pub use self::slices::{Step, now_ms, step};
