//! What a run leaves behind for people: its record, and the overview made of records and numbers.

pub mod overview;
pub mod run;
