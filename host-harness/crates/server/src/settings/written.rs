//! How what the form says is written into the document, and read from it.

use api_types::views::{FilterRow, MappingRowForm};
use serde_json::{Map, Value, json};

use super::form::SettingsForm;
use super::form_words::{Lists, Operator};

pub(super) fn list_value(form: &SettingsForm, before: Option<&Value>) -> Value {
    let description = before.and_then(|list| list.get("description")).cloned();
    let mut list = match Lists::named(&form.list) {
        Some(Lists::One) => json!({ "name": form.list_name }),
        Some(Lists::PerAttribute) => json!({ "perAttribute": form.list_attribute }),
        Some(Lists::None) | None => return json!(Lists::None.name()),
    };
    if let (Some(list), Some(description)) = (list.as_object_mut(), description) {
        list.insert("description".to_owned(), description);
    }
    list
}

pub(super) fn policy_value(value: &str) -> Value {
    match value {
        "true" => json!(true),
        "false" => json!(false),
        word => json!(word),
    }
}

/// Rows of one attribute stand together. A row without an attribute or without a target is left out; only
/// one that is wholly empty is saved like that. An option that the form does not show is kept.
pub(super) fn mapping_value(rows: &[MappingRowForm], before: Option<&Value>) -> Value {
    let mut mapping = Map::new();
    for row in rows {
        let (key, target) = match (row.field.as_str(), row.label.as_str()) {
            ("", "") => continue,
            ("", label) => ("label", label),
            (field, _) => ("field", field),
        };
        if row.attribute.is_empty() {
            continue;
        }
        let mut value = Map::new();
        value.insert(key.to_owned(), json!(target));
        // What is demanded of the row, whoever demands it says.
        if row.waived || (row.mandatory && !row.fixed) {
            value.insert("mandatory".to_owned(), json!(row.mandatory));
        }
        for option in NOT_SHOWN {
            if let Some(said) = said_before(before, &row.attribute, target, option) {
                value.insert(option.to_owned(), said.clone());
            }
        }
        let targets = mapping
            .entry(row.attribute.clone())
            .or_insert_with(|| json!([]));
        if let Some(targets) = targets.as_array_mut() {
            targets.push(Value::Object(value));
        }
    }
    Value::Object(mapping)
}

/// Options of a row that the form does not show.
const NOT_SHOWN: [&str; 2] = ["onlyOnCreate", "format"];

/// What the document says of an option of a row.
fn said_before<'v>(
    before: Option<&'v Value>,
    attribute: &str,
    target: &str,
    option: &str,
) -> Option<&'v Value> {
    let targets = match before?.get(attribute)? {
        Value::Array(targets) => targets.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut targets = targets.iter();
    let target = targets.find(|one| name_of(one) == Some(target))?;
    target.get(option)
}

/// Which field a target of a mapping fills.
pub(super) fn name_of(target: &Value) -> Option<&str> {
    let named = target.get("field").or_else(|| target.get("label"));
    named.and_then(Value::as_str)
}

pub(super) fn filters_value(filters: &[FilterRow]) -> Value {
    let clauses = filters
        .iter()
        .filter(|filter| !filter.attribute.is_empty())
        .map(|filter| {
            let values: Vec<Value> = filter
                .values
                .lines()
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .map(policy_value)
                .collect();
            let test = match Operator::named(&filter.operator) {
                Some(Operator::IsNot) => json!({ "not": values }),
                Some(Operator::Filled) => json!({ "exists": true }),
                Some(Operator::Empty) => json!({ "exists": false }),
                Some(Operator::Is) | None => json!(values),
            };
            (filter.attribute.clone(), test)
        });
    Value::Object(clauses.collect())
}

/// The filter of a document as rows of the form.
pub(crate) fn filter_rows(filters: &Value) -> Vec<FilterRow> {
    let Some(clauses) = filters.as_object() else {
        return Vec::new();
    };
    let row = |(attribute, test): (&String, &Value)| {
        let (operator, values) = match (test.get("not"), test.get("exists")) {
            (Some(values), _) => (Operator::IsNot, values_text(values)),
            (None, Some(Value::Bool(false))) => (Operator::Empty, String::new()),
            (None, Some(_)) => (Operator::Filled, String::new()),
            (None, None) => (Operator::Is, values_text(test)),
        };
        FilterRow {
            attribute: attribute.clone(),
            operator: operator.name().to_owned(),
            values,
        }
    };
    clauses.iter().map(row).collect()
}

fn values_text(values: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match values {
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join("\n"),
        one => text(one),
    }
}
