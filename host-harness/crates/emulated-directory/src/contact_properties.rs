//! The properties of an organisational contact: their shape, and what a `$filter` may do with each.
//!
//! Shapes follow the published v1.0 schema (<https://learn.microsoft.com/graph/api/resources/orgcontact>); the
//! filter columns follow the table on <https://learn.microsoft.com/graph/aad-advanced-queries>.

use crate::properties::Need::{Advanced as A, Default as D, Never as N};
use crate::properties::Shape::{Flag, Moment, Objects, Text, Texts};
use crate::properties::{Need, Property, Shape, listed};

/// The set that a list or a delta returns when nothing is selected, in Microsoft's order
/// (<https://learn.microsoft.com/graph/api/orgcontact-list>).
pub const DEFAULT_SET: [&str; 15] = [
    "id",
    "addresses",
    "companyName",
    "department",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "onPremisesSyncEnabled",
    "phones",
    "proxyAddresses",
    "surname",
];

const fn row(name: &'static str, shape: Shape, needs: [Need; 4]) -> Property {
    listed(name, shape, needs)
}

const PROPERTIES: &[Property] = &[
    //                                  eq starts range null
    row("id", Text, [D, N, N, N]),
    row("addresses", Objects, [N, N, N, N]),
    row("companyName", Text, [A, A, N, A]),
    row("deletedDateTime", Moment, [N, N, A, N]),
    row("department", Text, [A, A, N, A]),
    row("displayName", Text, [D, D, N, A]),
    row("givenName", Text, [D, D, N, A]),
    row("jobTitle", Text, [A, A, N, A]),
    row("mail", Text, [D, D, N, A]),
    row("mailNickname", Text, [D, D, N, A]),
    row("onPremisesLastSyncDateTime", Moment, [N, N, D, N]),
    row("onPremisesProvisioningErrors", Objects, [N, N, N, N]),
    row("onPremisesSyncEnabled", Flag, [D, N, N, A]),
    row("phones", Objects, [N, N, N, N]),
    row("proxyAddresses", Texts, [D, D, N, A]),
    row("serviceProvisioningErrors", Objects, [N, N, N, N]),
    row("surname", Text, [D, D, N, A]),
];

/// Finds a property, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Property> {
    PROPERTIES
        .iter()
        .find(|property| property.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_set_is_known_and_has_nothing_of_an_account() {
        assert!(DEFAULT_SET.iter().all(|name| find(name).is_some()));
        for name in ["userPrincipalName", "accountEnabled", "mobilePhone", "city"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
