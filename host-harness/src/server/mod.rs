//! A platform's face to the connector: pages, an HTTP API, a scheduler and secrets kept safe.

mod books;
pub(crate) mod views;
