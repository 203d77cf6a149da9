//! What the directory was given of a contact: kept for each person, the last value of each attribute.
//!
//! A record is made *before* the directory is asked, so that no process that dies leaves a value there of which nothing
//! tells, and is [certain](GivenValue::is_certain) once the directory has answered and the contact's base has moved.
//! For a while after that the directory may still show what it held before: it does not promise that a read sees the
//! write before it, and its changes may come twice and late
//! (<https://learn.microsoft.com/graph/delta-query-overview>). That is no change.

use serde::{Deserialize, Serialize};

use guest_kit::json;
use guest_kit::ordered::Map;

use crate::contact::ObjectId;
use crate::ports::{AttributeChange, State, StateWrite, Timestamp};

use super::checkpoint::{delete, write};
use super::run_abort::RunAbort;

const GIVEN: &str = "given/";

/// For how long the old value is taken for one that has not arrived yet, in milliseconds: an hour. What is seen are
/// seconds; nobody promises a number.
pub(super) const LAG_MS: u64 = 60 * 60 * 1_000;

/// What the directory was given of one contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Given {
    /// At most one for each attribute.
    pub values: Vec<GivenValue>,
}

/// A value that the directory was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenValue {
    /// What was changed.
    pub change: AttributeChange,
    /// When.
    pub at: Timestamp,
    /// By which run.
    pub run: String,
    /// The directory has answered that it holds it. Otherwise it was about to be asked.
    pub is_certain: bool,
}

impl Given {
    fn key(user: &ObjectId) -> String {
        format!("{GIVEN}{user}")
    }

    /// Of these people, what the directory was given of each.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn of<'u>(
        state: &dyn State,
        users: impl Iterator<Item = &'u ObjectId>,
    ) -> Result<Map<ObjectId, Self>, RunAbort> {
        let keys: Vec<_> = users.map(Self::key).collect();
        if keys.is_empty() {
            return Ok(Map::new());
        }
        let read = |(key, value): (String, Vec<u8>)| match key.strip_prefix(GIVEN) {
            Some(user) => {
                let given = json::from_bytes(&value);
                let given = given.ok_or_else(|| RunAbort::Unreadable { key: key.clone() })?;
                Ok((ObjectId::new(user), given))
            }
            None => Err(RunAbort::Unreadable { key }),
        };
        state.get_many(keys)?.into_iter().map(read).collect()
    }

    pub(super) fn save(&self, user: &ObjectId) -> Result<StateWrite, RunAbort> {
        if self.values.is_empty() {
            return Ok(delete(Self::key(user)));
        }
        write(&Self::key(user), self)
    }

    /// The last value of an attribute.
    #[must_use]
    pub fn value(&self, attribute: &str) -> Option<&GivenValue> {
        let mut values = self.values.iter();
        values.find(|value| value.change.attribute == attribute)
    }

    /// Whether the base of an attribute is what the directory was given last, where it was given something.
    pub(super) fn agrees(&self, attribute: &str, base: Option<&str>) -> bool {
        self.value(attribute)
            .is_none_or(|value| value.change.after.as_deref() == base)
    }

    /// Puts a value in the place of the last one of its attribute.
    pub(super) fn put(&mut self, value: GivenValue) {
        self.take_out(&value.change.attribute);
        self.values.push(value);
    }

    pub(super) fn take_out(&mut self, attribute: &str) {
        self.values
            .retain(|value| value.change.attribute != attribute);
    }

    /// Whether what the directory states of an attribute is what it held before it was given something a moment ago.
    #[must_use]
    pub fn is_late(&self, attribute: &str, stated: Option<&str>, now: Timestamp) -> bool {
        self.value(attribute).is_some_and(|value| {
            // A moment in the future was told by a clock that was wrong.
            let age = now.0.checked_sub(value.at.0);
            value.is_certain
                && value.change.before.as_deref() == stated
                && value.change.after.as_deref() != stated
                && age.is_some_and(|age| age < LAG_MS)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(at: u64, is_certain: bool) -> Given {
        let value = |text: &str| Some(text.to_owned());
        Given {
            values: vec![GivenValue {
                change: AttributeChange {
                    attribute: "jobTitle".to_owned(),
                    before: value("Hand"),
                    after: value("Head"),
                },
                at: Timestamp(at),
                run: "r1".to_owned(),
                is_certain,
            }],
        }
    }

    #[test]
    fn what_was_held_before_is_late_for_an_hour_and_nothing_else_is() {
        let late = |given: &Given, stated, now| given.is_late("jobTitle", stated, Timestamp(now));
        let certain = given(1_000, true);
        assert!(late(&certain, Some("Hand"), 1_000));
        assert!(late(&certain, Some("Hand"), 1_000 + LAG_MS - 1));
        assert!(
            !late(&certain, Some("Hand"), 1_000 + LAG_MS),
            "taken back by somebody"
        );
        assert!(!late(&certain, Some("Hand"), 999), "a clock that was wrong");
        assert!(!late(&certain, Some("Head"), 1_000), "the echo");
        assert!(!late(&certain, Some("Chief"), 1_000), "somebody's edit");
        assert!(!late(&certain, None, 1_000), "emptied by somebody");
        assert!(
            !late(&given(1_000, false), Some("Hand"), 1_000),
            "never answered"
        );
        assert!(!certain.is_late("department", Some("Hand"), Timestamp(1_000)));
    }

    #[test]
    fn of_each_attribute_the_last_value_is_kept() {
        let mut kept = given(1, true);
        kept.put(given(2, false).values.remove(0));
        assert_eq!(kept, given(2, false));
    }
}
