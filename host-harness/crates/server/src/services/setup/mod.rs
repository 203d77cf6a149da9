//! The first two steps of a set-up: each is a form that is checked, saved and tried out.

pub(crate) mod connection_form;
pub(crate) mod connection_test;
pub(crate) mod destination;
pub(crate) mod examine;
mod form_problems;
mod held;
pub(crate) mod mapping_form;
pub(crate) mod proposal;
pub(crate) mod provision;
pub(crate) mod save_connection;
pub(crate) mod save_mapping;
pub(crate) mod secret_view;
pub(crate) mod tested;
