//! A destination's store, natively: what a component would export, as the traits of a host.
//!
//! A host that is written in Rust and trusts its destination needs no component of it. And whoever writes a
//! destination tests it with the suite that every store passes (`suite`, with the feature of that name).

mod from_host;
#[cfg(feature = "suite")]
pub mod suite;
mod threaded;
mod to_host;

pub use threaded::DestinationStore;
