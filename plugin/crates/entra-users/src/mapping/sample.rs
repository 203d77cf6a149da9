//! A sample value of each attribute: what an administrator recognises an attribute by.

use sync_core::mapping::person::Stated;

use crate::user::{Selection, User};

use super::catalogue::{ATTRIBUTES, Attribute};
use super::slot::Slot;

/// Longest sample, in Unicode scalar values; it is for recognising, not for reading.
const LONGEST: usize = 80;

/// Every attribute that can be mapped, without those that need a permission which the roles of a token
/// do not grant: asked for one of them, the service gives nothing.
#[must_use]
pub fn everything(roles: &[String]) -> Selection {
    let may_read = |attribute: &&Attribute| {
        attribute
            .guarded()
            .is_none_or(|guarded| guarded.is_granted(roles))
    };
    let readable = ATTRIBUTES.iter().filter(may_read);
    Selection::new(readable.map(|attribute| attribute.property))
}

/// Of each attribute, the first value that one of the users has; attributes of which nobody has one are
/// left out. The users must have been requested with this selection.
#[must_use]
pub fn samples(users: &[User<'_>], selection: &Selection) -> Vec<(&'static str, String)> {
    let sample = |slot: &Slot| {
        users.iter().find_map(|user| match slot.read(user) {
            Ok(Stated::Value(value)) => Some(value.chars().take(LONGEST).collect()),
            _ => None,
        })
    };
    ATTRIBUTES
        .iter()
        .filter_map(|attribute| {
            let slot = Slot::new(attribute, selection);
            sample(&slot).map(|value| (attribute.name, value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::Value;

    fn user(values: &[(&str, Value<'static>)]) -> User<'static> {
        let selection = everything(&[]);
        let of = |property: &&'static str| {
            let stated = values.iter().find(|(name, _)| name == property);
            stated.map_or(Value::Absent, |(_, value)| value.clone())
        };
        User {
            id: Some("1".into()),
            removed: None,
            is_agent: false,
            values: selection.properties().iter().map(of).collect(),
        }
    }

    #[test]
    fn the_first_person_who_has_a_value_gives_the_sample() {
        let users = [
            user(&[("department", Value::Null)]),
            user(&[
                ("department", Value::Text("Sales".into())),
                ("accountEnabled", Value::Bool(true)),
            ]),
            user(&[("department", Value::Text("Support".into()))]),
        ];
        let samples = samples(&users, &everything(&[]));
        let of = |name| samples.iter().find(|(attribute, _)| *attribute == name);
        assert_eq!(
            of("department").map(|(_, value)| value.as_str()),
            Some("Sales")
        );
        assert_eq!(
            of("accountEnabled").map(|(_, value)| value.as_str()),
            Some("true")
        );
        assert_eq!(of("jobTitle"), None);
    }

    #[test]
    fn what_the_token_may_not_read_is_not_asked_for() {
        assert_eq!(everything(&[]).position("employeeLeaveDateTime"), None);
        let granted = ["User-LifeCycleInfo.Read.All".to_owned()];
        assert!(
            everything(&granted)
                .position("employeeLeaveDateTime")
                .is_some()
        );
        assert!(everything(&[]).position("department").is_some());
    }

    #[test]
    fn a_long_value_is_cut_and_a_misshapen_one_is_none() {
        let users = [user(&[
            ("jobTitle", Value::Text("ä".repeat(500).into())),
            ("department", Value::Bool(true)),
        ])];
        let samples = samples(&users, &everything(&[]));
        let title = samples.iter().find(|(name, _)| *name == "jobTitle");
        assert_eq!(title.map(|(_, value)| value.chars().count()), Some(LONGEST));
        assert!(samples.iter().all(|(name, _)| *name != "department"));
    }
}
