//! People behind numbers, and contacts.

pub(crate) mod contacts;
pub(crate) mod not_synced;
pub(crate) mod person;
pub(crate) mod planned;
pub(crate) mod skip;
