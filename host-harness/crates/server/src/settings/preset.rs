//! What a preset says by itself, and what settings say otherwise.
//!
//! A preset that is shown is a preset that is in force. So the document holds its name and no more than
//! what is otherwise; and whatever else a document says, wherever it came from, is told as a difference.

use api_types::views::{DifferenceView, MappingRowForm};
use serde_json::{Map, Value};

use super::document::Settings;
use super::policies::POLICIES;
use super::written;
use crate::choices::Choices;
use crate::labels;

/// A preset by itself, as the connector tells it.
#[derive(Clone, Debug)]
pub(crate) struct Preset {
    /// Everything that it fills in.
    pub(crate) in_force: Settings,
    /// The rows of its mapping; where it has none of its own, a first one to be looked at.
    pub(crate) rows: Vec<MappingRowForm>,
    /// Whether the mapping is the preset's own, so that a document can leave it out.
    pub(crate) maps: bool,
}

impl Preset {
    /// Whether it says this of a key of `sync`. A list that says nothing of its description has the usual
    /// one.
    pub(super) fn says(&self, key: &str, value: &Value) -> bool {
        let own = self.in_force.in_sync(key);
        let mut value = value.clone();
        if let (Some(list), Some(description)) = (value.as_object_mut(), own.get("description")) {
            let given = list.entry("description".to_owned());
            given.or_insert_with(|| description.clone());
        }
        own == value
    }

    /// What is in force otherwise than the preset has it.
    pub(crate) fn differences(
        &self,
        in_force: &Settings,
        choices: &Choices,
    ) -> Vec<DifferenceView> {
        let mut differences: Vec<_> = POLICIES
            .iter()
            .filter(|name| in_force.in_sync(name) != self.in_force.in_sync(name))
            .map(|name| {
                let said = |settings: &Settings| {
                    let policy = choices.policy(name, &settings.in_sync(name));
                    let mut chosen = policy.choices.into_iter();
                    let chosen = chosen.find(|choice| choice.value == policy.value);
                    (
                        policy.label,
                        chosen.map_or(policy.value, |choice| choice.label),
                    )
                };
                let (label, value) = said(in_force);
                DifferenceView {
                    label,
                    value,
                    preset: said(&self.in_force).1,
                }
            })
            .collect();
        for (key, label, said) in [
            ("list", "Lists", list_words as fn(&Value) -> String),
            ("schedule", "Schedule", schedule_words),
            (
                "addresses",
                "Where an address is looked for",
                addresses_words,
            ),
        ] {
            let (value, own) = (in_force.in_sync(key), self.in_force.in_sync(key));
            if value != own {
                differences.push(DifferenceView {
                    label: label.to_owned(),
                    value: said(&value),
                    preset: said(&own),
                });
            }
        }
        if self.maps {
            differences.extend(self.rows_otherwise(in_force));
        }
        differences
    }

    fn rows_otherwise(&self, in_force: &Settings) -> Vec<DifferenceView> {
        let (rows, own) = (targets(in_force), targets(&self.in_force));
        let mut fields: Vec<&String> = own.keys().collect();
        fields.extend(rows.keys().filter(|field| !own.contains_key(*field)));
        let differing = fields
            .into_iter()
            .filter(|field| rows.get(*field) != own.get(*field));
        differing
            .map(|field| {
                let said = |rows: &Map<String, Value>| match rows.get(field) {
                    Some(Value::String(words)) => words.clone(),
                    _ => "not mapped".to_owned(),
                };
                DifferenceView {
                    label: labels::field(field),
                    value: said(&rows),
                    preset: said(&own),
                }
            })
            .collect()
    }
}

/// The fields that a document in force fills, each with how, in words.
fn targets(in_force: &Settings) -> Map<String, Value> {
    let mapping = in_force.in_sync("mapping");
    let mut fields = Map::new();
    for (attribute, targets) in mapping.as_object().into_iter().flatten() {
        let targets = match targets {
            Value::Array(targets) => targets.as_slice(),
            one => std::slice::from_ref(one),
        };
        for target in targets {
            let Some(field) = written::name_of(target) else {
                continue;
            };
            let is = |key: &str| target.get(key) == Some(&Value::Bool(true));
            let mut words = format!("from {attribute}");
            if is("mandatory") {
                words.push_str(", mandatory");
            }
            if is("onlyOnCreate") {
                words.push_str(", only when a contact is made");
            }
            match target.get("format").and_then(Value::as_str) {
                Some("e164") => words.push_str(", in E.164"),
                Some("as-written") => words.push_str(", as it is written"),
                _ => {}
            }
            fields.insert(field.to_owned(), Value::String(words));
        }
    }
    fields
}

fn list_words(list: &Value) -> String {
    let text = |key: &str| list.get(key).and_then(Value::as_str);
    match (text("name"), text("perAttribute")) {
        (Some(name), _) => format!("one list, {name}"),
        (None, Some(attribute)) => format!("a list for each {attribute}"),
        (None, None) => "no list".to_owned(),
    }
}

fn schedule_words(schedule: &Value) -> String {
    schedule.as_str().unwrap_or("only on request").to_owned()
}

fn addresses_words(addresses: &Value) -> String {
    let addresses = addresses.as_array().into_iter().flatten();
    let names: Vec<&str> = addresses.filter_map(Value::as_str).collect();
    names.join(", ")
}
