//! What a sync goes by, as values: whoever reads a configuration document makes them.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::contact::{ObjectId, RemovalKind};
use crate::kept_by_name;
use crate::mapping::rows::Row;

/// A configuration as far as a sync goes by it: everything is resolved, and nothing need be checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Attribute to field, in the document's order.
    pub rows: Vec<Row>,
    /// What becomes of contacts.
    pub policies: Policies,
    /// Lists.
    pub lists: ListRule,
    /// Groups; `None` where users alone are read.
    pub groups: Option<GroupRules>,
    /// Whether organisational contacts are people, too.
    pub org_contacts: OrgContacts,
    /// As written; valid.
    pub schedule: Option<String>,
    /// A full round at least this often.
    pub full_round_every: Duration,
    /// Removals of one run.
    pub removal_limit: Limit,
    /// Values of one field going from filled to empty in one run.
    pub blank_limit: Limit,
    /// People whom one run gives something to the directory about.
    pub directory_limit: Limit,
    /// Values of one attribute of the directory going from filled to empty in one run.
    pub directory_blank_limit: Limit,
    /// How contacts that are nobody's are invited as guests; `None`: nothing is done about them.
    pub invitations: Option<Invitations>,
    /// People whom one run invites.
    pub invitation_limit: Limit,
    /// SHA-256, in hexadecimal, of all that decides who is read and what is written.
    pub fingerprint: String,
    /// What the filter may not mean, for whoever judges a plan.
    pub filter_remarks: Vec<FilterRemark>,
}

impl Settings {
    /// Whether a row may write to the directory.
    #[must_use]
    pub fn writes_directory(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.direction.writes_directory())
    }
}

/// A clause of the filter that does something else than somebody may expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterRemark {
    /// Label of the attribute.
    pub label: String,
    /// A sentence.
    pub message: String,
}

/// One problem of a configuration document.
///
/// The message is written for the administrator who wrote the document. It repeats what stands
/// there, except below `/credentials`, where a secret may have been pasted by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) into the document; the
    /// empty string is the whole document. Something that is missing is reported at the object it
    /// is missing from.
    pub pointer: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            formatter.write_str(&self.message)
        } else {
            write!(formatter, "{}: {}", self.pointer, self.message)
        }
    }
}

impl std::error::Error for Problem {}

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

/// How people are invited who are in the store alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitations {
    /// Where a guest is led who has accepted: an absolute URL.
    pub redirect_url: String,
    /// Whether the directory writes to them. Otherwise nobody hears of it until somebody tells them.
    pub send_message: bool,
}

/// What organisational contacts are: people whom a directory lists without an account, such as partners and
/// suppliers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrgContacts {
    /// Nobody: they are not read.
    #[default]
    Skip,
    /// People like the users.
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

/// What the groups of the directory lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRules {
    /// Which groups count.
    pub selection: GroupSelection,
    /// Whether a member of a group that is inside another one is a member of that one, too.
    pub transitive: bool,
    /// The lists that groups become; `None`: none, the groups only say who is in scope.
    pub list: Option<GroupList>,
    /// Whether only members of these groups are in scope.
    pub members_only: bool,
}

/// Which groups count: those that are of one of the kinds and are named in one of the three ways, or all
/// of the kinds where nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSelection {
    /// By object id.
    pub ids: Vec<ObjectId>,
    /// By name, compared as names of lists are, and in the form in which they are. Names are not unique: all
    /// groups of that name.
    pub names: Vec<String>,
    /// By how the name begins, compared in the same way.
    pub prefixes: Vec<String>,
    /// Empty: all of them.
    pub kinds: Vec<GroupKind>,
}

/// What a group is to those who administer it
/// (<https://learn.microsoft.com/graph/api/resources/groups-overview>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// `securityEnabled` without a mailbox.
    Security,
    /// `Unified`, which Teams and Outlook make.
    Microsoft365,
    /// `mailEnabled` and not `Unified`: distribution lists and mail-enabled security groups.
    MailEnabled,
}

kept_by_name!(GroupKind:
    Security = "security",
    Microsoft365 = "microsoft-365",
    MailEnabled = "mail-enabled",
);

/// The list that a group becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupList {
    /// The name, with [`GROUP`] in it.
    pub name: String,
    /// The description, where [`GROUP`] and [`GROUP_DESCRIPTION`] may stand. Used when the list is made.
    pub description: String,
    /// The longest name that the store takes, in Unicode scalar values: nothing that is configured.
    #[serde(skip)]
    pub longest: Option<u32>,
}

/// Where a group's name goes in the name and the description of its list.
pub const GROUP: &str = "{group}";

/// Where a group's description goes in the description of its list.
pub const GROUP_DESCRIPTION: &str = "{description}";

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
    /// At most this share of the linked contacts, 0 to 100; of what the directory is given, too.
    pub percent: u8,
    /// Up to so many are always fine, so that a small workspace can lose somebody.
    pub floor: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_the_whole_document_reads_without_a_pointer() {
        let problem = Problem {
            pointer: String::new(),
            message: "Write an object.".to_owned(),
        };
        assert_eq!(problem.to_string(), "Write an object.");
    }
}
