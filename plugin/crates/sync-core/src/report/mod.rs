//! What people are told of runs: the overview, and the story of one person.

pub mod explain;
mod given_story;
mod moment;
pub mod overview;
pub mod provenance;
mod story;
pub mod wording;
