//! Whole-system tests, in one binary because each links all of wasmtime.

mod bad_input;
mod commands;
mod configuration;
mod contract;
mod emulator;
mod laws;
mod null_storm;
mod runtime;
mod world;
