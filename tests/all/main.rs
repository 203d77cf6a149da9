//! Whole-system tests, in one binary because each links all of wasmtime.

mod bad_input;
mod browser;
mod cases;
mod certificates;
mod commands;
mod composition;
mod configuration;
mod configured_groups;
mod contract;
mod disconnect;
mod emulator;
mod graph_troubles;
mod groups;
mod histories;
mod hosts;
mod laws;
mod node;
mod notifications;
mod null_storm;
mod older_component;
mod presets;
mod python;
mod runtime;
mod server;
mod trust;
mod world;
