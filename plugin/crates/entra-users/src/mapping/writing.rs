//! What of the catalogue can be written, by whose leave, and what it takes; and why the rest cannot.
//!
//! Which attributes an application may write at all is
//! <https://learn.microsoft.com/graph/api/user-update>; that telephone numbers and other addresses may lead into
//! an account is
//! <https://learn.microsoft.com/entra/identity/authentication/howto-sspr-authenticationdata>. Not all that Graph
//! would take is written: what decides how somebody signs in and what they may do is never.
//!
//! Beside the attribute, the *person* decides: whoever is synchronised from a directory on premises is written
//! there, see [`SYNCED`].

use contact_identity::form::Form;

use super::catalogue::{self, Attribute, Content};
use crate::permission::{WRITES_OTHER_MAILS, WRITES_PHONES, WRITES_USERS, has_any};

/// The property that says where a user is mastered: `true` on premises, `false` here after having been on
/// premises, absent or null here. It can change at any time, so it is read anew before each write
/// (<https://learn.microsoft.com/entra/identity/hybrid/user-source-of-authority-overview>).
pub const SYNCED: &str = "onPremisesSyncEnabled";

/// Why what a contact holds is nothing that the directory is given. Each is stable, for programs.
pub mod flaw {
    /// The attribute always has a value.
    pub const EMPTY: &str = "cannot-be-empty";
    /// It is longer than the directory allows.
    pub const LONG: &str = "too-long";
    /// There is no digit in a telephone number.
    pub const NO_NUMBER: &str = "no-number";
    /// It is no mail address.
    pub const NO_ADDRESS: &str = "no-address";
    /// It is no country code of two capital letters (ISO 3166-1). One is never made from a country's name.
    pub const NO_COUNTRY: &str = "no-country-code";
    /// There is a line break or another control character in it.
    pub const CONTROL: &str = "control-character";
}

/// What writing an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Application permissions of which one suffices, the least first.
    pub permissions: &'static [&'static str],
    /// It may lead into an account: to reset a password, or as a second factor. An application may write it only of
    /// people without a role, or with roles below its own
    /// (<https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions>).
    pub is_sensitive: bool,
    /// It may hold nothing.
    pub may_be_empty: bool,
    /// Exchange keeps it for whoever was once synchronised from on premises
    /// (<https://learn.microsoft.com/graph/api/resources/onpremisesextensionattributes>).
    pub is_of_exchange: bool,
    /// The longest value, in UTF-16 code units, where Microsoft states one.
    pub max_length: Option<u32>,
}

/// An attribute that the connector writes. There is no other way to one than [`Writable::find`], so nothing else
/// can stand in a request that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writable {
    attribute: &'static Attribute,
    rules: Rules,
}

const OF_MICROSOFT: &str = "Microsoft sets it, and nobody can write it.";
const ON_PREMISES: &str =
    "It comes from the directory on premises, and can be changed there alone.";
const OF_EXCHANGE: &str = "It belongs to the mailbox: change it in Exchange.";
const OF_THE_ACCOUNT: &str =
    "It decides how somebody signs in and what they may do; the connector never writes it.";
const OF_OTHERS: &str = "It leads to somebody else; who reports to whom is not written.";
const BY_PEOPLE: &str = "Microsoft Graph lets no application write it by itself.";
const STARTS_SOMETHING: &str =
    "What is written here starts something: workflows for who leaves, or a move of a mailbox.";
const OF_MINORS: &str = "It records what the law asks for of minors, and is no contact data.";

/// Why an attribute is not written; `None` where it is, and for what is no attribute.
#[must_use]
pub fn refusal(name: &str) -> Option<&'static str> {
    let attribute = catalogue::find(name)?;
    rules(attribute).err()
}

fn rules(attribute: &Attribute) -> Result<Rules, &'static str> {
    let plain = Rules {
        permissions: &WRITES_USERS,
        is_sensitive: false,
        may_be_empty: true,
        is_of_exchange: false,
        max_length: attribute.max_length,
    };
    let sensitive = |permissions, max_length| Rules {
        permissions,
        is_sensitive: true,
        max_length: Some(max_length),
        ..plain
    };
    Ok(match attribute.property {
        "city" | "companyName" | "country" | "department" | "employeeId" | "employeeOrgData"
        | "employeeType" | "faxNumber" | "givenName" | "jobTitle" | "postalCode"
        | "preferredLanguage" | "state" | "streetAddress" | "surname" => plain,
        "officeLocation" => Rules {
            max_length: Some(128),
            ..plain
        },
        "displayName" | "usageLocation" => Rules {
            may_be_empty: false,
            ..plain
        },
        "onPremisesExtensionAttributes" => Rules {
            is_of_exchange: true,
            max_length: Some(1024),
            ..plain
        },
        "businessPhones" | "mobilePhone" => sensitive(&WRITES_PHONES, 64),
        "otherMails" => sensitive(&WRITES_OTHER_MAILS, 250),
        "accountEnabled" | "userPrincipalName" | "userType" => return Err(OF_THE_ACCOUNT),
        "mail" | "mailNickname" | "proxyAddresses" | "showInAddressList" => {
            return Err(OF_EXCHANGE);
        }
        "manager" => return Err(OF_OTHERS),
        "employeeHireDate" => return Err(BY_PEOPLE),
        "employeeLeaveDateTime" | "preferredDataLocation" => return Err(STARTS_SOMETHING),
        "ageGroup" | "consentProvidedForMinor" => return Err(OF_MINORS),
        property if property.starts_with("onPremises") => return Err(ON_PREMISES),
        _ => return Err(OF_MICROSOFT),
    })
}

impl Writable {
    /// The attribute of that name, where the connector writes it.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let attribute = catalogue::find(name)?;
        let rules = rules(attribute).ok()?;
        Some(Self { attribute, rules })
    }

    /// The attribute.
    #[must_use]
    pub fn attribute(&self) -> &'static Attribute {
        self.attribute
    }

    /// What writing it takes.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Whether the roles of a token allow to write it.
    #[must_use]
    pub fn is_granted(&self, roles: &[String]) -> bool {
        has_any(roles, self.rules.permissions)
    }

    /// Why the directory would not take a value, as far as that is known without asking it.
    #[must_use]
    pub fn flaw(&self, value: Option<&str>) -> Option<&'static str> {
        let Some(value) = value else {
            return (!self.rules.may_be_empty).then_some(flaw::EMPTY);
        };
        if value.contains(char::is_control) {
            return Some(flaw::CONTROL);
        }
        let limit = self.rules.max_length.unwrap_or(u32::MAX);
        let is_long = value
            .encode_utf16()
            .nth(usize::try_from(limit).unwrap_or(usize::MAX));
        if is_long.is_some() {
            return Some(flaw::LONG);
        }
        if self.attribute.property == "usageLocation" {
            let capitals = value.bytes().all(|byte| byte.is_ascii_uppercase());
            return (value.len() != 2 || !capitals).then_some(flaw::NO_COUNTRY);
        }
        match self.attribute.content {
            Content::Phone => Form::Telephone
                .value(value)
                .is_none()
                .then_some(flaw::NO_NUMBER),
            Content::Address => (!value.contains('@')).then_some(flaw::NO_ADDRESS),
            Content::General | Content::Free => {
                Form::Text.value(value).is_none().then_some(flaw::EMPTY)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sync_core::mapping::rows::{Direction, Purpose, Row};

    use super::super::catalogue::ATTRIBUTES;
    use super::*;

    fn writable(name: &str) -> Writable {
        Writable::find(name).unwrap_or_else(|| panic!("{name} is written"))
    }

    #[test]
    fn every_attribute_is_written_or_says_in_a_sentence_why_not() {
        for attribute in ATTRIBUTES {
            let name = attribute.name;
            let refused = refusal(name);
            assert_ne!(Writable::find(name).is_some(), refused.is_some(), "{name}");
            assert!(refused.is_none_or(|reason| reason.ends_with('.')), "{name}");
        }
    }

    #[test]
    fn what_decides_about_an_account_is_never_written() {
        for name in [
            "id",
            "accountEnabled",
            "userPrincipalName",
            "userType",
            "mail",
            "proxyAddresses",
            "mailNickname",
            "identities",
            "passwordProfile",
            "passwordPolicies",
            "assignedLicenses",
            "onPremisesImmutableId",
            "onPremisesSyncEnabled",
            "manager/id",
        ] {
            assert_eq!(Writable::find(name), None, "{name}");
        }
    }

    #[test]
    fn what_may_lead_into_an_account_has_permissions_of_its_own() {
        let sensitive = ATTRIBUTES.iter().filter_map(|attribute| {
            Writable::find(attribute.name).filter(|writable| writable.rules().is_sensitive)
        });
        let sensitive: Vec<_> = sensitive
            .map(|writable| (writable.attribute().name, writable.rules().permissions[0]))
            .collect();
        assert_eq!(
            sensitive,
            [
                ("otherMails", "User-Mail.ReadWrite.All"),
                ("businessPhones", "User-Phone.ReadWrite.All"),
                ("mobilePhone", "User-Phone.ReadWrite.All"),
            ]
        );
        let roles = |role: &str| vec![role.to_owned()];
        assert!(writable("mobilePhone").is_granted(&roles("User.ReadWrite.All")));
        assert!(!writable("mobilePhone").is_granted(&roles("User.ReadUpdate.All")));
        assert!(writable("jobTitle").is_granted(&roles("User.ReadUpdate.All")));
        assert!(!writable("jobTitle").is_granted(&roles("User.Read.All")));
    }

    /// Whoever decides compares in the form of the row, and the writer by the same.
    #[test]
    fn a_row_that_writes_has_the_form_of_its_attribute() {
        for attribute in ATTRIBUTES {
            if Writable::find(attribute.name).is_none() {
                continue;
            }
            let row = Row {
                attribute: attribute.name,
                field: "field".to_owned(),
                label: String::new(),
                purpose: Purpose::Plain,
                mandatory: false,
                only_on_create: false,
                max_length: None,
                direction: Direction::Reverse,
                always_filled: false,
            };
            let expected = match attribute.content {
                Content::Phone => Form::Telephone,
                Content::Address => Form::Address,
                Content::General | Content::Free => Form::Text,
            };
            assert_eq!(row.form(), expected, "{}", attribute.name);
        }
    }

    #[test]
    fn a_value_that_the_directory_refuses_is_known_before_it_is_asked() {
        let long = "x".repeat(65);
        for (name, value, expected) in [
            ("displayName", None, Some(flaw::EMPTY)),
            ("usageLocation", None, Some(flaw::EMPTY)),
            ("jobTitle", None, None),
            ("jobTitle", Some("  "), Some(flaw::EMPTY)),
            ("jobTitle", Some("Head\nof it"), Some(flaw::CONTROL)),
            (
                "mobilePhone",
                Some("+1 425\u{7f}555 0100"),
                Some(flaw::CONTROL),
            ),
            ("companyName", Some(&*long), Some(flaw::LONG)),
            ("companyName", Some(&long[1..]), None),
            ("employeeId", Some("12345678901234567"), Some(flaw::LONG)),
            ("usageLocation", Some("NL"), None),
            ("usageLocation", Some("nl"), Some(flaw::NO_COUNTRY)),
            ("usageLocation", Some("Moldova"), Some(flaw::LONG)),
            ("mobilePhone", Some("n/a"), Some(flaw::NO_NUMBER)),
            ("mobilePhone", Some("+1 425 555 0100"), None),
            ("otherMails", Some("nobody"), Some(flaw::NO_ADDRESS)),
        ] {
            assert_eq!(writable(name).flaw(value), expected, "{name} {value:?}");
        }
        // In the units of the service's own texts, of which an emoji takes two.
        let company = writable("companyName");
        assert_eq!(company.flaw(Some(&"😀".repeat(32))), None);
        assert_eq!(company.flaw(Some(&"😀".repeat(33))), Some(flaw::LONG));
    }
}
