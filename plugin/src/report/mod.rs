//! What runs leave behind for people: their records, who could not be written, the overview, and the
//! story of one person.

pub mod explain;
pub mod ledger;
mod moment;
pub mod overview;
pub mod provenance;
pub mod run;
mod story;
pub mod wording;
