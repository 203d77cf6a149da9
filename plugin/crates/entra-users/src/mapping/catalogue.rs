//! The attribute catalogue: what of a directory user can be mapped, and what cannot and why.
//!
//! Names, types and limits are those of the Graph user resource
//! (<https://learn.microsoft.com/graph/api/resources/user>); which attributes are kept outside the
//! directory's main store, and so appear in no collection and no change feed, is from
//! <https://learn.microsoft.com/graph/api/resources/users>.

use crate::permission::Guarded;
use crate::user::{MANAGER, Selection};
use sync_core::mapping::person::PersonKind;

/// The type of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One string.
    Text,
    /// A collection of strings. Mapped as its first element, filtered by any element.
    Texts,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339, in UTC.
    DateTime,
    /// A collection of complex values, of each of which one member counts: a UUID. No contact field holds
    /// it; people are filtered by it.
    Assignments,
    /// A collection of complex values, of one of which a member is the value: of the first whose `type` is
    /// this, or of the first. Only attributes of organisational contacts have it.
    Record(Option<&'static str>),
    /// Anything else. Only attributes that are refused have it.
    Complex,
}

impl Kind {
    /// As the contract names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Record(_) => "string",
            Self::Texts => "string-collection",
            Self::Boolean => "boolean",
            Self::DateTime => "date-time",
            Self::Assignments | Self::Complex => "complex",
        }
    }
}

/// What the text of an attribute is about; decides which fields can take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// No address and no number.
    General,
    /// A mail address, or something that can stand for one.
    Address,
    /// A telephone number.
    Phone,
    /// Whatever the organisation decided to keep there.
    Free,
}

/// An attribute that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// As a document names it: the Graph property, and a member after a slash.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What it is about.
    pub content: Content,
    /// The Graph property that `$select` names, or the relationship that `$expand` does.
    pub property: &'static str,
    /// The member of that property, where the property is complex.
    pub member: Option<&'static str>,
    /// Longest value in the directory, in characters, where Microsoft states one.
    pub max_length: Option<u32>,
    /// The application permission that reads it, where the one that reads users does not
    /// (<https://learn.microsoft.com/graph/permissions-reference>).
    pub permission: Option<&'static str>,
}

/// An attribute that people look for and that cannot be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// As in Graph.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Why, and what to use instead, in a sentence.
    pub reason: &'static str,
}

/// The attribute of that name; names are compared with regard to case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

/// What people can be filtered by under that name: an attribute, or what only filters take.
#[must_use]
pub fn find_for_filter(name: &str) -> Option<&'static Attribute> {
    let is_named = |attribute: &&Attribute| attribute.name == name;
    find(name).or_else(|| FILTERED.iter().find(is_named))
}

/// Why an attribute of that name, in whatever case, is refused.
#[must_use]
pub fn refusal_of_any_case(name: &str) -> Option<&'static str> {
    let is_named = |refused: &&Refused| refused.name.eq_ignore_ascii_case(name);
    REFUSED.iter().find(is_named).map(|refused| refused.reason)
}

/// The attributes that need a permission of their own, among those whose properties are selected.
#[must_use]
pub fn guarded(selection: &Selection) -> Vec<Guarded> {
    ATTRIBUTES
        .iter()
        .filter_map(Attribute::guarded)
        .filter(|guarded| guarded.is_in(selection))
        .collect()
}

impl Attribute {
    /// Whether it is a collection of assignments as a whole, of which only can be asked whether there are any.
    #[must_use]
    pub fn is_any_assignment(&self) -> bool {
        self.kind == Kind::Assignments && self.name == self.property
    }

    /// The permission of its own that it needs, where it does.
    #[must_use]
    pub fn guarded(&self) -> Option<Guarded> {
        Some(Guarded {
            attribute: self.name,
            property: self.property,
            permission: self.permission?,
        })
    }
}

/// The refusal of that name.
#[must_use]
pub fn refusal(name: &str) -> Option<&'static Refused> {
    REFUSED.iter().find(|refused| refused.name == name)
}

const fn text(name: &'static str, label: &'static str, max_length: Option<u32>) -> Attribute {
    Attribute {
        name,
        label,
        kind: Kind::Text,
        content: Content::General,
        property: name,
        member: None,
        max_length,
        permission: None,
    }
}

const fn address(name: &'static str, label: &'static str, kind: Kind) -> Attribute {
    Attribute {
        kind,
        content: Content::Address,
        ..text(name, label, None)
    }
}

const fn phone(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    max_length: Option<u32>,
) -> Attribute {
    Attribute {
        kind,
        content: Content::Phone,
        ..text(name, label, max_length)
    }
}

const fn of_kind(name: &'static str, label: &'static str, kind: Kind) -> Attribute {
    Attribute {
        kind,
        ..text(name, label, None)
    }
}

const fn member(
    name: &'static str,
    label: &'static str,
    property: &'static str,
    member: &'static str,
    content: Content,
) -> Attribute {
    Attribute {
        property,
        member: Some(member),
        content,
        ..text(name, label, None)
    }
}

/// What can be read of whoever somebody reports to.
const fn of_manager(
    name: &'static str,
    label: &'static str,
    of: &'static str,
    content: Content,
) -> Attribute {
    member(name, label, MANAGER, of, content)
}

/// The members of `onPremisesExtensionAttributes`, which Graph selects only as a whole.
macro_rules! extension {
    ($member:literal, $label:literal) => {
        member(
            concat!("onPremisesExtensionAttributes/", $member),
            $label,
            "onPremisesExtensionAttributes",
            $member,
            Content::Free,
        )
    };
}

/// Every attribute that can be mapped.
pub static ATTRIBUTES: &[Attribute] = &[
    // Who somebody is.
    text("id", "Object ID", None),
    text("displayName", "Display name", Some(256)),
    text("givenName", "First name", Some(64)),
    text("surname", "Last name", Some(64)),
    text("mailNickname", "Mail nickname", Some(64)),
    // How somebody is reached.
    address("mail", "Email", Kind::Text),
    address("otherMails", "Other email", Kind::Texts),
    address("proxyAddresses", "Primary SMTP address", Kind::Texts),
    address("userPrincipalName", "User principal name", Kind::Text),
    of_kind("imAddresses", "IM address", Kind::Texts),
    phone("businessPhones", "Business phone", Kind::Texts, None),
    phone("mobilePhone", "Mobile phone", Kind::Text, Some(64)),
    phone("faxNumber", "Fax number", Kind::Text, None),
    // Work.
    text("companyName", "Company name", Some(64)),
    text("jobTitle", "Job title", Some(128)),
    text("department", "Department", Some(64)),
    text("officeLocation", "Office location", None),
    text("employeeId", "Employee ID", Some(16)),
    text("employeeType", "Employee type", None),
    member(
        "employeeOrgData/costCenter",
        "Cost center",
        "employeeOrgData",
        "costCenter",
        Content::General,
    ),
    member(
        "employeeOrgData/division",
        "Division",
        "employeeOrgData",
        "division",
        Content::General,
    ),
    of_manager("manager/id", "Manager's object ID", "id", Content::General),
    Attribute {
        max_length: Some(256),
        ..of_manager(
            "manager/displayName",
            "Manager's name",
            "displayName",
            Content::General,
        )
    },
    of_manager("manager/mail", "Manager's email", "mail", Content::Address),
    of_manager(
        "manager/userPrincipalName",
        "Manager's user principal name",
        "userPrincipalName",
        Content::General,
    ),
    of_kind("employeeHireDate", "Hire date", Kind::DateTime),
    Attribute {
        permission: Some("User-LifeCycleInfo.Read.All"),
        ..of_kind("employeeLeaveDateTime", "Leave date", Kind::DateTime)
    },
    // Place.
    text("streetAddress", "Street address", Some(1024)),
    text("city", "City", Some(128)),
    text("state", "State", Some(128)),
    text("postalCode", "Postal code", Some(40)),
    text("country", "Country", Some(128)),
    text("usageLocation", "Usage location", Some(2)),
    text("preferredLanguage", "Preferred language", None),
    text("preferredDataLocation", "Preferred data location", None),
    // Of pupils and students.
    text("ageGroup", "Age group", None),
    text("consentProvidedForMinor", "Consent for a minor", None),
    text("legalAgeGroupClassification", "Legal age group", None),
    // The account.
    of_kind("accountEnabled", "Account enabled", Kind::Boolean),
    text("userType", "User type", None),
    text("creationType", "Creation type", None),
    text("externalUserState", "Invitation state", None),
    of_kind(
        "externalUserStateChangeDateTime",
        "Invitation state changed",
        Kind::DateTime,
    ),
    of_kind("showInAddressList", "Show in address list", Kind::Boolean),
    of_kind(
        "isManagementRestricted",
        "Restricted management",
        Kind::Boolean,
    ),
    of_kind("createdDateTime", "Created", Kind::DateTime),
    of_kind(
        "lastPasswordChangeDateTime",
        "Last password change",
        Kind::DateTime,
    ),
    // The directory on premises.
    of_kind(
        "onPremisesSyncEnabled",
        "Synced from on-premises",
        Kind::Boolean,
    ),
    of_kind(
        "onPremisesLastSyncDateTime",
        "Last on-premises sync",
        Kind::DateTime,
    ),
    text("onPremisesImmutableId", "On-premises immutable ID", None),
    text(
        "onPremisesDistinguishedName",
        "On-premises distinguished name",
        None,
    ),
    text("onPremisesDomainName", "On-premises domain name", None),
    text(
        "onPremisesSamAccountName",
        "On-premises SAM account name",
        None,
    ),
    text(
        "onPremisesUserPrincipalName",
        "On-premises user principal name",
        None,
    ),
    text(
        "onPremisesSecurityIdentifier",
        "On-premises security identifier",
        None,
    ),
    extension!("extensionAttribute1", "Extension attribute 1"),
    extension!("extensionAttribute2", "Extension attribute 2"),
    extension!("extensionAttribute3", "Extension attribute 3"),
    extension!("extensionAttribute4", "Extension attribute 4"),
    extension!("extensionAttribute5", "Extension attribute 5"),
    extension!("extensionAttribute6", "Extension attribute 6"),
    extension!("extensionAttribute7", "Extension attribute 7"),
    extension!("extensionAttribute8", "Extension attribute 8"),
    extension!("extensionAttribute9", "Extension attribute 9"),
    extension!("extensionAttribute10", "Extension attribute 10"),
    extension!("extensionAttribute11", "Extension attribute 11"),
    extension!("extensionAttribute12", "Extension attribute 12"),
    extension!("extensionAttribute13", "Extension attribute 13"),
    extension!("extensionAttribute14", "Extension attribute 14"),
    extension!("extensionAttribute15", "Extension attribute 15"),
];

const fn assignments(
    name: &'static str,
    label: &'static str,
    property: &'static str,
    id: &'static str,
) -> Attribute {
    Attribute {
        kind: Kind::Assignments,
        ..member(name, label, property, id, Content::General)
    }
}

/// What people can be filtered by, and no contact can hold. The list and the feed of changes tell it of
/// everybody, so that nothing more is asked; licenses that a group brings are among them
/// (<https://learn.microsoft.com/graph/api/resources/assignedlicense>,
/// <https://learn.microsoft.com/graph/api/resources/assignedplan>).
pub static FILTERED: &[Attribute] = &[
    assignments(
        "assignedLicenses",
        "Any license",
        "assignedLicenses",
        "skuId",
    ),
    assignments(
        "assignedLicenses/skuId",
        "License",
        "assignedLicenses",
        "skuId",
    ),
    assignments(
        "assignedPlans/servicePlanId",
        "Service plan",
        "assignedPlans",
        "servicePlanId",
    ),
];

/// What an organisational contact has under the name that a user has it
/// (<https://learn.microsoft.com/graph/api/resources/orgcontact>). Neither has an attribute that needs a
/// permission of its own.
const SHARED: [&str; 12] = [
    "id",
    "displayName",
    "givenName",
    "surname",
    "mailNickname",
    "mail",
    "proxyAddresses",
    "companyName",
    "jobTitle",
    "department",
    "onPremisesSyncEnabled",
    "onPremisesLastSyncDateTime",
];

/// A telephone number among the `phones`, of which there is one of each type.
const fn contact_phone(
    name: &'static str,
    label: &'static str,
    of_type: &'static str,
) -> Attribute {
    Attribute {
        kind: Kind::Record(Some(of_type)),
        ..member(name, label, "phones", "number", Content::Phone)
    }
}

/// A part of the first, and so far only, of the `addresses`.
const fn contact_place(name: &'static str, label: &'static str, part: &'static str) -> Attribute {
    Attribute {
        kind: Kind::Record(None),
        ..member(name, label, "addresses", part, Content::General)
    }
}

/// What an organisational contact has in another place than a user.
static OF_CONTACTS: [Attribute; 9] = [
    contact_phone("businessPhones", "Business phone", "business"),
    contact_phone("mobilePhone", "Mobile phone", "mobile"),
    contact_phone("faxNumber", "Fax number", "businessFax"),
    contact_place("officeLocation", "Office location", "officeLocation"),
    contact_place("streetAddress", "Street address", "street"),
    contact_place("city", "City", "city"),
    contact_place("state", "State", "state"),
    contact_place("postalCode", "Postal code", "postalCode"),
    contact_place("country", "Country", "countryOrRegion"),
];

/// The attribute as somebody of a kind has it; `None` where nobody of that kind has it.
#[must_use]
pub fn placed(attribute: &'static Attribute, kind: PersonKind) -> Option<&'static Attribute> {
    match kind {
        PersonKind::User => Some(attribute),
        PersonKind::OrgContact if SHARED.contains(&attribute.name) => Some(attribute),
        PersonKind::OrgContact => OF_CONTACTS
            .iter()
            .find(|known| known.name == attribute.name),
    }
}

const SHAREPOINT: &str = "It is kept in SharePoint Online: Microsoft Graph gives it for one user at a time, never in a list, and reports no changes of it.";
const OTHER_STORE: &str =
    "It is kept outside the directory's main store, so Microsoft Graph reports no changes of it.";
pub(super) const RELATIONSHIP: &str =
    "It is a relationship to other objects, not a value of the user.";
const PASSWORDS: &str = "It is about the account's password, which is nothing for a contact.";
const STRUCTURED: &str = "It is a list of structured values, which no contact field can hold.";
const LICENSES: &str = "It is a list of structured values, which no contact field can hold; `filters` take `assignedLicenses/skuId` for one of them, and `assignedLicenses` for any.";
const PLANS: &str = "It is a list of structured values, which no contact field can hold; `filters` take `assignedPlans/servicePlanId`.";

const fn refused(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    reason: &'static str,
) -> Refused {
    Refused {
        name,
        label,
        kind,
        reason,
    }
}

/// Every attribute that is refused.
pub static REFUSED: &[Refused] = &[
    refused("aboutMe", "About me", Kind::Text, SHAREPOINT),
    refused("birthday", "Birthday", Kind::DateTime, SHAREPOINT),
    refused(
        "hireDate",
        "Hire date (SharePoint)",
        Kind::DateTime,
        "It is kept in SharePoint Online and never in a list; map `employeeHireDate` instead.",
    ),
    refused("interests", "Interests", Kind::Texts, SHAREPOINT),
    refused("mySite", "Personal site", Kind::Text, SHAREPOINT),
    refused("pastProjects", "Past projects", Kind::Texts, SHAREPOINT),
    refused("preferredName", "Preferred name", Kind::Text, SHAREPOINT),
    refused(
        "responsibilities",
        "Responsibilities",
        Kind::Texts,
        SHAREPOINT,
    ),
    refused("schools", "Schools", Kind::Texts, SHAREPOINT),
    refused("skills", "Skills", Kind::Texts, SHAREPOINT),
    refused(
        "cloudLicensing",
        "Cloud licensing",
        Kind::Complex,
        OTHER_STORE,
    ),
    refused(
        "deviceEnrollmentLimit",
        "Device enrollment limit",
        Kind::Complex,
        OTHER_STORE,
    ),
    refused(
        "mailboxSettings",
        "Mailbox settings",
        Kind::Complex,
        OTHER_STORE,
    ),
    refused("print", "Print settings", Kind::Complex, OTHER_STORE),
    refused(
        "signInActivity",
        "Sign-in activity",
        Kind::Complex,
        OTHER_STORE,
    ),
    refused(
        "directReports",
        "Direct reports",
        Kind::Complex,
        RELATIONSHIP,
    ),
    refused(
        "manager",
        "Manager",
        Kind::Complex,
        "It has members; map `manager/displayName` or `manager/mail` instead.",
    ),
    refused("memberOf", "Groups", Kind::Complex, RELATIONSHIP),
    refused("sponsors", "Sponsors", Kind::Complex, RELATIONSHIP),
    refused(
        "transitiveMemberOf",
        "Groups, nested ones included",
        Kind::Complex,
        RELATIONSHIP,
    ),
    refused(
        "photo",
        "Photo",
        Kind::Complex,
        "It is a picture in the user's mailbox, not a value of the user, and changes of it are not reported.",
    ),
    refused("assignedLicenses", "Licenses", Kind::Complex, LICENSES),
    refused("assignedPlans", "Plans", Kind::Complex, PLANS),
    refused(
        "licenseAssignmentStates",
        "License assignments",
        Kind::Complex,
        STRUCTURED,
    ),
    refused(
        "provisionedPlans",
        "Provisioned plans",
        Kind::Complex,
        STRUCTURED,
    ),
    refused(
        "onPremisesProvisioningErrors",
        "On-premises provisioning errors",
        Kind::Complex,
        STRUCTURED,
    ),
    refused(
        "serviceProvisioningErrors",
        "Service provisioning errors",
        Kind::Complex,
        STRUCTURED,
    ),
    refused(
        "authorizationInfo",
        "Certificate user IDs",
        Kind::Complex,
        "It says by which certificates somebody signs in, which is nothing for a contact.",
    ),
    refused(
        "customSecurityAttributes",
        "Custom security attributes",
        Kind::Complex,
        "They need a permission of their own (CustomSecAttributeAssignment.Read.All), and Microsoft Graph reports no changes of them.",
    ),
    refused(
        "identityParentId",
        "Identity parent",
        Kind::Text,
        "It leads to the agent that an account belongs to, and people have none.",
    ),
    refused(
        "passwordPolicies",
        "Password policies",
        Kind::Text,
        PASSWORDS,
    ),
    refused(
        "passwordProfile",
        "Password profile",
        Kind::Complex,
        PASSWORDS,
    ),
    refused(
        "securityIdentifier",
        "Security identifier",
        Kind::Text,
        "It is made from the object ID for Windows; map `id`, or `onPremisesSecurityIdentifier` for that of Active Directory.",
    ),
    refused(
        "signInSessionsValidFromDateTime",
        "Sessions valid from",
        Kind::DateTime,
        "It says since when somebody has to sign in anew, which is nothing for a contact.",
    ),
    refused("identities", "Identities", Kind::Complex, STRUCTURED),
    refused(
        "employeeOrgData",
        "Organization data",
        Kind::Complex,
        "It has members; map `employeeOrgData/costCenter` or `employeeOrgData/division` instead.",
    ),
    refused(
        "onPremisesExtensionAttributes",
        "Extension attributes",
        Kind::Complex,
        "It has members; map one of them instead, such as `onPremisesExtensionAttributes/extensionAttribute1`.",
    ),
    refused(
        "deletedDateTime",
        "Deleted",
        Kind::DateTime,
        "A user who is in the directory never has one; what becomes of deleted users is said with `removed`.",
    ),
    refused(
        "isResourceAccount",
        "Resource account",
        Kind::Boolean,
        "Microsoft reserves it for future use.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_stands_twice_among_mapped_and_refused_attributes() {
        let mut seen = HashSet::new();
        // What is refused as a value may be asked for as a whole.
        let filtered = FILTERED.iter().filter(|known| !known.is_any_assignment());
        let attributes = ATTRIBUTES.iter().chain(filtered);
        let names = attributes.map(|attribute| attribute.name);
        for name in names.chain(REFUSED.iter().map(|refused| refused.name)) {
            assert!(seen.insert(name), "{name} twice");
        }
    }

    #[test]
    fn labels_tell_attributes_apart() {
        let mut seen = HashSet::new();
        for attribute in ATTRIBUTES {
            assert!(seen.insert(attribute.label), "{} twice", attribute.label);
        }
    }

    #[test]
    fn a_member_is_selected_by_its_property_as_a_whole() {
        let attribute =
            find("onPremisesExtensionAttributes/extensionAttribute15").expect("in the catalogue");
        assert_eq!(attribute.property, "onPremisesExtensionAttributes");
        assert_eq!(attribute.member, Some("extensionAttribute15"));
        let filtered = FILTERED.iter().filter(|known| !known.is_any_assignment());
        for attribute in ATTRIBUTES.iter().chain(filtered) {
            let name = match attribute.member {
                Some(member) => format!("{}/{member}", attribute.property),
                None => attribute.property.to_owned(),
            };
            assert_eq!(name, attribute.name);
        }
    }

    /// The properties of the v1.0 schema (<https://graph.microsoft.com/v1.0/$metadata>), those that user
    /// inherits included, without relationships.
    const SCHEMA: &[&str] = &[
        "aboutMe",
        "accountEnabled",
        "ageGroup",
        "assignedLicenses",
        "assignedPlans",
        "authorizationInfo",
        "birthday",
        "businessPhones",
        "city",
        "companyName",
        "consentProvidedForMinor",
        "country",
        "createdDateTime",
        "creationType",
        "customSecurityAttributes",
        "deletedDateTime",
        "department",
        "deviceEnrollmentLimit",
        "displayName",
        "employeeHireDate",
        "employeeId",
        "employeeLeaveDateTime",
        "employeeOrgData",
        "employeeType",
        "externalUserState",
        "externalUserStateChangeDateTime",
        "faxNumber",
        "givenName",
        "hireDate",
        "id",
        "identities",
        "identityParentId",
        "imAddresses",
        "interests",
        "isManagementRestricted",
        "isResourceAccount",
        "jobTitle",
        "lastPasswordChangeDateTime",
        "legalAgeGroupClassification",
        "licenseAssignmentStates",
        "mail",
        "mailNickname",
        "mailboxSettings",
        "mobilePhone",
        "mySite",
        "officeLocation",
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesExtensionAttributes",
        "onPremisesImmutableId",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "onPremisesUserPrincipalName",
        "otherMails",
        "passwordPolicies",
        "passwordProfile",
        "pastProjects",
        "postalCode",
        "preferredDataLocation",
        "preferredLanguage",
        "preferredName",
        "print",
        "provisionedPlans",
        "proxyAddresses",
        "responsibilities",
        "schools",
        "securityIdentifier",
        "serviceProvisioningErrors",
        "showInAddressList",
        "signInActivity",
        "signInSessionsValidFromDateTime",
        "skills",
        "state",
        "streetAddress",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
    ];

    #[test]
    fn every_property_of_a_user_can_be_mapped_or_is_refused_with_a_reason() {
        for name in SCHEMA {
            let is_known = find(name).is_some()
                || refusal(name).is_some_and(|refused| refused.reason.ends_with('.'));
            assert!(is_known, "{name}");
        }
        let of_people = |attribute: &&Attribute| attribute.property != MANAGER;
        for attribute in ATTRIBUTES.iter().chain(FILTERED).filter(of_people) {
            assert!(SCHEMA.contains(&attribute.property), "{}", attribute.name);
        }
    }

    /// The properties of an organisational contact in the v1.0 schema
    /// (<https://learn.microsoft.com/graph/api/resources/orgcontact#properties>).
    const OF_ORG_CONTACT: [&str; 17] = [
        "addresses",
        "companyName",
        "deletedDateTime",
        "department",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mailNickname",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "onPremisesSyncEnabled",
        "phones",
        "proxyAddresses",
        "serviceProvisioningErrors",
        "surname",
    ];

    #[test]
    fn an_organisational_contact_is_asked_for_what_it_has_and_for_nothing_of_users_alone() {
        let placed = |name| placed(find_for_filter(name).unwrap(), PersonKind::OrgContact);
        for attribute in ATTRIBUTES.iter().chain(FILTERED) {
            if let Some(placed) = placed(attribute.name) {
                assert!(OF_ORG_CONTACT.contains(&placed.property), "{}", placed.name);
                assert_eq!(placed.name, attribute.name);
                assert_eq!(placed.label, attribute.label);
                assert_eq!(placed.permission, None);
            }
        }
        for name in SHARED {
            assert_eq!(placed(name), find(name), "{name}");
        }
        for name in [
            "accountEnabled",
            "userPrincipalName",
            "userType",
            "usageLocation",
            "employeeId",
            "otherMails",
            "manager/displayName",
            "assignedLicenses",
            "createdDateTime",
        ] {
            assert_eq!(placed(name), None, "{name}");
        }
        assert_eq!(placed("country").unwrap().member, Some("countryOrRegion"));
        assert_eq!(
            placed("faxNumber").unwrap().kind,
            Kind::Record(Some("businessFax"))
        );
    }

    #[test]
    fn only_refused_attributes_are_complex() {
        assert!(
            ATTRIBUTES
                .iter()
                .all(|attribute| attribute.kind != Kind::Complex)
        );
    }
}
