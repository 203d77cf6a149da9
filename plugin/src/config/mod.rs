//! The configuration document: its model, its validation, presets, JSON Schema and fingerprint.

pub mod settings;
