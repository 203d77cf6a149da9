//! What a request may write about a user: the kind of value that each property takes, how long it may be, and
//! whose it is.
//!
//! Lengths and rules are those of <https://learn.microsoft.com/graph/api/user-update> and
//! <https://learn.microsoft.com/graph/api/resources/user>; who may write what is sensitive of whom is
//! <https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions>.

use serde_json::Value;

use Written::{Empty, Flag, Kept, Moment, Nested, Secret, Text, Texts};

/// What a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A text of at most so many characters; `null` empties it.
    Text(usize),
    /// A text of at most so many characters that nobody can empty.
    Kept(usize),
    /// One of these texts, or `null`.
    OneOf(&'static [&'static str]),
    /// At most so many texts of at most so many characters; never `null`.
    Texts(usize, usize),
    /// `true` or `false`.
    Flag,
    /// A moment, or `null`.
    Moment,
    /// An object with these members, each a text of at most so many characters or `null`.
    Nested(&'static [&'static str], usize),
    /// A password, which nobody can read again.
    Secret,
    /// Nothing: it is there to be read.
    Empty,
    /// Nothing from an application by itself, whatever its permissions.
    ByPeople,
    /// What SharePoint Online keeps, which is refused to an application by itself.
    SharePoint,
}

/// Why a value is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFlaw {
    /// It is of another type.
    Type,
    /// It is empty, too long, or there are too many.
    Length,
    /// It is none of those that are known, or may not be missing.
    Value,
}

/// Members that an update replaces one by one; those of every other object it replaces together
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/20876>).
pub const MERGED: &str = "onPremisesExtensionAttributes";

/// Properties that may lead into an account.
pub const SENSITIVE: [&str; 7] = [
    "accountEnabled",
    "businessPhones",
    "mobilePhone",
    "onPremisesImmutableId",
    "otherMails",
    "passwordProfile",
    "userPrincipalName",
];

const EXTENSION_ATTRIBUTES: [&str; 15] = [
    "extensionAttribute1",
    "extensionAttribute2",
    "extensionAttribute3",
    "extensionAttribute4",
    "extensionAttribute5",
    "extensionAttribute6",
    "extensionAttribute7",
    "extensionAttribute8",
    "extensionAttribute9",
    "extensionAttribute10",
    "extensionAttribute11",
    "extensionAttribute12",
    "extensionAttribute13",
    "extensionAttribute14",
    "extensionAttribute15",
];

/// Where Microsoft states no limit.
const UNSTATED: usize = 256;

const WRITTEN: [(&str, Written); 48] = [
    ("aboutMe", Written::SharePoint),
    ("accountEnabled", Flag),
    ("ageGroup", Written::OneOf(&["Minor", "NotAdult", "Adult"])),
    ("birthday", Written::SharePoint),
    // "Although this is a string collection, only one number can be set for this property."
    ("businessPhones", Texts(1, 64)),
    ("city", Text(128)),
    ("companyName", Text(64)),
    (
        "consentProvidedForMinor",
        Written::OneOf(&["Granted", "Denied", "NotRequired"]),
    ),
    ("country", Text(128)),
    ("department", Text(64)),
    ("displayName", Kept(256)),
    ("employeeHireDate", Written::ByPeople),
    ("employeeId", Text(16)),
    ("employeeLeaveDateTime", Moment),
    (
        "employeeOrgData",
        Nested(&["costCenter", "division"], UNSTATED),
    ),
    ("employeeType", Text(UNSTATED)),
    ("faxNumber", Text(64)),
    ("givenName", Text(64)),
    ("hireDate", Written::SharePoint),
    ("identities", Written::ByPeople),
    ("interests", Written::SharePoint),
    ("jobTitle", Text(128)),
    ("mail", Kept(UNSTATED)),
    ("mailNickname", Kept(64)),
    ("mobilePhone", Text(64)),
    ("mySite", Written::SharePoint),
    ("officeLocation", Text(128)),
    (
        "onPremisesExtensionAttributes",
        Nested(&EXTENSION_ATTRIBUTES, 1024),
    ),
    ("onPremisesImmutableId", Text(UNSTATED)),
    ("otherMails", Texts(250, 250)),
    ("passwordPolicies", Text(UNSTATED)),
    ("passwordProfile", Secret),
    ("pastProjects", Written::SharePoint),
    ("postalCode", Text(40)),
    ("preferredDataLocation", Text(64)),
    ("preferredLanguage", Text(64)),
    ("preferredName", Written::SharePoint),
    // By Graph nobody has been seen to write them
    // (<https://github.com/microsoftgraph/msgraph-beta-sdk-java/issues/951>).
    ("proxyAddresses", Written::ByPeople),
    ("responsibilities", Written::SharePoint),
    ("schools", Written::SharePoint),
    ("showInAddressList", Flag),
    ("skills", Written::SharePoint),
    ("state", Text(128)),
    ("streetAddress", Text(1024)),
    ("surname", Text(64)),
    ("usageLocation", Kept(2)),
    ("userPrincipalName", Kept(113)),
    ("userType", Written::OneOf(&["Member", "Guest"])),
];

/// What a property of that name, in Microsoft's spelling, takes.
#[must_use]
pub fn written(name: &str) -> Written {
    let known = WRITTEN.iter().find(|(known, _)| *known == name);
    known.map_or(Empty, |(_, written)| *written)
}

impl Written {
    /// Whether a value is taken.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, value: &Value) -> Result<(), ValueFlaw> {
        match (self, value) {
            (Text(_) | Moment | Written::OneOf(_) | Nested(..), Value::Null) => Ok(()),
            (Kept(_) | Flag, Value::Null) => Err(ValueFlaw::Value),
            (Text(longest) | Kept(longest), Value::String(text)) => fits(text, longest),
            (Written::OneOf(known), Value::String(text)) => {
                let is_known = known.contains(&text.as_str());
                is_known.then_some(()).ok_or(ValueFlaw::Value)
            }
            (Texts(most, longest), Value::Array(texts)) => {
                if texts.len() > most {
                    return Err(ValueFlaw::Length);
                }
                texts.iter().try_for_each(|text| match text {
                    Value::String(text) => fits(text, longest),
                    _ => Err(ValueFlaw::Type),
                })
            }
            (Flag, Value::Bool(_)) | (Secret, Value::Object(_)) => Ok(()),
            (Moment, Value::String(text)) => {
                let moment = crate::moments::parse(text);
                moment.map(drop).ok_or(ValueFlaw::Value)
            }
            (Nested(members, longest), Value::Object(object)) => {
                object.iter().try_for_each(|(name, value)| match value {
                    _ if !members.contains(&name.as_str()) => Err(ValueFlaw::Type),
                    Value::Null => Ok(()),
                    Value::String(text) => fits(text, longest),
                    _ => Err(ValueFlaw::Type),
                })
            }
            _ => Err(ValueFlaw::Type),
        }
    }
}

/// An empty text is no way to empty anything
/// (<https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/1453>).
fn fits(text: &str, longest: usize) -> Result<(), ValueFlaw> {
    // The unit is not stated; it is that of the service's own strings.
    let length = text.encode_utf16().count();
    if (1..=longest).contains(&length) {
        Ok(())
    } else {
        Err(ValueFlaw::Length)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::properties;

    #[test]
    fn every_property_that_takes_something_is_one_of_a_user() {
        for (name, _) in WRITTEN {
            assert!(properties::find(name).is_some(), "{name}");
        }
        for name in SENSITIVE {
            assert_ne!(written(name), Empty, "{name}");
        }
        assert_eq!(written("createdDateTime"), Empty);
    }

    #[test]
    fn a_text_is_emptied_by_null_and_by_nothing_else() {
        let title = written("jobTitle");
        assert_eq!(title.check(&Value::Null), Ok(()));
        assert_eq!(title.check(&json!("")), Err(ValueFlaw::Length));
        assert_eq!(title.check(&json!(7)), Err(ValueFlaw::Type));
        let name = written("displayName");
        assert_eq!(name.check(&Value::Null), Err(ValueFlaw::Value));
    }

    #[test]
    fn a_collection_is_emptied_by_an_empty_one() {
        let phones = written("businessPhones");
        assert_eq!(phones.check(&json!([])), Ok(()));
        assert_eq!(phones.check(&json!(["+1 425 555 0100"])), Ok(()));
        assert_eq!(phones.check(&json!(["1", "2"])), Err(ValueFlaw::Length));
        assert_eq!(phones.check(&json!([""])), Err(ValueFlaw::Length));
        assert_eq!(phones.check(&Value::Null), Err(ValueFlaw::Type));
        assert_eq!(phones.check(&json!("1")), Err(ValueFlaw::Type));
    }

    #[test]
    fn too_long_a_value_is_refused_and_never_cut() {
        let company = written("companyName");
        assert_eq!(company.check(&json!("x".repeat(64))), Ok(()));
        assert_eq!(
            company.check(&json!("x".repeat(65))),
            Err(ValueFlaw::Length)
        );
        // Two units each.
        assert_eq!(company.check(&json!("😀".repeat(32))), Ok(()));
        assert_eq!(
            company.check(&json!("😀".repeat(33))),
            Err(ValueFlaw::Length)
        );
    }

    #[test]
    fn an_object_takes_its_own_members() {
        let attributes = written(MERGED);
        assert_eq!(
            attributes.check(&json!({"extensionAttribute7": "x", "extensionAttribute8": null})),
            Ok(())
        );
        assert_eq!(
            attributes.check(&json!({"extensionAttribute16": "x"})),
            Err(ValueFlaw::Type)
        );
    }
}
