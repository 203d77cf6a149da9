//! What a component asks for beyond what is allowed, and does beyond what it says.

use std::collections::BTreeSet;
use std::fmt;

use connector_contract::Description;
use inspection::Inspection;

use crate::manifest::{Host, Limits, Permission, PermissionManifest};

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

impl PermissionManifest {
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
mod tests {
    use super::*;
    use crate::manifest::tests::{host, manifest, permission};

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
}
