//! Microsoft Graph.

pub mod user;
