//! The destination against address books: two that answer in this process as Radicale and Xandikos were seen to, and
//! those two servers themselves, as they are published.

mod crashes;
mod creating;
mod discovery;
mod histories;
mod lists;
mod office;
#[path = "../../../../../tests/all/python.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "it is written for the whole-system tests, which need more of it"
)]
mod python;
mod servers;
mod suite;
mod world;
mod writing;
