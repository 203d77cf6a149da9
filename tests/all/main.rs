//! Whole-system tests, in one binary because each links all of wasmtime.

mod contract;
mod laws;
mod null_storm;
mod runtime;
mod world;
