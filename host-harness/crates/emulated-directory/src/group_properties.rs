//! The properties of a group: their shape, and what a `$filter` may do with each.
//!
//! Shapes follow the published v1.0 schema (<https://learn.microsoft.com/graph/api/resources/group>); the
//! filter columns follow the table on <https://learn.microsoft.com/graph/aad-advanced-queries>.

use crate::properties::Need::{Advanced as A, Default as D, Never as N};
use crate::properties::Shape::{Flag, Moment, Object, Objects, Text, Texts};
use crate::properties::{Need, Property, Shape, listed, single};

/// The set that a list states when nothing is selected, in Microsoft's order.
pub const DEFAULT_SET: [&str; 32] = [
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "creationOptions",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "preferredDataLocation",
    "preferredLanguage",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "securityIdentifier",
    "theme",
    "visibility",
    "onPremisesProvisioningErrors",
];

const fn row(name: &'static str, shape: Shape, needs: [Need; 4]) -> Property {
    listed(name, shape, needs)
}

const PROPERTIES: &[Property] = &[
    //                                  eq starts range null
    row("id", Text, [D, N, N, N]),
    row("assignedLabels", Objects, [N, N, N, N]),
    row("assignedLicenses", Objects, [D, N, N, N]),
    row("classification", Text, [A, A, A, A]),
    row("createdDateTime", Moment, [D, N, D, N]),
    row("creationOptions", Texts, [N, N, N, N]),
    row("deletedDateTime", Moment, [N, N, A, N]),
    row("description", Text, [A, A, N, A]),
    row("displayName", Text, [D, D, N, A]),
    row("expirationDateTime", Moment, [A, N, A, A]),
    row("groupTypes", Texts, [D, N, N, N]),
    row("hasMembersWithLicenseErrors", Flag, [D, N, N, N]),
    row("infoCatalogs", Texts, [D, D, N, N]),
    row("isAssignableToRole", Flag, [D, N, N, A]),
    row("isManagementRestricted", Flag, [N, N, N, N]),
    row("licenseProcessingState", Object, [N, N, N, N]),
    row("mail", Text, [D, D, N, A]),
    row("mailEnabled", Flag, [D, N, N, N]),
    row("mailNickname", Text, [D, D, N, A]),
    row("membershipRule", Text, [A, A, N, A]),
    row("membershipRuleProcessingState", Text, [A, N, N, A]),
    row("onPremisesDomainName", Text, [N, N, N, N]),
    row("onPremisesLastSyncDateTime", Moment, [N, N, D, A]),
    row("onPremisesNetBiosName", Text, [N, N, N, N]),
    row("onPremisesProvisioningErrors", Objects, [N, N, N, N]),
    row("onPremisesSamAccountName", Text, [A, A, N, N]),
    row("onPremisesSecurityIdentifier", Text, [D, N, N, A]),
    row("onPremisesSyncEnabled", Flag, [D, N, N, A]),
    row("preferredDataLocation", Text, [A, N, N, A]),
    row("preferredLanguage", Text, [A, N, N, A]),
    row("proxyAddresses", Texts, [D, D, N, A]),
    row("renewedDateTime", Moment, [A, N, A, N]),
    row("resourceBehaviorOptions", Texts, [A, N, N, N]),
    row("resourceProvisioningOptions", Texts, [D, N, N, N]),
    row("securityEnabled", Flag, [D, N, N, N]),
    row("securityIdentifier", Text, [D, N, N, N]),
    row("serviceProvisioningErrors", Objects, [N, N, N, N]),
    row("theme", Text, [N, N, N, N]),
    row("uniqueName", Text, [D, N, N, N]),
    row("visibility", Text, [N, N, N, N]),
    // Of a single group only.
    single("allowExternalSenders", Flag),
    single("autoSubscribeNewMembers", Flag),
    single("hideFromAddressLists", Flag),
    single("hideFromOutlookClients", Flag),
    single("isArchived", Flag),
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
    fn the_default_set_is_known_and_no_property_is_listed_twice() {
        assert!(DEFAULT_SET.iter().all(|name| find(name).is_some()));
        let mut names: Vec<_> = PROPERTIES.iter().map(|property| property.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}
