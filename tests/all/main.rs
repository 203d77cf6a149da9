//! Whole-system tests, in one binary because each links all of wasmtime.

mod contract;
mod graph_troubles;
mod laws;
mod presets;
mod runtime;
mod world;
