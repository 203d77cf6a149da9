//! What the connector is and needs, for a host that has no configuration yet.

use entra_directory::connection::Connection;
use entra_users::mapping::catalogue;
use entra_users::permission;

use crate::codes::{CODES, Code};
use crate::config;
use crate::config::clouds::{self, HOSTS};

/// An attribute of the directory, as a host shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedAttribute {
    /// As in Microsoft Graph.
    pub name: String,
    /// For people.
    pub label: String,
    /// `string`, `string-collection`, `boolean` or `date-time`.
    pub kind: String,
    /// Why it cannot be mapped.
    pub refused: Option<String>,
}

/// A permission of Microsoft Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The application permission.
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
    /// The connector works without it, with less.
    pub optional: bool,
}

/// A host the connector must be allowed to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The cloud, as a document names it.
    pub cloud: &'static str,
    /// The host.
    pub host: String,
    /// What it is for.
    pub why: &'static str,
}

/// The connector, described.
#[derive(Clone, Debug)]
pub struct Description {
    /// For people.
    pub name: &'static str,
    /// Of this component.
    pub version: &'static str,
    /// JSON Schema of the configuration document.
    pub configuration_schema: &'static str,
    /// What can be mapped, and what cannot.
    pub attributes: Vec<DescribedAttribute>,
    /// What must be consented to.
    pub permissions: Vec<Permission>,
    /// What must be reachable.
    pub endpoints: Vec<Endpoint>,
    /// The codes of reasons and refusals.
    pub codes: &'static [Code],
}

const PERMISSIONS: [Permission; 10] = [
    Permission {
        name: "User.Read.All",
        why: "reads users, what changed about them, and which of them were deleted",
        optional: false,
    },
    Permission {
        name: "Organization.Read.All",
        why: "reads more of the organisation than its name; the connector needs the name only",
        optional: true,
    },
    Permission {
        name: "User-LifeCycleInfo.Read.All",
        why: "reads the leave date (employeeLeaveDateTime); needed only where that is mapped",
        optional: true,
    },
    Permission {
        name: permission::GROUPS,
        why: "reads groups and who is in them; needed only where groups are in scope",
        optional: true,
    },
    Permission {
        name: permission::HIDDEN_MEMBERS,
        why: "reads who is in a group whose membership is hidden; needed only where such groups are in scope",
        optional: true,
    },
    Permission {
        name: permission::WRITES_USERS[0],
        why: "writes what contacts changed; needed only where rows of the mapping go to the directory",
        optional: true,
    },
    Permission {
        name: permission::WRITES_PHONES[0],
        why: "writes telephone numbers that contacts changed; needed only where sync.writes allows that",
        optional: true,
    },
    Permission {
        name: permission::WRITES_OTHER_MAILS[0],
        why: "writes other addresses that contacts changed; needed only where sync.writes allows that",
        optional: true,
    },
    Permission {
        name: permission::ORG_CONTACTS,
        why: "reads organisational contacts; needed only where they are included, or where guests are invited",
        optional: true,
    },
    Permission {
        name: permission::INVITES[0],
        why: "invites guests; needed only where contacts without a user are invited",
        optional: true,
    },
];

/// What one connection needs to reach: the host where it signs in, and the one where it reads.
#[must_use]
pub fn hosts_of(connection: &Connection) -> Vec<Endpoint> {
    let reached = |root: &str, why| Endpoint {
        cloud: connection.cloud.name(),
        host: root
            .split_once("://")
            .map_or(root, |(_, host)| host)
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        why,
    };
    vec![
        reached(&connection.login, clouds::SIGN_IN),
        reached(&connection.graph, clouds::GRAPH),
    ]
}

/// Describes the connector.
#[must_use]
pub fn describe() -> Description {
    let mapped = catalogue::ATTRIBUTES
        .iter()
        .map(|attribute| DescribedAttribute {
            name: attribute.name.to_owned(),
            label: attribute.label.to_owned(),
            kind: attribute.kind.name().to_owned(),
            refused: None,
        });
    let refused = catalogue::REFUSED.iter().map(|refused| DescribedAttribute {
        name: refused.name.to_owned(),
        label: refused.label.to_owned(),
        kind: refused.kind.name().to_owned(),
        refused: Some(refused.reason.to_owned()),
    });
    Description {
        name: "Microsoft Entra ID contact connector",
        version: env!("CARGO_PKG_VERSION"),
        configuration_schema: config::schema(),
        attributes: mapped.chain(refused).collect(),
        permissions: PERMISSIONS.to_vec(),
        endpoints: HOSTS
            .iter()
            .map(|host| Endpoint {
                cloud: host.cloud.name(),
                host: host.host.to_owned(),
                why: host.why,
            })
            .collect(),
        codes: &CODES,
    }
}
