//! One workspace's connection, as every edge of this program works with it: the commands and the
//! server open it, hold it and call it in the same way.

mod configure;
mod directory;
pub mod grant;
mod opened;
pub mod plans;
mod slices;
mod way_out;
mod words;

pub use self::configure::configure;
pub use self::directory::{AtWork, DataDirectory, Working};
pub use self::opened::Opened;
pub use self::slices::{Step, now_ms, step};
pub use self::way_out::{explain_call, explain_checks, explain_run, remark};
pub use self::words::in_words;
