//! What a component asks for, as JSON that an operator reads and keeps.

use std::collections::BTreeSet;

use connector_contract::Description;
use inspection::{Claims, Inspection, Need};
use serde::{Deserialize, Serialize};

/// The schema of the manifest (JSON Schema 2020-12), which lies beside it.
pub const SCHEMA: &str = include_str!("../schema/permission-manifest.schema.json");

/// How the schema is called where it lies beside a manifest.
pub(crate) const SCHEMA_FILE: &str = "permission-manifest.schema.json";

/// The form that this is.
const FORM: u32 = 1;

/// What a component asks for. The same document is what an operator allows: the manifest of the version that was
/// approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermissionManifest {
    #[serde(rename = "$schema", default = "schema_file")]
    schema: String,
    manifest_version: u32,
    /// Of which component this is said.
    pub component: Component,
    /// The interfaces that it imports, with their versions; sorted.
    pub imports: BTreeSet<String>,
    /// The hosts that it reaches, of every cloud; sorted.
    pub hosts: Vec<Host>,
    /// The application permissions of Microsoft Graph; sorted by name.
    pub permissions: Vec<Permission>,
    /// What one call of it may use.
    pub limits: Limits,
}

/// A component, as its manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the contract for which it was built.
    pub contract: String,
    /// The world of the contract that it has.
    pub world: String,
}

/// A host that is reached, over https.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub host: String,
    /// The clouds of which it is; a workspace reaches those of its own.
    pub clouds: BTreeSet<String>,
}

/// A permission of Microsoft Graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Permission {
    /// The application permission.
    pub name: String,
    /// Whether every configuration needs it; else `why` says which does.
    pub always: bool,
    /// In the component's words.
    pub why: String,
}

/// What one call may use at most, under which the component was tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Linear memory.
    pub memory_bytes: u64,
    /// From instantiation to answer.
    pub call_seconds: u64,
    /// Of these, computing.
    pub cpu_seconds: u64,
    /// Requests sent.
    pub requests: u64,
    /// The body of one answer.
    pub answer_bytes: u64,
    /// What the store is made to keep.
    pub changes_bytes: u64,
    /// The part of it that is state.
    pub state_bytes: u64,
    /// What a plan is made to keep.
    pub plan_bytes: u64,
    /// Secrets and keys asked for and used.
    pub secret_uses: u64,
}

/// Why a text is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum InvalidManifest {
    /// Not the JSON of one.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Of a form that is not known here.
    #[error("it is of form {0}, and this host knows {FORM}")]
    Form(u32),
}

fn schema_file() -> String {
    SCHEMA_FILE.to_owned()
}

impl PermissionManifest {
    /// What a component that was looked at and described itself asks for.
    #[must_use]
    pub fn of(inspection: &Inspection, description: &Description, limits: Limits) -> Self {
        let claims = Claims::of(description);
        let hosts = claims.hosts.into_iter();
        let permissions = claims.permissions.into_iter();
        Self {
            schema: schema_file(),
            manifest_version: FORM,
            component: Component {
                name: claims.name,
                version: claims.version,
                contract: inspection.contract.clone(),
                world: inspection.world.clone(),
            },
            imports: inspection.imports.values().flatten().cloned().collect(),
            hosts: hosts.map(|(host, clouds)| Host { host, clouds }).collect(),
            permissions: permissions
                .map(|(name, need)| Permission {
                    name,
                    always: !need.optional,
                    why: need.why,
                })
                .collect(),
            limits,
        }
    }

    /// What it says, as the component itself would say it.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let hosts = self.hosts.iter();
        let permissions = self.permissions.iter().map(|permission| {
            let need = Need {
                optional: !permission.always,
                why: permission.why.clone(),
            };
            (permission.name.clone(), need)
        });
        Claims {
            name: self.component.name.clone(),
            version: self.component.version.clone(),
            hosts: hosts
                .map(|host| (host.host.clone(), host.clouds.clone()))
                .collect(),
            permissions: permissions.collect(),
            attributes: None,
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// See [`InvalidManifest`].
    pub fn read(json: &[u8]) -> Result<Self, InvalidManifest> {
        let manifest: Self = serde_json::from_slice(json)?;
        if manifest.manifest_version != FORM {
            return Err(InvalidManifest::Form(manifest.manifest_version));
        }
        Ok(manifest)
    }

    /// In lines, for people.
    #[must_use]
    pub fn pretty(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// In one line.
    pub(crate) fn compact(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(crate) fn manifest() -> PermissionManifest {
        PermissionManifest {
            schema: schema_file(),
            manifest_version: FORM,
            component: Component {
                name: "A connector".to_owned(),
                version: "0.1.0".to_owned(),
                contract: "0.2.0".to_owned(),
                world: "guest".to_owned(),
            },
            imports: ["wasi:io/poll@0.2.6", "contact-sync:connector/state@0.2.0"]
                .map(str::to_owned)
                .into(),
            hosts: vec![host("graph.microsoft.com", &["global"])],
            permissions: vec![
                permission("Group.Read.All", false),
                permission("User.Read.All", true),
            ],
            limits: Limits {
                memory_bytes: 64 << 20,
                call_seconds: 900,
                cpu_seconds: 300,
                requests: 1_000_000,
                answer_bytes: 64 << 20,
                changes_bytes: 4 << 30,
                state_bytes: 512 << 20,
                plan_bytes: 1 << 30,
                secret_uses: 200,
            },
        }
    }

    pub(crate) fn host(name: &str, clouds: &[&str]) -> Host {
        Host {
            host: name.to_owned(),
            clouds: clouds.iter().map(|&cloud| cloud.to_owned()).collect(),
        }
    }

    pub(crate) fn permission(name: &str, always: bool) -> Permission {
        Permission {
            name: name.to_owned(),
            always,
            why: "reads people".to_owned(),
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_nothing_else_is() {
        let manifest = manifest();
        for json in [manifest.pretty(), manifest.compact()] {
            assert_eq!(PermissionManifest::read(&json).unwrap(), manifest);
        }
        let mut other: Value = serde_json::from_slice(&manifest.compact()).unwrap();
        other["manifestVersion"] = json!(2);
        let error = PermissionManifest::read(other.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "it is of form 2, and this host knows 1");
        other["manifestVersion"] = json!(1);
        other["sudo"] = json!(true);
        let error = PermissionManifest::read(other.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains("sudo"), "{error}");
    }

    #[test]
    fn the_schema_takes_a_manifest_and_refuses_what_the_reader_refuses() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let good: Value = serde_json::from_slice(&manifest().pretty()).unwrap();
        schema.validate(&good).unwrap();
        for (pointer, value) in [
            ("/manifestVersion", json!(2)),
            ("/component/version", json!(1)),
            ("/imports/0", json!({})),
            ("/hosts/0/host", json!(null)),
            ("/hosts/0/clouds", json!("global")),
            ("/permissions/0/always", json!("yes")),
            ("/limits/memoryBytes", json!(-1)),
            ("/limits", json!({})),
            ("/component", json!({ "name": "alone" })),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            assert!(!schema.is_valid(&bad), "{pointer}");
            assert!(
                PermissionManifest::read(bad.to_string().as_bytes()).is_err(),
                "{pointer}"
            );
        }
        for key in ["component", "hosts", "imports", "limits", "permissions"] {
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().remove(key);
            assert!(!schema.is_valid(&bad), "{key}");
            assert!(PermissionManifest::read(bad.to_string().as_bytes()).is_err());
            let mut more = good.clone();
            let place = more.pointer_mut(&format!("/{key}")).unwrap();
            if let Some(object) = place.as_object_mut() {
                object.insert("sudo".to_owned(), json!(true));
                assert!(!schema.is_valid(&more), "{key}");
            }
        }
    }
}
