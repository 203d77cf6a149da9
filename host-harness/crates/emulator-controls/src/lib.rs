//! What the emulators of services have in common beside the service itself.
//!
//! * [`interface`]: what is changed under a client's feet, over HTTP under `/emulator`: a list of operations, and
//!   how a request that is none of them is refused.
//! * [`faults`]: what goes wrong on demand, for which requests and how often.
//! * [`bounds`]: what a number, a method or a header may be that somebody hands in. Nothing is taken and then not
//!   done, or done as something else.
//! * [`command`]: a program that says where it listens, and serves until it is interrupted.

pub mod bounds;
pub mod command;
pub mod faults;
pub mod interface;
