//! What can be chosen, as the connector's JSON Schema says: the words, their labels and what they do.

use api_types::views::{AttributeChoice, Choice, PolicyForm};
use serde_json::Value;

/// The schema of the configuration document.
#[derive(Clone, Debug)]
pub(crate) struct Choices(Value);

impl Choices {
    pub(crate) fn new(schema: &str) -> Self {
        Self(serde_json::from_str(schema).unwrap_or_default())
    }

    /// The values of a property, in order; none where the schema lists none.
    pub(crate) fn of(&self, pointer: &str) -> Vec<Choice> {
        let choices = self
            .resolved(pointer)
            .and_then(|property| property.get("oneOf"))
            .and_then(Value::as_array);
        let text = |choice: &Value, key: &str| {
            let text = choice.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        choices
            .into_iter()
            .flatten()
            .filter_map(|choice| {
                let value = match choice.get("const")? {
                    Value::String(word) => word.clone(),
                    other => other.to_string(),
                };
                Some(Choice {
                    label: text(choice, "title"),
                    sentence: text(choice, "description"),
                    value,
                })
            })
            .collect()
    }

    /// The members of an object that the schema names one by one.
    pub(crate) fn titled(&self, pointer: &str) -> Vec<AttributeChoice> {
        let members = self.0.pointer(pointer).and_then(|of| of.get("properties"));
        let members = members.and_then(Value::as_object);
        members
            .into_iter()
            .flatten()
            .map(|(name, member)| {
                let title = member.get("title").and_then(Value::as_str);
                AttributeChoice {
                    label: title.unwrap_or(name).to_owned(),
                    name: name.clone(),
                    sample: None,
                }
            })
            .collect()
    }

    /// A policy of `sync`, with the value that is in force.
    pub(crate) fn policy(&self, name: &str, value: &Value) -> PolicyForm {
        let pointer = format!("/properties/sync/properties/{name}");
        let title = self
            .0
            .pointer(&pointer)
            .and_then(|policy| policy.get("title"));
        PolicyForm {
            name: name.to_owned(),
            label: title.and_then(Value::as_str).unwrap_or(name).to_owned(),
            value: match value {
                Value::String(word) => word.clone(),
                other => other.to_string(),
            },
            choices: self.of(&pointer),
        }
    }

    /// A property, or what it refers to.
    fn resolved(&self, pointer: &str) -> Option<&Value> {
        let property = self.0.pointer(pointer)?;
        match property.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.0.pointer(reference.strip_prefix('#')?),
            None => Some(property),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_its_words_with_what_each_does_also_behind_a_reference() {
        let schema = r##"{
            "properties": { "sync": { "properties": {
                "removed": { "title": "Removed", "$ref": "#/$defs/removing" },
                "update": { "title": "Update", "oneOf": [
                    { "const": true, "title": "Yes", "description": "New values arrive." } ] }
            } } },
            "$defs": { "removing": { "oneOf": [
                { "const": "keep", "title": "Keep", "description": "It stays." } ] } }
        }"##;
        let choices = Choices::new(schema);
        let removed = choices.policy("removed", &Value::from("keep"));
        assert_eq!(
            (removed.label.as_str(), removed.value.as_str()),
            ("Removed", "keep")
        );
        assert_eq!(removed.choices[0].sentence, "It stays.");
        let update = choices.policy("update", &Value::Bool(true));
        assert_eq!(
            (update.value.as_str(), update.choices[0].value.as_str()),
            ("true", "true")
        );
        assert!(choices.of("/properties/nothing").is_empty());
    }

    #[test]
    fn what_is_named_one_by_one_is_offered_by_its_title() {
        let choices = Choices::new(
            r#"{"filters": {"properties": {"a/b": {"title": "The b of a"}, "c": {}}}}"#,
        );
        let offered = choices.titled("/filters");
        let offered: Vec<_> = offered
            .iter()
            .map(|one| (&*one.name, &*one.label))
            .collect();
        assert_eq!(offered, [("a/b", "The b of a"), ("c", "c")]);
        assert!(choices.titled("/nothing").is_empty());
    }
}
