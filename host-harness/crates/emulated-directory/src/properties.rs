//! The properties of a directory user: their shape, where Microsoft stores them, and what a
//! `$filter` may do with each.
//!
//! Shapes follow the published v1.0 schema; the filter columns follow the table on
//! <https://learn.microsoft.com/graph/aad-advanced-queries>. Properties stored elsewhere are refused
//! on collections with 501 (<https://learn.microsoft.com/graph/api/user-list>).

use Home::{Directory, Outside, Reports};
use Need::{Advanced as A, Default as D, Never as N, OnlyDefault as O};
use Reach::{People, Readers, With};
use Shape::{Flag, Moment, Number, Object, Objects, Text, Texts};

/// What kind of JSON value a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A boolean.
    Flag,
    /// A date and time in UTC, as a string.
    Moment,
    /// A number.
    Number,
    /// An array of strings.
    Texts,
    /// An array of objects.
    Objects,
    /// An object.
    Object,
}

impl Shape {
    /// Collections that hold nothing are `[]` on a list; scalars are `null`.
    pub fn is_collection(self) -> bool {
        matches!(self, Texts | Objects)
    }
}

/// Where Microsoft keeps a property
/// (<https://learn.microsoft.com/graph/api/resources/users#properties-stored-outside-the-main-data-store>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the directory itself.
    Directory,
    /// In the sign-in reports: not part of delta, and of a single user only by object id.
    Reports,
    /// In SharePoint Online, Exchange, Intune or Universal Print: of a single user only.
    Outside,
}

/// Who may read a property, of those who may read users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everybody who reads users.
    Readers,
    /// Who has one of these permissions besides.
    With(&'static [&'static str]),
    /// People who signed in; no application by itself.
    People,
}

/// What a request must bring for a filter operation to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing in particular.
    Default,
    /// `ConsistencyLevel: eventual` and `$count=true`.
    Advanced,
    /// The absence of those two.
    OnlyDefault,
    /// Not served at all.
    Never,
}

/// One row of the table.
#[derive(Debug)]
pub struct Property {
    /// Microsoft's spelling.
    pub name: &'static str,
    /// Its JSON.
    pub shape: Shape,
    /// Where it is kept.
    pub home: Home,
    /// Who may read it.
    pub reach: Reach,
    /// `eq`, and `in` with it.
    pub equal: Need,
    /// `startsWith`.
    pub starts: Need,
    /// `ge` and `le`.
    pub range: Need,
    /// `eq null`.
    pub null: Need,
}

/// The set that a list or a delta returns when nothing is selected, in Microsoft's order.
pub const DEFAULT_SET: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// Properties that `endsWith` serves, always as an advanced query.
pub const ENDS_WITH: [&str; 4] = ["mail", "otherMails", "proxyAddresses", "userPrincipalName"];

/// Navigation properties: known to the parser, never part of the representation by themselves.
pub const MANAGER: &str = "manager";

const fn row(name: &'static str, shape: Shape, needs: [Need; 4]) -> Property {
    let [equal, starts, range, null] = needs;
    Property {
        name,
        shape,
        home: Directory,
        reach: Readers,
        equal,
        starts,
        range,
        null,
    }
}

const fn outside(name: &'static str, shape: Shape) -> Property {
    kept(name, shape, Outside, Readers)
}

/// A property that is stated on collections, too; `eq`, `startsWith`, `ge` and `le`, `eq null`.
pub(crate) const fn listed(name: &'static str, shape: Shape, needs: [Need; 4]) -> Property {
    row(name, shape, needs)
}

/// A property that is stated of a single object only.
pub(crate) const fn single(name: &'static str, shape: Shape) -> Property {
    outside(name, shape)
}

/// A property that is read by few, or not kept with the rest; no filter knows it.
const fn kept(name: &'static str, shape: Shape, home: Home, reach: Reach) -> Property {
    Property {
        home,
        reach,
        ..row(name, shape, [N, N, N, N])
    }
}

const SECURITY_ATTRIBUTES: Reach = With(&[
    "CustomSecAttributeAssignment.Read.All",
    "CustomSecAttributeAssignment.ReadWrite.All",
]);
const LIFE_CYCLE: Reach = With(&[
    "User-LifeCycleInfo.Read.All",
    "User-LifeCycleInfo.ReadWrite.All",
]);
const SIGN_INS: Reach = With(&["AuditLog.Read.All"]);
const MAILBOX: Reach = With(&["MailboxSettings.Read", "MailboxSettings.ReadWrite"]);
const ENROLLMENT: Reach = With(&[
    "DeviceManagementServiceConfig.Read.All",
    "DeviceManagementServiceConfig.ReadWrite.All",
]);

const PROPERTIES: &[Property] = &[
    //                                     eq starts range null
    row("id", Text, [D, N, N, N]),
    row("accountEnabled", Flag, [D, N, N, N]),
    row("ageGroup", Text, [D, N, N, N]),
    row("assignedLicenses", Objects, [D, N, N, N]),
    row("assignedPlans", Objects, [A, N, N, N]),
    row("authorizationInfo", Object, [N, N, N, N]),
    row("businessPhones", Texts, [A, A, N, A]),
    row("city", Text, [D, D, N, A]),
    row("companyName", Text, [A, A, N, A]),
    row("consentProvidedForMinor", Text, [N, N, N, N]),
    row("country", Text, [D, D, N, A]),
    row("createdDateTime", Moment, [N, N, D, A]),
    row("creationType", Text, [D, N, N, N]),
    kept(
        "customSecurityAttributes",
        Object,
        Directory,
        SECURITY_ATTRIBUTES,
    ),
    row("deletedDateTime", Moment, [N, N, A, N]),
    row("department", Text, [D, D, N, A]),
    row("displayName", Text, [D, D, N, A]),
    row("employeeHireDate", Moment, [N, N, A, N]),
    row("employeeId", Text, [D, N, N, A]),
    kept("employeeLeaveDateTime", Moment, Directory, LIFE_CYCLE),
    row("employeeOrgData", Object, [A, A, N, N]),
    row("employeeType", Text, [A, N, N, N]),
    row("externalUserState", Text, [D, N, N, N]),
    row("externalUserStateChangeDateTime", Moment, [N, N, N, N]),
    row("faxNumber", Text, [A, A, N, A]),
    row("givenName", Text, [D, D, N, A]),
    row("identities", Objects, [O, N, N, O]),
    row("identityParentId", Text, [N, N, N, N]),
    row("imAddresses", Texts, [D, D, N, A]),
    row("isManagementRestricted", Flag, [N, N, N, N]),
    row("isResourceAccount", Flag, [D, N, N, N]),
    row("jobTitle", Text, [D, D, N, A]),
    row("lastPasswordChangeDateTime", Moment, [N, N, N, N]),
    row("legalAgeGroupClassification", Text, [N, N, N, N]),
    row("licenseAssignmentStates", Objects, [N, N, N, N]),
    row("mail", Text, [D, D, N, A]),
    row("mailNickname", Text, [D, D, N, A]),
    row("mobilePhone", Text, [A, A, N, A]),
    row("officeLocation", Text, [A, A, N, A]),
    row("onPremisesDistinguishedName", Text, [A, A, N, A]),
    row("onPremisesDomainName", Text, [N, N, N, N]),
    row("onPremisesExtensionAttributes", Object, [A, A, N, A]),
    row("onPremisesImmutableId", Text, [D, N, N, N]),
    row("onPremisesLastSyncDateTime", Moment, [N, N, D, N]),
    row("onPremisesProvisioningErrors", Objects, [N, N, N, N]),
    row("onPremisesSamAccountName", Text, [A, A, N, N]),
    row("onPremisesSecurityIdentifier", Text, [D, N, N, A]),
    row("onPremisesSyncEnabled", Flag, [D, N, N, A]),
    row("onPremisesUserPrincipalName", Text, [N, N, N, N]),
    row("otherMails", Texts, [D, D, N, A]),
    row("passwordPolicies", Text, [N, N, N, N]),
    row("passwordProfile", Object, [N, N, N, N]),
    row("postalCode", Text, [A, A, N, A]),
    row("preferredDataLocation", Text, [N, N, N, N]),
    row("preferredLanguage", Text, [A, N, N, A]),
    row("provisionedPlans", Objects, [A, N, N, N]),
    row("proxyAddresses", Texts, [D, D, N, A]),
    row("securityIdentifier", Text, [N, N, N, N]),
    row("serviceProvisioningErrors", Objects, [N, N, N, N]),
    row("showInAddressList", Flag, [N, N, N, N]),
    kept("signInActivity", Object, Reports, SIGN_INS),
    row("signInSessionsValidFromDateTime", Moment, [N, N, N, N]),
    row("state", Text, [D, N, N, A]),
    row("streetAddress", Text, [A, A, N, A]),
    row("surname", Text, [D, D, N, A]),
    row("usageLocation", Text, [D, D, N, D]),
    row("userPrincipalName", Text, [D, D, N, N]),
    row("userType", Text, [D, N, N, A]),
    outside("aboutMe", Text),
    outside("birthday", Moment),
    kept("deviceEnrollmentLimit", Number, Outside, ENROLLMENT),
    outside("hireDate", Moment),
    outside("interests", Texts),
    kept("mailboxSettings", Object, Outside, MAILBOX),
    outside("mySite", Text),
    outside("pastProjects", Texts),
    outside("preferredName", Text),
    kept("print", Object, Outside, People),
    outside("responsibilities", Texts),
    outside("schools", Texts),
    outside("skills", Texts),
];

/// Finds a property. The service compares names without regard to case and answers with its own
/// spelling.
pub fn find(name: &str) -> Option<&'static Property> {
    PROPERTIES
        .iter()
        .find(|property| property.name.eq_ignore_ascii_case(name))
}

/// Directory extensions carry the owning application in their name, and exist in any tenant.
pub fn is_extension(name: &str) -> bool {
    name.strip_prefix("extension_")
        .is_some_and(|rest| rest.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_set_is_known_and_lives_in_the_directory() {
        for name in DEFAULT_SET {
            assert_eq!(find(name).map(|property| property.home), Some(Directory));
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_keep_their_own_spelling() {
        assert_eq!(find("DISPLAYNAME").map(|p| p.name), Some("displayName"));
        assert!(find("shoeSize").is_none());
    }

    /// What a user has in the published v1.0 schema, relationships apart
    /// (<https://github.com/microsoftgraph/msgraph-metadata>, as msgraph-sdk 1.65 was made from it).
    const SCHEMA: &str = "\
        aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo \
        birthday businessPhones city companyName consentProvidedForMinor country \
        createdDateTime creationType customSecurityAttributes deletedDateTime department \
        deviceEnrollmentLimit displayName employeeHireDate employeeId \
        employeeLeaveDateTime employeeOrgData employeeType externalUserState \
        externalUserStateChangeDateTime faxNumber givenName hireDate id identities \
        identityParentId imAddresses interests isManagementRestricted isResourceAccount \
        jobTitle lastPasswordChangeDateTime legalAgeGroupClassification \
        licenseAssignmentStates mail mailNickname mailboxSettings mobilePhone mySite \
        officeLocation onPremisesDistinguishedName onPremisesDomainName \
        onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime \
        onPremisesProvisioningErrors onPremisesSamAccountName \
        onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName \
        otherMails passwordPolicies passwordProfile pastProjects postalCode \
        preferredDataLocation preferredLanguage preferredName print provisionedPlans \
        proxyAddresses responsibilities schools securityIdentifier \
        serviceProvisioningErrors showInAddressList signInActivity \
        signInSessionsValidFromDateTime skills state streetAddress surname usageLocation \
        userPrincipalName userType";

    #[test]
    fn the_properties_are_those_of_the_published_schema() {
        let mut known: Vec<_> = PROPERTIES.iter().map(|property| property.name).collect();
        known.sort_unstable();
        let mut published: Vec<_> = SCHEMA.split_whitespace().collect();
        published.sort_unstable();
        assert_eq!(known, published);
    }

    #[test]
    fn no_property_is_listed_twice() {
        let mut names: Vec<_> = PROPERTIES.iter().map(|property| property.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}
