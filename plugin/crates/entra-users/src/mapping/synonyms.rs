//! What the field calls the attributes of a user: Active Directory (LDAP), Exchange, the former PowerShell
//! modules, SCIM, and plain English. Whoever writes one of these words meant an attribute, and hears which.
//!
//! Sources: <https://learn.microsoft.com/entra/identity/hybrid/connect/reference-connect-sync-attributes-synchronized>
//! for Active Directory, <https://learn.microsoft.com/powershell/module/azuread/set-azureaduser> and
//! <https://learn.microsoft.com/powershell/module/msonline/get-msoluser> for PowerShell,
//! <https://learn.microsoft.com/powershell/module/exchange/set-mailbox> for Exchange.

use super::catalogue::{self, ATTRIBUTES};

/// What somebody meant who wrote a word that is no attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// An attribute of the catalogue, with what has to be said of it.
    Attribute(&'static str, &'static str),
    /// Something that cannot be read, and why.
    Nothing(&'static str),
}

/// What a word means, where it is one of the field's. Compared without regard to case.
#[must_use]
pub fn meant(word: &str) -> Option<Meant> {
    let word = word.trim();
    let word = strip_prefix(word, "user.").unwrap_or(word);
    let same = ATTRIBUTES
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(word));
    if let Some(attribute) = same {
        return Some(Meant::Attribute(attribute.name, ""));
    }
    if strip_prefix(word, "extension_").is_some() {
        return Some(Meant::Nothing(DIRECTORY_EXTENSION));
    }
    extension_attribute(word)
        .or_else(|| member(word))
        .or_else(|| synonym(word))
        .or_else(|| catalogue::refusal_of_any_case(word).map(Meant::Nothing))
        .or_else(|| {
            let owner = word
                .split(['/', '.'])
                .next()
                .filter(|owner| *owner != word)?;
            catalogue::refusal_of_any_case(owner).map(Meant::Nothing)
        })
}

/// Without regard to case.
fn strip_prefix<'a>(word: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = word.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

const DIRECTORY_EXTENSION: &str = "Directory extensions are not available in this version; use one of `onPremisesExtensionAttributes/extensionAttribute1` to `…15` instead.";

/// `extensionAttribute5`, Exchange's `customAttribute5`, and the same after a dot.
fn extension_attribute(word: &str) -> Option<Meant> {
    let word = strip_prefix(word, "onPremisesExtensionAttributes.").unwrap_or(word);
    let number = [
        "extensionAttribute",
        "extension_attribute",
        "customAttribute",
        "msExchExtensionAttribute",
        "msDS-cloudExtensionAttribute",
    ]
    .iter()
    .find_map(|prefix| strip_prefix(word, prefix))?;
    let number: usize = number.parse().ok()?;
    let suffix = format!("/extensionAttribute{number}");
    let found = ATTRIBUTES
        .iter()
        .find(|attribute| attribute.name.ends_with(&suffix))?;
    Some(Meant::Attribute(found.name, ""))
}

/// A member after a dot, as expressions write it.
fn member(word: &str) -> Option<Meant> {
    let slashed = word.replace('.', "/");
    let found = ATTRIBUTES.iter().find(|attribute| {
        attribute.member.is_some() && attribute.name.eq_ignore_ascii_case(&slashed)
    })?;
    Some(Meant::Attribute(found.name, ""))
}

fn synonym(word: &str) -> Option<Meant> {
    let is_word = |known: &str| known.eq_ignore_ascii_case(word);
    let named = NAMES
        .iter()
        .find(|(_, words)| words.iter().any(|known| is_word(known)));
    if let Some((name, _)) = named {
        let note = if OPPOSITES.iter().any(|known| is_word(known)) {
            " It says the opposite: true where somebody is shown or enabled."
        } else {
            ""
        };
        return Some(match catalogue::refusal(name) {
            Some(refused) => Meant::Nothing(refused.reason),
            None => Meant::Attribute(name, note),
        });
    }
    if RELATIONSHIPS.iter().any(|known| is_word(known)) {
        return Some(Meant::Nothing(catalogue::RELATIONSHIP));
    }
    UNKNOWN_TO_ENTRA
        .iter()
        .any(|known| is_word(known))
        .then_some(Meant::Nothing(NOT_IN_ENTRA))
}

const NOT_IN_ENTRA: &str = "Entra ID keeps no such attribute of a user; synchronise it into one of the extension attributes, and use that, such as `onPremisesExtensionAttributes/extensionAttribute1`.";

/// Words that say the opposite of the attribute that they lead to.
const OPPOSITES: &[&str] = &[
    "accountDisabled",
    "blockCredential",
    "hiddenFromAddressListsEnabled",
    "hideFromAddressLists",
    "hideFromGlobalAddressList",
    "isDisabled",
    "msExchHideFromAddressLists",
];

/// An attribute of the catalogue, or one that is refused, and the field's other names for it.
static NAMES: &[(&str, &[&str])] = &[
    (
        "id",
        &[
            "objectId",
            "oid",
            "aadObjectId",
            "userId",
            "externalDirectoryObjectId",
            "cloudAnchor",
        ],
    ),
    (
        "displayName",
        &[
            "cn",
            "commonName",
            "name",
            "fullName",
            "simpleDisplayName",
            "displayNamePrintable",
            "name.formatted",
        ],
    ),
    (
        "givenName",
        &[
            "firstName",
            "first_name",
            "forename",
            "name.givenName",
            "gn",
        ],
    ),
    (
        "surname",
        &[
            "sn",
            "lastName",
            "last_name",
            "familyName",
            "family_name",
            "name.familyName",
        ],
    ),
    ("mailNickname", &["alias", "nickname"]),
    (
        "mail",
        &[
            "email",
            "e-mail",
            "emailAddress",
            "email_address",
            "primarySmtpAddress",
            "windowsEmailAddress",
            "rfc822Mailbox",
            "emails",
            "userMail",
            "msExchMailAddress",
        ],
    ),
    (
        "otherMails",
        &[
            "alternateEmail",
            "alternateEmailAddress",
            "alternateEmailAddresses",
            "alternativeEmail",
            "secondaryEmail",
            "otherMailbox",
            "otherMail",
        ],
    ),
    (
        "proxyAddresses",
        &[
            "emailAddresses",
            "smtpAddresses",
            "proxyAddress",
            "msExchAlias",
        ],
    ),
    (
        "userPrincipalName",
        &[
            "upn",
            "userName",
            "signInName",
            "loginName",
            "login",
            "msExchMasterAccount",
            "userLogonName",
        ],
    ),
    (
        "imAddresses",
        &[
            "sipProxyAddress",
            "sipAddress",
            "sip",
            "imAddress",
            "msRTCSIP-PrimaryUserAddress",
        ],
    ),
    (
        "businessPhones",
        &[
            "telephoneNumber",
            "telephone",
            "phone",
            "phoneNumber",
            "phoneNumbers",
            "businessPhone",
            "workPhone",
            "officePhone",
            "businessTelephoneNumber",
        ],
    ),
    (
        "mobilePhone",
        &[
            "mobile",
            "mobileNumber",
            "mobilePhoneNumber",
            "mobileTelephoneNumber",
            "cell",
            "cellPhone",
        ],
    ),
    (
        "faxNumber",
        &[
            "fax",
            "facsimileTelephoneNumber",
            "facsimilieTelephoneNumber",
            "businessFax",
        ],
    ),
    (
        "companyName",
        &[
            "company",
            "o",
            "organizationName",
            "organisationName",
            "organization",
            "organisation",
        ],
    ),
    (
        "jobTitle",
        &["title", "job_title", "position", "personalTitle"],
    ),
    (
        "department",
        &[
            "dept",
            "ou",
            "organizationalUnit",
            "departmentNumber",
            "departmentName",
        ],
    ),
    (
        "officeLocation",
        &[
            "physicalDeliveryOfficeName",
            "office",
            "officeName",
            "roomNumber",
            "location",
        ],
    ),
    (
        "employeeId",
        &["employeeNumber", "personnelNumber", "staffId", "workerId"],
    ),
    (
        "employeeType",
        &["personType", "workerType", "contractType"],
    ),
    (
        "employeeOrgData/costCenter",
        &["costCenter", "costCentre", "cost_center"],
    ),
    ("employeeOrgData/division", &["division", "businessUnit"]),
    (
        "employeeHireDate",
        &["startDate", "employmentDate", "dateOfJoining"],
    ),
    (
        "employeeLeaveDateTime",
        &[
            "employeeLeaveDate",
            "leaveDate",
            "endDate",
            "terminationDate",
            "employeeTerminationDate",
        ],
    ),
    (
        "streetAddress",
        &["street", "address", "address1", "postalAddress"],
    ),
    ("city", &["l", "locality", "localityName", "town"]),
    (
        "state",
        &[
            "st",
            "stateOrProvince",
            "stateOrProvinceName",
            "province",
            "region",
        ],
    ),
    ("postalCode", &["zip", "zipCode", "postcode", "postal_code"]),
    (
        "country",
        &[
            "c",
            "co",
            "countryName",
            "countryCode",
            "countryOrRegion",
            "friendlyCountryName",
            "countryLetterCode",
        ],
    ),
    ("usageLocation", &["msExchUsageLocation"]),
    (
        "preferredLanguage",
        &["language", "locale", "preferred_language"],
    ),
    (
        "accountEnabled",
        &[
            "enabled",
            "active",
            "isEnabled",
            "isActive",
            "userAccountControl",
            "accountDisabled",
            "isDisabled",
            "blockCredential",
            "accountStatus",
        ],
    ),
    ("userType", &["memberType", "isGuest", "guest"]),
    ("externalUserState", &["userState", "invitationState"]),
    (
        "externalUserStateChangeDateTime",
        &["userStateChangedOn", "externalUserStateChangedOn"],
    ),
    (
        "showInAddressList",
        &[
            "hiddenFromAddressListsEnabled",
            "hideFromAddressLists",
            "hideFromGlobalAddressList",
            "msExchHideFromAddressLists",
        ],
    ),
    (
        "createdDateTime",
        &[
            "whenCreated",
            "createTimeStamp",
            "created",
            "creationDate",
            "createdDate",
        ],
    ),
    (
        "lastPasswordChangeDateTime",
        &[
            "pwdLastSet",
            "passwordLastSet",
            "lastPasswordChangeTimestamp",
            "lastPasswordChange",
        ],
    ),
    (
        "onPremisesSyncEnabled",
        &["dirSyncEnabled", "directorySynced", "isDirSynced"],
    ),
    ("onPremisesLastSyncDateTime", &["lastDirSyncTime"]),
    (
        "onPremisesImmutableId",
        &[
            "immutableId",
            "sourceAnchor",
            "objectGUID",
            "mS-DS-ConsistencyGuid",
        ],
    ),
    ("onPremisesDistinguishedName", &["distinguishedName", "dn"]),
    (
        "onPremisesDomainName",
        &[
            "domainFQDN",
            "dnsDomainName",
            "domainName",
            "domain",
            "domainNetBios",
        ],
    ),
    (
        "onPremisesSamAccountName",
        &[
            "sAMAccountName",
            "uid",
            "accountName",
            "samName",
            "preWindows2000LogonName",
            "onPremisesAccountName",
        ],
    ),
    ("onPremisesSecurityIdentifier", &["objectSid", "sid"]),
    // What is refused, under other names.
    (
        "assignedLicenses",
        &["isLicensed", "licenses", "licence", "license"],
    ),
    ("identities", &["signInNames", "alternativeSecurityIds"]),
    ("manager/id", &["managerId"]),
    (
        "manager/displayName",
        &[
            "managerName",
            "managerDisplayName",
            "reportsTo",
            "supervisor",
        ],
    ),
    ("manager/mail", &["managerEmail", "managerMail"]),
    ("memberOf", &["groups", "group", "groupMembership"]),
    (
        "photo",
        &["thumbnailPhoto", "jpegPhoto", "picture", "avatar"],
    ),
    (
        "signInActivity",
        &[
            "lastLogon",
            "lastLogonTimestamp",
            "lastSignIn",
            "lastSignInDateTime",
            "approximateLastSignInDateTime",
            "lastLogonDate",
        ],
    ),
    (
        "signInSessionsValidFromDateTime",
        &[
            "refreshTokensValidFromDateTime",
            "stsRefreshTokensValidFrom",
        ],
    ),
    (
        "onPremisesProvisioningErrors",
        &["provisioningErrors", "dirSyncProvisioningErrors"],
    ),
    (
        "onPremisesExtensionAttributes",
        &[
            "extensionAttribute",
            "extensionAttributes",
            "customAttribute",
            "customAttributes",
        ],
    ),
    ("birthday", &["birthDate", "dateOfBirth"]),
    (
        "mySite",
        &["wWWHomePage", "webPage", "homePage", "website", "url"],
    ),
];

/// Relationships of a user that are no values, beside those in the catalogue
/// (<https://learn.microsoft.com/graph/api/resources/user#relationships>).
const RELATIONSHIPS: &[&str] = &[
    "agreementAcceptances",
    "appRoleAssignments",
    "authentication",
    "calendar",
    "calendarGroups",
    "calendars",
    "calendarView",
    "chats",
    "cloudClipboard",
    "cloudPCs",
    "contactFolders",
    "contacts",
    "createdObjects",
    "deviceManagementTroubleshootingEvents",
    "drive",
    "drives",
    "employeeExperience",
    "events",
    "extensions",
    "followedSites",
    "inferenceClassification",
    "insights",
    "joinedTeams",
    "licenseDetails",
    "mailFolders",
    "managedAppRegistrations",
    "managedDevices",
    "messages",
    "oauth2PermissionGrants",
    "onenote",
    "onlineMeetings",
    "onPremisesSyncBehavior",
    "outlook",
    "ownedDevices",
    "ownedObjects",
    "people",
    "permissionGrants",
    "photos",
    "planner",
    "presence",
    "registeredDevices",
    "scopedRoleMemberOf",
    "settings",
    "solutions",
    "teamwork",
    "todo",
];

/// Attributes of Active Directory and Exchange that have no property of a user in Microsoft Graph.
const UNKNOWN_TO_ENTRA: &[&str] = &[
    "accountExpires",
    "assistant",
    "badPwdCount",
    "comment",
    "description",
    "homeDirectory",
    "homePhone",
    "homePostalAddress",
    "info",
    "initials",
    "ipPhone",
    "middleName",
    "modifyTimeStamp",
    "msExchAssistantName",
    "notes",
    "otherHomePhone",
    "otherMobile",
    "otherPager",
    "otherTelephone",
    "pager",
    "postOfficeBox",
    "salutation",
    "secretary",
    "suffix",
    "telephoneAssistant",
    "telexNumber",
    "whenChanged",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_word_stands_once_and_leads_to_something_that_is_there() {
        let mut seen = HashSet::new();
        for (name, words) in NAMES {
            assert!(
                catalogue::find(name).is_some() || catalogue::refusal(name).is_some(),
                "{name}"
            );
            for word in *words {
                assert!(seen.insert(word.to_lowercase()), "{word} twice");
                assert!(meant(word).is_some(), "{word}");
            }
        }
        for word in RELATIONSHIPS.iter().chain(UNKNOWN_TO_ENTRA) {
            assert!(seen.insert(word.to_lowercase()), "{word} twice");
        }
        for attribute in ATTRIBUTES {
            assert!(
                !seen.contains(&attribute.name.to_lowercase()),
                "{}",
                attribute.name
            );
        }
    }

    #[test]
    fn the_fields_words_lead_to_the_attributes_of_graph() {
        for (word, name) in [
            ("telephoneNumber", "businessPhones"),
            ("mobile", "mobilePhone"),
            ("title", "jobTitle"),
            ("sAMAccountName", "onPremisesSamAccountName"),
            ("samaccountname", "onPremisesSamAccountName"),
            ("physicalDeliveryOfficeName", "officeLocation"),
            ("hiddenFromAddressListsEnabled", "showInAddressList"),
            (
                "extensionAttribute5",
                "onPremisesExtensionAttributes/extensionAttribute5",
            ),
            (
                "CustomAttribute15",
                "onPremisesExtensionAttributes/extensionAttribute15",
            ),
            (
                "onPremisesExtensionAttributes.extensionAttribute1",
                "onPremisesExtensionAttributes/extensionAttribute1",
            ),
            ("employeeOrgData.costCenter", "employeeOrgData/costCenter"),
            ("manager.displayName", "manager/displayName"),
            ("supervisor", "manager/displayName"),
            ("user.department", "department"),
            ("sn", "surname"),
            ("givenname", "givenName"),
            ("cn", "displayName"),
            ("c", "country"),
            ("co", "country"),
            ("l", "city"),
            ("st", "state"),
            ("streetaddress", "streetAddress"),
            ("ObjectId", "id"),
            ("DirSyncEnabled", "onPremisesSyncEnabled"),
            ("UserState", "externalUserState"),
        ] {
            let found = meant(word);
            assert!(
                matches!(found, Some(Meant::Attribute(found, _)) if found == name),
                "{word}: {found:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_reason() {
        for (word, reason) in [
            ("extension_0a1b2c_shoeSize", "Directory extensions"),
            ("Extension_0a1b2c_shoeSize", "Directory extensions"),
            ("customSecurityAttributes", "permission"),
            ("customSecurityAttributes.Engineering.Project", "permission"),
            ("signInActivity/lastSignInDateTime", "main store"),
            ("manager.jobTitle", "`manager/displayName`"),
            ("thumbnailPhoto", "picture"),
            ("joinedTeams", "relationship"),
            ("homePhone", "no such attribute"),
            ("wWWHomePage", "SharePoint"),
        ] {
            let found = meant(word);
            assert!(
                matches!(&found, Some(Meant::Nothing(told)) if told.contains(reason)),
                "{word}: {found:?}"
            );
        }
        assert_eq!(meant("frobnicate"), None);
        assert_eq!(meant("extensionAttribute16"), None);
    }
}
