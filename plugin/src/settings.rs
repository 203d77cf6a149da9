//! What a configuration can say, as values: how the directory is reached, and what is done with the
//! people in it. Every part of the connector goes by them; [`config`](crate::config) reads them.

use serde::Serialize;

use crate::contact::RemovalKind;

/// A national cloud of Microsoft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Worldwide, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovL4,
    /// US Government L5 (DoD).
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
}

/// How the directory is reached. Holds the *name* of a secret, never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Tenant id or a verified domain name, as written.
    pub tenant: String,
    /// The cloud the tenant lives in.
    pub cloud: Cloud,
    /// Application (client) id.
    pub client_id: String,
    /// The secret's name at the host.
    pub secret: String,
    /// Root of the token endpoint without a trailing slash; the cloud's own unless overridden.
    pub login: String,
    /// Root of Graph without a trailing slash and version; the cloud's own unless overridden.
    pub graph: String,
}

impl Connection {
    /// Roots that the document names in the place of the cloud's, with where it does.
    pub fn own_roots(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("/endpoints/login", &self.login, self.cloud.login()),
            ("/endpoints/graph", &self.graph, self.cloud.graph()),
        ]
        .into_iter()
        .filter(|(_, root, usual)| root.as_str() != *usual)
        .map(|(pointer, root, _)| (pointer, root.as_str()))
    }
}

/// What to do with a contact that has a person's address and no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// Leave it alone and skip the person.
    Skip,
    /// Link it.
    Link,
}

/// Who wins where the directory and the contact differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// The directory.
    SourceWins,
    /// The contact; only what is empty is filled.
    KeepLocal,
    /// Field by field, three ways on the base: whichever side changed; the directory where both did.
    Merge,
}

/// What becomes of a contact that is no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Removing {
    /// Nothing.
    Keep,
    /// See [`RemovalKind::Unlink`].
    Unlink,
    /// See [`RemovalKind::Deactivate`].
    Deactivate,
    /// See [`RemovalKind::Delete`].
    Delete,
}

impl Removing {
    /// The kind of removal; `None` keeps the contact.
    #[must_use]
    pub fn kind(self) -> Option<RemovalKind> {
        match self {
            Self::Keep => None,
            Self::Unlink => Some(RemovalKind::Unlink),
            Self::Deactivate => Some(RemovalKind::Deactivate),
            Self::Delete => Some(RemovalKind::Delete),
        }
    }
}

/// What a disabled account means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disabled {
    /// Nothing.
    Ignore,
    /// No contact is made for it; one that is linked is left alone, its lists included.
    NotCreated,
    /// The contact is deactivated; an enabled account reactivates it.
    Deactivate,
    /// The person is out of scope.
    LeavesScope,
}

/// What the account of an AI agent means, which the directory lists among its people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agents {
    /// It is left out: no contact is made, and one that is there is left alone.
    #[default]
    Skip,
    /// It is somebody like anybody else.
    Include,
}

/// The decisions that differ between products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policies {
    /// About contacts that are there already.
    pub existing: Existing,
    /// Whether linked contacts are updated at all.
    pub update: bool,
    /// Who wins.
    pub conflict: Conflict,
    /// A user was deleted.
    pub removed: Removing,
    /// A person left the filter.
    pub left_scope: Removing,
    /// An account was disabled.
    pub disabled: Disabled,
    /// The account is an AI agent's.
    pub agents: Agents,
}

/// Which list a contact is put on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ListRule {
    /// None.
    None,
    /// One for everybody. `{organization}` in name and description stands for the tenant's display
    /// name.
    One {
        /// The name, or its template.
        name: String,
        /// Used when it is made.
        description: String,
    },
    /// One for each value of an attribute.
    PerAttribute {
        /// The attribute, as in the catalogue.
        attribute: &'static str,
        /// Used when one is made.
        description: String,
        /// The longest name that the store takes, in Unicode scalar values: nothing that is configured.
        #[serde(skip)]
        longest: Option<u32>,
    },
}

/// Where the organisation's name goes in the name and the description of a list.
pub const ORGANIZATION: &str = "{organization}";

impl ListRule {
    /// Whether a list's name or description has the organisation's name in it.
    #[must_use]
    pub fn names_organization(&self) -> bool {
        match self {
            Self::None => false,
            Self::One { name, description } => {
                name.contains(ORGANIZATION) || description.contains(ORGANIZATION)
            }
            Self::PerAttribute { description, .. } => description.contains(ORGANIZATION),
        }
    }
}

/// A limit of removals, or of blanked values of one field, in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// At most so many.
    pub count: u64,
    /// At most this share of the linked contacts, 0 to 100.
    pub percent: u8,
    /// Up to so many are always fine, so that a small workspace can lose somebody.
    pub floor: u64,
}
