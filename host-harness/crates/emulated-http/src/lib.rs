//! A request as an emulated service sees it, and what it answers: plain values, so that a request from
//! within another one takes the same way as one from the wire. No socket and no service is known here.
//!
//! * [`Call`] and [`Reply`]: a request and its answer;
//! * [`Query`]: the query string, and forms, which are written alike;
//! * [`is_loopback_root`]: whether an address is one of this machine.

mod exchange;
mod loopback;
pub mod query;

pub use exchange::{Call, Reply};
pub use loopback::is_loopback_root;
pub use query::Query;
