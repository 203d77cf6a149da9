//! The records on SQLite: one file, `server.db`, beside the folders of the workspaces.

mod audit;
mod audit_chain;
mod audit_key;
mod consents;
mod database;
mod errors;
mod installation;
mod jobs;
mod rows;
mod secrets;
mod sessions;
mod settings;
mod submissions;
#[cfg(test)]
mod tests;
mod transaction;
mod workspaces;

pub use self::audit_key::AuditKeyError;
pub use self::database::{ServerDb, ServerDbError};
