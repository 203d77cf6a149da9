//! One workspace's connection, as every edge of this program works with it: the commands and the
//! server open it, hold it, call it and record what came of it in the same way.

mod configure;
mod directory;
mod opened;
pub(crate) mod plans;
mod slices;
mod way_out;
mod words;

pub(crate) use self::configure::configure;
pub(crate) use self::directory::{AtWork, DataDirectory, Working};
pub(crate) use self::opened::Opened;
pub(crate) use self::slices::{Step, StepError, now_ms, step};
pub(crate) use self::way_out::{explain_call, explain_checks, explain_run, remark};
pub(crate) use self::words::in_words;
