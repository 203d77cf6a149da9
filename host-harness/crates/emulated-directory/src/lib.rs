//! The people of an emulated tenant: drawn from a seed or stated, and how they change while the emulator
//! runs. No request and no answer is known here, only what requests are about.
//!
//! * [`synthetic`]: a company of any size as a function of its seed, so that memory does not grow with it;
//! * [`directory`]: the base, an overlay of what was changed, and the log behind delta queries;
//! * [`groups`]: who is on which list, what else can be on one, and how that changes;
//! * [`properties`]: the schema of a user, and what a `$filter` may do with each property;
//! * [`writing`]: what a request may write of it;
//! * [`roles`]: who has a role in the directory, and whom that puts out of reach;
//! * [`period`]: from one moment to another, as a filter asks for it;
//! * [`subject`]: one user, wherever it comes from.

pub mod change_log;
pub mod directory;
mod edits;
mod error;
pub mod group_properties;
pub mod groups;
pub mod member;
pub mod moments;
pub mod period;
pub mod properties;
pub mod record;
pub mod rng;
pub mod roles;
pub mod subject;
pub mod synthetic;
pub mod writing;

pub use directory::{ChangeError, Directory};
pub use member::Member;
pub use record::Record;
pub use subject::Subject;
pub use synthetic::Company;
