//! Order, in little code.
//!
//! The standard library's sort, its trees and its hash tables are fast at any size, and are compiled once
//! more for every type: 7 kB in the component for each type that is sorted, 3 to 5 kB for each that is kept
//! in a tree, 2 to 3 kB in a table. What is kept here is short, or is not looked at for every person of a
//! directory.

mod map;
mod positions;
mod set;
mod sort;

pub use map::Map;
pub use positions::Positions;
pub use set::Set;
pub use sort::{sort, sort_by};
