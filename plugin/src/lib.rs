//! Keeps a host platform's contacts in step with a Microsoft Entra ID directory.

pub mod config;
pub mod contact;
pub mod engine;
pub mod graph;
pub mod mapping;
pub mod ports;
pub mod reconcile;
pub mod report;
