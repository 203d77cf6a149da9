//! A wasmtime host for the Entra ID contact connector: the stand-in for a platform.

pub mod component;
pub mod contract;
pub mod runtime;
