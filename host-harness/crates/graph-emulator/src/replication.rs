//! Writes that the next reads do not show: success of a write is no promise about what a read finds
//! (<https://devblogs.microsoft.com/identity/designing-for-eventual-consistency-for-microsoft-entra/>).
//!
//! What was written through Graph is covered, in the answers to so many reads, with what was there before. A
//! delta query that shows the former value states the user again in its next round, as the service does in
//! whatever order its replicas hear of a change.

use std::collections::BTreeMap;

use emulated_http::Reply;
use serde_json::{Map, Value};

use super::behaviour::Behaviour;
use super::routes::Resource;

/// A value that is still shown.
#[derive(Debug)]
struct Former {
    value: Value,
    /// By how many more reads of the user, alone or in a list.
    reads: u32,
    /// By how many more rounds of the delta query.
    rounds: u32,
}

/// What some reads do not show yet, by object id in lower case.
#[derive(Debug, Default)]
pub(super) struct Replication {
    /// Former values, by property.
    former: BTreeMap<String, BTreeMap<String, Former>>,
    /// New users, and by how many more searches they are not found.
    unfound: BTreeMap<String, u32>,
}

/// A user who is to be stated again, and the properties for whose sake.
pub(super) type Again = (String, Vec<String>);

impl Replication {
    /// A user was written, whose properties were these.
    pub(super) fn note(&mut self, id: &str, former: Vec<(String, Value)>, behaviour: &Behaviour) {
        for (place, (name, value)) in (0..).zip(former) {
            let apart = if behaviour.changes_in_pieces {
                place
            } else {
                0
            };
            let (reads, rounds) = (behaviour.stale_reads, behaviour.stale_rounds + apart);
            if reads == 0 && rounds == 0 {
                continue;
            }
            let person = self.former.entry(id.to_lowercase()).or_default();
            let former = person.entry(name).or_insert(Former {
                value,
                reads: 0,
                rounds: 0,
            });
            (former.reads, former.rounds) = (reads, rounds);
        }
    }

    /// Somebody was made whom so many searches are not to find.
    pub(super) fn hide(&mut self, id: &str, searches: u32) {
        if searches > 0 {
            self.unfound.insert(id.to_lowercase(), searches);
        }
    }

    /// Leaves out of the answer to a search whom it is not to find.
    pub(super) fn leave_out(&mut self, resource: &Resource, reply: &mut Reply) {
        if self.unfound.is_empty() || *resource != Resource::Users || !reply.status.is_success() {
            return;
        }
        let Ok(Value::Object(mut body)) = serde_json::from_slice(&reply.body) else {
            return;
        };
        if let Some(Value::Array(people)) = body.get_mut("value") {
            people.retain(|person| {
                let id = person.get("id").and_then(Value::as_str);
                let left = id.and_then(|id| self.unfound.get_mut(&id.to_lowercase()));
                left.is_none_or(|left| {
                    let is_found = *left == 0;
                    *left = left.saturating_sub(1);
                    is_found
                })
            });
        }
        self.unfound.retain(|_, left| *left > 0);
        reply.body = Value::Object(body).to_string().into_bytes();
    }

    /// Shows in an answer what was before, and says who is to be stated again.
    pub(super) fn cover(&mut self, resource: &Resource, reply: &mut Reply) -> Vec<Again> {
        let rounds = matches!(resource, Resource::UsersDelta);
        let concerned = rounds || matches!(resource, Resource::Users | Resource::User(_));
        if self.former.is_empty() || !concerned || !reply.status.is_success() {
            return Vec::new();
        }
        let Ok(Value::Object(mut body)) = serde_json::from_slice(&reply.body) else {
            return Vec::new();
        };
        let asked = match resource {
            Resource::User(key) => Some(key.as_str()),
            _ => None,
        };
        let mut again = Vec::new();
        match body.get_mut("value") {
            Some(Value::Array(people)) => {
                let people = people.iter_mut().filter_map(Value::as_object_mut);
                again.extend(people.filter_map(|person| self.cover_one(person, None, rounds)));
            }
            _ => again.extend(self.cover_one(&mut body, asked, rounds)),
        }
        self.former.retain(|_, person| {
            person.retain(|_, former| former.reads > 0 || former.rounds > 0);
            !person.is_empty()
        });
        reply.body = Value::Object(body).to_string().into_bytes();
        again
    }

    /// `asked` is by what a single user was asked for; of a list, whoever is told without an id is not known.
    fn cover_one(
        &mut self,
        person: &mut Map<String, Value>,
        asked: Option<&str>,
        rounds: bool,
    ) -> Option<Again> {
        let told = person.get("id").and_then(Value::as_str);
        let id = told.or(asked)?.to_owned();
        let formers = self.former.get_mut(&id.to_lowercase())?;
        if person.contains_key("@removed") {
            return None;
        }
        let mut again = Vec::new();
        for (name, former) in formers {
            let left = if rounds {
                &mut former.rounds
            } else {
                &mut former.reads
            };
            let (Some(shown), true) = (person.get_mut(name), *left > 0) else {
                continue;
            };
            *left -= 1;
            match (&former.value, rounds) {
                // What was never set a delta query does not mention.
                (Value::Null, true) => {
                    person.remove(name);
                }
                (Value::Null, false) if shown.is_array() => *shown = Value::Array(Vec::new()),
                (value, _) => *shown = value.clone(),
            }
            again.push(name.clone());
        }
        (rounds && !again.is_empty()).then_some((id, again))
    }
}
