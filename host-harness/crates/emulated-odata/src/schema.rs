//! The kinds of object that a list, a delta query and their options are about.

use emulated_directory::contact_properties;
use emulated_directory::group_properties;
use emulated_directory::properties::{self, Property};

/// Which kind of object is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Schema {
    /// `microsoft.graph.user`.
    User,
    /// `microsoft.graph.group`.
    Group,
    /// `microsoft.graph.orgContact`.
    OrgContact,
}

impl Schema {
    /// The property of a name, in any case.
    pub fn find(self, name: &str) -> Option<&'static Property> {
        match self {
            Self::User => properties::find(name),
            Self::Group => group_properties::find(name),
            Self::OrgContact => contact_properties::find(name),
        }
    }

    /// What a list states when nothing is selected.
    pub fn default_set(self) -> &'static [&'static str] {
        match self {
            Self::User => &properties::DEFAULT_SET,
            Self::Group => &group_properties::DEFAULT_SET,
            Self::OrgContact => &contact_properties::DEFAULT_SET,
        }
    }

    /// The relationship that a delta query can track.
    pub fn relationship(self) -> &'static str {
        match self {
            Self::User | Self::OrgContact => properties::MANAGER,
            Self::Group => emulated_directory::change_log::MEMBERS,
        }
    }

    /// Whether a delta query knows a relationship that leads to nobody here: no group has owners.
    #[must_use]
    pub fn has_empty_relationship(self, name: &str) -> bool {
        self == Self::Group && name.eq_ignore_ascii_case("owners")
    }

    /// The name of the entity set.
    pub fn set(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::OrgContact => "contacts",
        }
    }

    /// The type's name in messages about a path or an expression.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::User => "microsoft.graph.user",
            Self::Group => "microsoft.graph.group",
            Self::OrgContact => "microsoft.graph.orgContact",
        }
    }

    /// The type's name in messages about what the directory serves.
    pub fn resource(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::OrgContact => "Contact",
        }
    }

    /// The collections that a `$filter` may count.
    pub fn countable(self) -> &'static [&'static str] {
        match self {
            Self::User => &["otherMails", "proxyAddresses", "assignedLicenses"],
            Self::Group => &["groupTypes", "proxyAddresses", "assignedLicenses"],
            Self::OrgContact => &["proxyAddresses"],
        }
    }

    /// What `$search` looks into; names are matched word by word, anything else from its beginning
    /// (<https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections>).
    pub fn searchable(self) -> &'static [&'static str] {
        match self {
            Self::User => &[
                "displayName",
                "givenName",
                "mail",
                "mailNickname",
                "surname",
                "userPrincipalName",
            ],
            Self::Group => &["displayName", "description", "mail", "mailNickname"],
            Self::OrgContact => &[
                "displayName",
                "givenName",
                "mail",
                "mailNickname",
                "surname",
            ],
        }
    }

    /// What a list is sorted by on any request, and what in advanced queries only
    /// (<https://learn.microsoft.com/graph/aad-advanced-queries#support-for-sorting-by-properties-of-microsoft-entra-id-directory-objects>).
    pub fn sortable(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::User => (
                &["displayName", "userPrincipalName"],
                &["createdDateTime", "deletedDateTime"],
            ),
            Self::Group => (&["displayName"], &["deletedDateTime"]),
            Self::OrgContact => (&["displayName"], &[]),
        }
    }
}
