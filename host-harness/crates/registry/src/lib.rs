//! Components in a registry.
//!
//! The protocol is that of opencontainers/distribution-spec 1.1, and what is kept is what [`packaging::oci`] makes, so
//! that `wkg` and other tools find it, too. [`Client::push`] gives a package's image layout to a registry, and
//! [`Client::pull`] takes a component from one: by its digest, which is compared with what came before anything is
//! made of it. Whoever is told a tag gets what the registry says it is, and is told its digest, to ask for that the
//! next time.
//!
//! How requests are sent is not decided here: see [`Transport`].

mod authorization;
mod client;
mod error;
mod pull;
mod push;
mod reference;
mod referrers;
#[cfg(test)]
mod tests;
mod transport;

pub use client::Client;
pub use error::RegistryError;
pub use pull::Pulled;
pub use push::{Layout, Pushed};
pub use reference::{InvalidReference, Reference, Target};
pub use transport::{Credentials, Transport};
