//! What a workspace can be asked to do for longer: begun, executed, and put on record.

pub(crate) mod begin;
mod execute;
mod execution;
pub(crate) mod job;
pub(crate) mod notified;
mod outcome;
mod planning;
mod slices;
