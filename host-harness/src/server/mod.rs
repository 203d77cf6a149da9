//! A platform's face to the connector: pages, an HTTP API, a scheduler and secrets kept safe.

pub(crate) mod views;
