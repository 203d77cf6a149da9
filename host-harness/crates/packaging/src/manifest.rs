//! What a component asks for, as JSON that an operator reads and keeps.

use std::collections::BTreeSet;
use std::fmt;

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

/// Something that a component asks for beyond what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Another component.
    Another {
        /// What is allowed.
        allowed: String,
        /// What asks.
        found: String,
    },
    /// An interface.
    Import(String),
    /// A host.
    Host(String),
    /// A permission.
    Permission(String),
    /// A permission without which it no longer works.
    Always(String),
    /// More of what one call may use.
    Limit {
        /// Which, as the manifest names it.
        limit: &'static str,
        /// What is allowed.
        allowed: u64,
        /// What is asked for.
        found: u64,
    },
}

impl fmt::Display for Beyond {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Another { allowed, found } => {
                write!(formatter, "it is {found}, and {allowed} is allowed")
            }
            Self::Import(import) => write!(formatter, "it imports {import}"),
            Self::Host(host) => write!(formatter, "it reaches {host}"),
            Self::Permission(name) => write!(formatter, "it asks for {name}"),
            Self::Always(name) => write!(formatter, "it does not work without {name}"),
            Self::Limit {
                limit,
                allowed,
                found,
            } => write!(
                formatter,
                "its {limit} is {found}, and {allowed} is allowed"
            ),
        }
    }
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

    /// What this asks for beyond what is allowed; nothing where all of it is. Versions of an interface are compatible
    /// within a contract, and of WASI they follow the compiler: they are not compared.
    #[must_use]
    pub fn beyond(&self, allowed: &Self) -> Vec<Beyond> {
        let mut beyond = Vec::new();
        if self.component.name != allowed.component.name {
            beyond.push(Beyond::Another {
                allowed: allowed.component.name.clone(),
                found: self.component.name.clone(),
            });
        }
        beyond.extend(allowed.untold_imports(&self.imports));
        beyond.extend(self.hosts.iter().flat_map(|host| host.beyond(allowed)));
        let permissions = self.permissions.iter();
        beyond.extend(permissions.filter_map(|permission| permission.beyond(allowed)));
        beyond.extend(self.limits.beyond(&allowed.limits));
        beyond
    }

    /// The interfaces among these that it does not tell of.
    #[must_use]
    pub fn untold_imports<'i>(&self, imports: impl IntoIterator<Item = &'i String>) -> Vec<Beyond> {
        let told: BTreeSet<_> = self.imports.iter().map(|name| unversioned(name)).collect();
        let imports = imports.into_iter();
        imports
            .filter(|import| !told.contains(unversioned(import)))
            .map(|import| Beyond::Import(import.clone()))
            .collect()
    }

    /// What a component does beyond what it says here: what it imports, and what its description names. Nothing where
    /// the manifest tells the truth.
    #[must_use]
    pub fn untold(&self, inspection: &Inspection, description: &Description) -> Vec<Beyond> {
        Self::of(inspection, description, self.limits).beyond(self)
    }
}

fn unversioned(interface: &str) -> &str {
    interface
        .split_once('@')
        .map_or(interface, |(name, _)| name)
}

impl Host {
    /// The host, or the clouds of which it was not.
    fn beyond(&self, allowed: &PermissionManifest) -> Option<Beyond> {
        let known = allowed.hosts.iter().find(|known| known.host == self.host);
        let is_allowed = known.is_some_and(|known| self.clouds.is_subset(&known.clouds));
        (!is_allowed).then(|| Beyond::Host(self.host.clone()))
    }
}

impl Permission {
    fn beyond(&self, allowed: &PermissionManifest) -> Option<Beyond> {
        let mut known = allowed.permissions.iter();
        match known.find(|known| known.name == self.name) {
            None => Some(Beyond::Permission(self.name.clone())),
            Some(known) if self.always && !known.always => Some(Beyond::Always(self.name.clone())),
            Some(_) => None,
        }
    }
}

impl Limits {
    fn named(&self) -> [(&'static str, u64); 9] {
        [
            ("memoryBytes", self.memory_bytes),
            ("callSeconds", self.call_seconds),
            ("cpuSeconds", self.cpu_seconds),
            ("requests", self.requests),
            ("answerBytes", self.answer_bytes),
            ("changesBytes", self.changes_bytes),
            ("stateBytes", self.state_bytes),
            ("planBytes", self.plan_bytes),
            ("secretUses", self.secret_uses),
        ]
    }

    fn beyond(&self, allowed: &Self) -> impl Iterator<Item = Beyond> {
        let both = self.named().into_iter().zip(allowed.named());
        both.filter(|((_, found), (_, allowed))| found > allowed)
            .map(|((limit, found), (_, allowed))| Beyond::Limit {
                limit,
                allowed,
                found,
            })
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

    fn host(name: &str, clouds: &[&str]) -> Host {
        Host {
            host: name.to_owned(),
            clouds: clouds.iter().map(|&cloud| cloud.to_owned()).collect(),
        }
    }

    fn permission(name: &str, always: bool) -> Permission {
        Permission {
            name: name.to_owned(),
            always,
            why: "reads people".to_owned(),
        }
    }

    fn sentences(asked: &PermissionManifest) -> Vec<String> {
        let beyond = asked.beyond(&manifest());
        beyond.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_no_more_than_what_was_approved_is_allowed() {
        let mut asked = manifest();
        asked.component.version = "0.1.1".to_owned();
        asked.imports = ["wasi:io/poll@0.2.12".to_owned()].into();
        asked.permissions = vec![permission("User.Read.All", false)];
        asked.limits.memory_bytes = 1;
        assert_eq!(sentences(&asked), Vec::<String>::new());
    }

    #[test]
    fn each_thing_beyond_what_was_approved_is_named() {
        let mut asked = manifest();
        asked.component.name = "Another one".to_owned();
        asked.imports.insert("wasi:sockets/tcp@0.2.6".to_owned());
        asked.hosts = vec![
            host("graph.example", &["global"]),
            host("graph.microsoft.com", &["china", "global"]),
        ];
        asked.permissions = vec![
            permission("Group.Read.All", true),
            permission("Mail.Read", false),
        ];
        asked.limits.secret_uses = 201;
        assert_eq!(
            sentences(&asked),
            [
                "it is Another one, and A connector is allowed",
                "it imports wasi:sockets/tcp@0.2.6",
                "it reaches graph.example",
                "it reaches graph.microsoft.com",
                "it does not work without Group.Read.All",
                "it asks for Mail.Read",
                "its secretUses is 201, and 200 is allowed",
            ]
        );
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
