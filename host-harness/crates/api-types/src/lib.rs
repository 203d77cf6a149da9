//! What this program publishes: plain data, with no handle and no secret in it.
//!
//! * [`shapes`]: the JSON of the commands, which the server stores and tells, too.
//! * [`views`]: what the server tells, as JSON in its API and drawn as HTML in its pages.
//! * [`spreadsheet`]: cells of CSV files.
//!
//! A key that is here is one that somebody's script relies on.

mod by_name;
pub mod shapes;
pub mod spreadsheet;
pub mod views;
