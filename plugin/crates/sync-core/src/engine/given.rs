//! What the directory was given of a contact: for as long as it may still come back, with its values; after that, that
//! it was.
//!
//! A record is made *before* the directory is asked, so that no process that dies leaves a value there of which nothing
//! tells. It is an **intent** until the directory has answered, and taken back where nothing was sent. What was given
//! with certainty is kept beside it: for a while the directory may still show what it held before, or in between, as it
//! does not promise that a read sees the write before it, and its changes may come twice and late
//! (<https://learn.microsoft.com/graph/delta-query-overview>). That is no change.
//!
//! The values are personal, so they go once nothing can come late any more, and all of it goes with the contact's link.

use serde::{Deserialize, Serialize};

use guest_kit::json;
use guest_kit::ordered::Map;

use crate::contact::ObjectId;
use crate::mapping::rows::Row;
use crate::ports::{AttributeChange, Commit, Ports, State, StateWrite, Timestamp};

use super::checkpoint::{delete, write};
use super::discard::discard_prefix;
use super::format;
use super::run_abort::RunAbort;

/// That something was given: the last time of each attribute, without a value.
const GIVEN: &str = "given/";
/// What was given lately, with its values.
const LATELY: &str = "given-lately/";

/// For how long the old value is taken for one that has not arrived yet, in milliseconds: an hour. What is seen are
/// seconds; nobody promises a number.
pub(super) const LAG_MS: u64 = 60 * 60 * 1_000;
/// For how long an intent of which nothing more was heard is kept: whoever reads the person in this time knows the own
/// write by it.
const UNHEARD_MS: u64 = 24 * LAG_MS;

/// What is read and committed at a time.
const BATCH: u32 = 500;

/// What the directory was given of one contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The last of each attribute. They have lost their values.
    pub last: Vec<GivenValue>,
    /// What was given, or was about to be, in the order in which it was.
    pub lately: Vec<GivenValue>,
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
    /// The base of the contact then. It is not what the directory held where both sides had moved away from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

impl GivenValue {
    fn is_of(&self, attribute: &str) -> bool {
        self.change.attribute == attribute
    }

    /// Whether the directory may still show what was there before. A moment in the future was told by a clock that was
    /// wrong.
    fn is_within(&self, milliseconds: u64, now: Timestamp) -> bool {
        let age = now.0.checked_sub(self.at.0);
        age.is_some_and(|age| age < milliseconds)
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        let time = if self.is_certain { LAG_MS } else { UNHEARD_MS };
        self.is_within(time, now)
    }
}

impl Given {
    /// Of these people, what the directory was given of each.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn of<'u>(
        state: &dyn State,
        users: impl Iterator<Item = &'u ObjectId> + Clone,
    ) -> Result<Map<ObjectId, Self>, RunAbort> {
        let mut given: Map<ObjectId, Self> = Map::new();
        for (user, last) in of(state, GIVEN, keys(GIVEN, users.clone()))? {
            given.or_default(user).last = last;
        }
        for (user, lately) in of(state, LATELY, keys(LATELY, users))? {
            given.or_default(user).lately = lately;
        }
        Ok(given)
    }

    /// How many of these people were given something by a run, as far as nothing of the same was given since.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn people_of_run<'u>(
        state: &dyn State,
        users: impl Iterator<Item = &'u ObjectId>,
        run: &str,
    ) -> Result<u64, RunAbort> {
        let given = of(state, GIVEN, keys(GIVEN, users))?.into_iter();
        let is_of_run = |value: &GivenValue| value.run == run;
        Ok(given.filter(|(_, last)| last.iter().any(is_of_run)).count() as u64)
    }

    /// Of these people, what may still come back.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn lately_of<'u>(
        state: &dyn State,
        users: impl Iterator<Item = &'u ObjectId>,
    ) -> Result<Map<ObjectId, Self>, RunAbort> {
        let lately = of(state, LATELY, keys(LATELY, users))?.into_iter();
        let given = lately.map(|(user, lately)| {
            let last = Vec::new();
            (user, Self { last, lately })
        });
        Ok(given.collect())
    }

    pub(super) fn save(&self, user: &ObjectId) -> Result<Vec<StateWrite>, RunAbort> {
        let lately = if self.lately.is_empty() {
            delete(key(LATELY, user))
        } else {
            self.save_lately(user)?
        };
        let last = (!self.last.is_empty()).then(|| write(&key(GIVEN, user), &self.last));
        Ok(last.transpose()?.into_iter().chain([lately]).collect())
    }

    pub(super) fn save_lately(&self, user: &ObjectId) -> Result<StateWrite, RunAbort> {
        write(&key(LATELY, user), &self.lately)
    }

    /// The contact is the person's no longer.
    pub(super) fn forget(user: &ObjectId) -> [StateWrite; 2] {
        [GIVEN, LATELY].map(|prefix| delete(key(prefix, user)))
    }

    /// Whether nothing says that the directory may hold something else of a row than this base: what it was given last
    /// is certain, and the base has moved to it.
    pub(super) fn agrees(&self, row: &Row, base: Option<&str>) -> bool {
        let mut of_row = self.lately.iter().rev();
        let newest = of_row.find(|known| known.is_of(row.attribute));
        newest.is_none_or(|known| {
            known.is_certain && row.form().is_same(known.change.after.as_deref(), base)
        })
    }

    /// Notes what is about to be asked. What is known of the attribute stays: nothing of this is certain.
    pub(super) fn intend(&mut self, value: GivenValue) {
        self.lately
            .retain(|known| known.is_certain || known.change != value.change);
        self.lately.push(value);
    }

    /// Notes what the directory holds. That settles what was about to be asked before, and leaves what it may still
    /// show.
    pub(super) fn put(&mut self, value: GivenValue) {
        let GivenValue { change, at, .. } = &value;
        self.lately.retain(|known| {
            !known.is_of(&change.attribute)
                || (known.is_certain && known.change != *change && known.is_within(LAG_MS, *at))
        });
        self.last.retain(|known| !known.is_of(&change.attribute));
        let change = AttributeChange {
            attribute: change.attribute.clone(),
            before: None,
            after: None,
        };
        self.last.push(GivenValue {
            change,
            base: None,
            ..value.clone()
        });
        self.lately.push(value);
    }

    /// Whether the directory holds this because `run` gave it, or one of which nothing more was heard.
    pub(super) fn is_of_ours(&self, attribute: &str, value: Option<&str>, run: &str) -> bool {
        self.lately.iter().any(|known| {
            known.is_of(attribute)
                && known.change.after.as_deref() == value
                && (!known.is_certain || known.run == run)
        })
    }

    /// Whether what the directory states of a row's attribute is what it held before it was given something a moment
    /// ago.
    #[must_use]
    pub fn is_late(&self, row: &Row, stated: Option<&str>, now: Timestamp) -> bool {
        let is_stated = |value: &Option<String>| row.form().is_same(value.as_deref(), stated);
        let mut certain = self
            .lately
            .iter()
            .filter(|known| known.is_certain && known.is_of(row.attribute));
        let newest = certain.clone().next_back();
        newest.is_some_and(|newest| !is_stated(&newest.change.after))
            && certain.any(|known| is_stated(&known.change.before) && known.is_within(LAG_MS, now))
    }

    /// What the directory was given of a row last and with certainty; `None` where that is not known any more.
    pub(super) fn newest(&self, row: &Row) -> Option<Option<&str>> {
        let mut of_row = self.lately.iter().rev();
        let newest = of_row.find(|known| known.is_certain && known.is_of(row.attribute));
        newest.map(|known| known.change.after.as_deref())
    }

    /// What was about to be given of a row last, where nothing more was heard of it and both sides come to agree on it.
    pub(super) fn arrived(&self, row: &Row, agreed: Option<&str>) -> Option<&GivenValue> {
        let form = row.form();
        let mut of_row = self.lately.iter().rev();
        let newest = of_row.find(|known| known.is_of(row.attribute))?;
        let has_come = !newest.is_certain
            && form.is_same(newest.change.after.as_deref(), agreed)
            && !form.is_same(newest.base.as_deref(), agreed);
        has_come.then_some(newest)
    }

    /// Whether the directory states what it was given last, or may have been since, while the base is what it was then.
    /// Once it has moved, whoever writes that value again means it.
    pub(super) fn is_echo(&self, row: &Row, stated: Option<&str>, base: Option<&str>) -> bool {
        let form = row.form();
        let of_row = self
            .lately
            .iter()
            .filter(|known| known.is_of(row.attribute));
        let newest = of_row.clone().rfind(|known| known.is_certain);
        let unsettled = of_row.filter(|known| !known.is_certain);
        newest.into_iter().chain(unsettled).any(|known| {
            form.is_same(known.change.after.as_deref(), stated)
                && form.is_same(known.base.as_deref(), base)
        })
    }
}

fn key(prefix: &str, user: &ObjectId) -> String {
    format!("{prefix}{user}")
}

fn keys<'u>(prefix: &str, users: impl Iterator<Item = &'u ObjectId>) -> Vec<String> {
    users.map(|user| key(prefix, user)).collect()
}

fn of(
    state: &dyn State,
    prefix: &str,
    keys: Vec<String>,
) -> Result<Vec<(ObjectId, Vec<GivenValue>)>, RunAbort> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let read = |(key, value): (String, Vec<u8>)| {
        let user = key.strip_prefix(prefix).map(ObjectId::new);
        let values = user.zip(json::from_bytes(&value));
        values.ok_or(RunAbort::Unreadable { key })
    };
    state.get_many(keys)?.into_iter().map(read).collect()
}

/// Drops the values that cannot come late any more. What is returned goes into a commit that is made anyway; where
/// there is more than fits into one, the rest is committed here.
pub(super) fn drop_values(ports: Ports<'_>, source: &str) -> Result<Vec<StateWrite>, RunAbort> {
    let now = ports.clock.now();
    let mut drops = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = ports.state.list(LATELY, after.as_deref(), BATCH)?;
        let Some((last, _)) = page.last() else {
            return Ok(drops);
        };
        after = Some(last.clone());
        if !drops.is_empty() {
            let commit = Commit {
                source: source.to_owned(),
                state: std::mem::take(&mut drops),
                ..Commit::default()
            };
            format::commit(ports, commit)?;
        }
        for (key, value) in page {
            // What cannot be read can be no echo of anything.
            let mut values: Vec<GivenValue> = json::from_bytes(&value).unwrap_or_default();
            let number = values.len();
            values.retain(|value| value.is_kept(now));
            if values.is_empty() {
                drops.push(delete(key));
            } else if values.len() < number {
                drops.push(write(&key, &values)?);
            }
        }
    }
}

/// Forgets all that was given.
pub(super) fn discard(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    for prefix in [LATELY, GIVEN] {
        discard_prefix(ports, source, prefix)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::rows::{Direction, Winner};
    use crate::reconcile::test_samples::row;

    fn value(before: &str, after: &str, at: u64, is_certain: bool) -> GivenValue {
        GivenValue {
            change: AttributeChange {
                attribute: "jobTitle".to_owned(),
                before: Some(before.to_owned()),
                after: Some(after.to_owned()),
            },
            at: Timestamp(at),
            run: "r1".to_owned(),
            is_certain,
            base: Some(before.to_owned()),
        }
    }

    fn given(values: impl IntoIterator<Item = GivenValue>) -> Given {
        let mut given = Given::default();
        for value in values {
            if value.is_certain {
                given.put(value);
            } else {
                given.intend(value);
            }
        }
        given
    }

    fn title() -> Row {
        Row {
            direction: Direction::TwoWay(Winner::Directory),
            ..row("jobTitle", "title")
        }
    }

    fn is_late(given: &Given, stated: &str, now: u64) -> bool {
        given.is_late(&title(), Some(stated), Timestamp(now))
    }

    #[test]
    fn what_was_held_before_is_late_for_an_hour_and_nothing_else_is() {
        let certain = given([value("Hand", "Head", 1_000, true)]);
        assert!(is_late(&certain, "Hand", 1_000));
        assert!(is_late(&certain, "Hand", 1_000 + LAG_MS - 1));
        assert!(
            !is_late(&certain, "Hand", 1_000 + LAG_MS),
            "taken back by somebody"
        );
        assert!(!is_late(&certain, "Hand", 999), "a clock that was wrong");
        assert!(!is_late(&certain, "Head", 1_000), "the echo");
        assert!(!is_late(&certain, "Chief", 1_000), "somebody's edit");
        let emptied = certain.is_late(&title(), None, Timestamp(1_000));
        assert!(!emptied, "emptied by somebody");
        let intent = given([value("Hand", "Head", 1_000, false)]);
        assert!(!is_late(&intent, "Hand", 1_000), "never answered");
        let other = row("department", "title");
        assert!(!certain.is_late(&other, Some("Hand"), Timestamp(1_000)));
    }

    #[test]
    fn an_intent_leaves_what_is_certain_as_it_is() {
        let both = given([value("A", "B", 1, true), value("B", "C", 2, false)]);
        assert!(is_late(&both, "A", 3));
        assert!(both.is_echo(&title(), Some("C"), Some("B")));
        assert!(both.is_of_ours("jobTitle", Some("C"), "r2"));
        assert!(!both.is_of_ours("jobTitle", Some("B"), "r2"));
    }

    #[test]
    fn of_several_writes_within_the_hour_each_value_in_between_may_be_late() {
        let twice = given([value("A", "B", 1, true), value("B", "C", 2, true)]);
        assert!(is_late(&twice, "A", 3) && is_late(&twice, "B", 3));
        assert!(!is_late(&twice, "C", 3));
        // Put back by the contact itself, it is what the directory holds.
        let back = given([value("A", "B", 1, true), value("B", "A", 2, true)]);
        assert!(is_late(&back, "B", 3) && !is_late(&back, "A", 3));
        let after = given([value("A", "B", 1, true), value("B", "C", LAG_MS + 1, true)]);
        assert_eq!(after.lately.len(), 1, "the first one can come no more");
    }

    #[test]
    fn a_value_of_an_earlier_write_that_is_there_again_is_somebodys() {
        let there_and_back = given([
            value("A", "C", 1, true),
            value("C", "B", 2, true),
            value("B", "C", 3, true),
        ]);
        let is_echo = |stated, base| there_and_back.is_echo(&title(), Some(stated), Some(base));
        assert!(!is_echo("B", "C"));
        assert!(is_echo("C", "B"));
    }

    #[test]
    fn an_answer_settles_what_was_about_to_be_asked_before() {
        let settled = given([
            value("A", "B", 1, false),
            value("A", "C", 2, false),
            value("A", "C", 3, true),
        ]);
        assert_eq!(settled.lately, [value("A", "C", 3, true)]);
    }

    #[test]
    fn that_it_was_given_is_kept_without_a_value() {
        let given = given([value("A", "B", 1, true), value("B", "C", 2, true)]);
        let [last] = &given.last[..] else {
            panic!("{given:?}");
        };
        assert_eq!((last.at, &last.change.before), (Timestamp(2), &None));
        assert_eq!(last.change.after, None);
    }
}
