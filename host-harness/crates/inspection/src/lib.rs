//! What a component is, needs and would be allowed, before it is let into a workspace.
//!
//! An [`Inspection`] is made of what a runtime knows of a component that it has loaded and not run: its bytes, and
//! the names of its imports and exports. What it says of itself ([`Claims`]) comes from its `describe`, which is
//! code of the component, so whoever does not want to run it leaves that out. [`differences`] tells whoever has to
//! approve an update what is new about it.

mod class;
mod differences;

use std::collections::{BTreeMap, BTreeSet};

use connector_contract::Description;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use self::class::Class;
pub use self::differences::{Differences, differences};

/// The interface by which a connector is known.
const CONNECTOR: &str = "contact-sync:connector/connector";

/// What is known of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// In bytes.
    pub size: usize,
    /// SHA-256 over the file, in hexadecimal.
    pub sha256: String,
    /// The version of the contract for which it was built.
    pub contract: String,
    /// The world of the contract that it has.
    pub world: String,
    /// What it imports, by what that gives it.
    pub imports: BTreeMap<Class, BTreeSet<String>>,
    /// What it exports.
    pub exports: BTreeSet<String>,
    /// What it says of itself; nothing where it was neither run nor packaged with it.
    #[serde(flatten)]
    pub claims: Option<Claims>,
}

/// What a component says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The hosts that it wants to reach, with their clouds.
    pub hosts: BTreeMap<String, BTreeSet<String>>,
    /// The permissions that the application needs in the tenant; whether it does without.
    pub permissions: BTreeMap<String, Need>,
    /// How many attributes it can map; nothing where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<usize>,
}

/// Whether a permission is needed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// The component works without it, with less.
    pub optional: bool,
    /// In the component's words.
    pub why: String,
}

impl Inspection {
    /// What can be known of a component without running it.
    #[must_use]
    pub fn of(bytes: &[u8], imports: &[String], exports: &[String]) -> Self {
        let digest = Sha256::digest(bytes);
        let mut by_class: BTreeMap<Class, BTreeSet<String>> = BTreeMap::new();
        for import in imports {
            let class = by_class.entry(Class::of(import)).or_default();
            class.insert(import.clone());
        }
        let contract = exports
            .iter()
            .find_map(|export| export.strip_prefix(CONNECTOR)?.strip_prefix('@'));
        let is_notified = exports
            .iter()
            .any(|export| export.starts_with("contact-sync:connector/notify@"));
        Self {
            size: bytes.len(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            contract: contract.unwrap_or_default().to_owned(),
            world: if is_notified {
                "notified-guest"
            } else {
                "guest"
            }
            .to_owned(),
            imports: by_class,
            exports: exports.iter().cloned().collect(),
            claims: None,
        }
    }

    /// With what the component says of itself.
    #[must_use]
    pub fn claiming(self, claims: Claims) -> Self {
        Self {
            claims: Some(claims),
            ..self
        }
    }
}

impl Claims {
    /// What a description says.
    #[must_use]
    pub fn of(description: &Description) -> Self {
        let mut hosts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for endpoint in &description.endpoints {
            let clouds = hosts.entry(endpoint.host.clone()).or_default();
            clouds.insert(endpoint.cloud.clone());
        }
        let permissions = description.permissions.iter().map(|permission| {
            let need = Need {
                optional: permission.optional,
                why: permission.why.clone(),
            };
            (permission.name.clone(), need)
        });
        Self {
            name: description.name.clone(),
            version: description.version.clone(),
            hosts,
            permissions: permissions.collect(),
            attributes: Some(description.attributes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_is_known_without_running_it_is_digest_contract_world_and_imports_by_class() {
        let imports = names(&[
            "contact-sync:connector/state@0.2.0",
            "wasi:http/types@0.2.4",
        ]);
        let exports = names(&[
            "contact-sync:connector/connector@0.2.0",
            "contact-sync:connector/trust@0.2.0",
        ]);
        let inspected = Inspection::of(b"abc", &imports, &exports);
        assert_eq!(inspected.size, 3);
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            inspected.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            (&*inspected.contract, &*inspected.world),
            ("0.2.0", "guest")
        );
        assert_eq!(inspected.imports[&Class::Contract].len(), 1);
        assert_eq!(inspected.imports[&Class::Http].len(), 1);
        assert_eq!(inspected.claims, None);
    }

    #[test]
    fn a_component_that_can_be_told_of_changes_has_the_wider_world() {
        let exports = names(&[
            "contact-sync:connector/connector@0.2.3",
            "contact-sync:connector/notify@0.2.3",
        ]);
        let inspected = Inspection::of(b"", &[], &exports);
        assert_eq!(
            (&*inspected.contract, &*inspected.world),
            ("0.2.3", "notified-guest")
        );
    }
}
