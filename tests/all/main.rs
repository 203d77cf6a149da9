//! Whole-system tests, in one binary because each links all of wasmtime.

#[path = "../../plugin/crates/destination-carddav/tests/address_book/servers/mod.rs"]
#[allow(
    dead_code,
    reason = "the destination's own tests do more in an address book"
)]
mod address_books;
mod bad_input;
mod browser;
mod cases;
mod certificates;
mod commands;
mod composition;
mod configuration;
mod configured_groups;
mod conformance;
mod contacts;
mod contract;
mod disconnect;
mod edited;
mod emulator;
mod graph_troubles;
mod groups;
mod guests;
mod histories;
mod hosts;
mod laws;
mod node;
mod notifications;
mod null_storm;
mod older_component;
mod plain_host;
mod presets;
mod python;
mod runtime;
mod server;
mod trust;
mod two_way;
mod two_way_undo;
mod updates;
mod world;
