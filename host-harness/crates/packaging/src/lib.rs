//! A component as a marketplace wants it.
//!
//! [`package()`] makes of a component, and of what is known about it, the files that are given away: the component
//! with its [`Metadata`] in it, what it asks for ([`PermissionManifest`]), what is linked into it (an SBOM), how it
//! was made (provenance), the contract, and all of it once more as an OCI image layout. They are a function of their
//! inputs: the same inputs are the same bytes, but for signatures, each of which has a random number in it.
//!
//! Whoever is given such a file reads it without running it: [`read`] finds metadata and manifest in it, and
//! [`PermissionManifest::beyond`] says what it asks for beyond what an operator allows.

mod beyond;
mod layout;
mod linked;
mod manifest;
mod metadata;
pub mod oci;
mod package;
mod provenance;
mod sbom;
mod sections;
mod wit;

pub use beyond::Beyond;
pub use linked::{Linked, NotListed, linked};
pub use manifest::{
    Component, Host, InvalidManifest, Limits, Permission, PermissionManifest, SCHEMA,
};
pub use metadata::Metadata;
pub use package::{File, Release, manifest_digest, package};
pub use sections::{NotReadable, Stamped, read, stamp};

/// The name of the component's file in a package.
pub const COMPONENT_FILE: &str = "entra_connector.wasm";

/// The folder of a package in which the OCI image layout is.
pub const LAYOUT_FOLDER: &str = "oci";

/// What a file's name gets for that of its signature.
pub const SIGNATURE_SUFFIX: &str = ".sig";
