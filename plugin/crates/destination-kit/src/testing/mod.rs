//! A service and a ledger in memory, which misbehave and die as they are told to.

mod ledger;
mod life;
mod service;
mod trouble;

pub use ledger::MemoryLedger;
pub use life::{Dice, Life, TestClock};
pub use service::{MemoryService, Profile};
pub use trouble::Trouble;
