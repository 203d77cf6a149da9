//! The configuration document of a workspace, and the form in which it is edited.
//!
//! The document is the truth; a form shows it and is written back into it. What no form shows (limits, the
//! order of addresses) stays as it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::views::{FilterRow, MappingRowForm};

/// The name under which the client secret is kept in the vault.
pub(crate) const CLIENT_SECRET: &str = "client-secret";

/// The policies that the form shows, as the document names them.
pub(crate) const POLICIES: [&str; 6] = [
    "existing",
    "update",
    "conflict",
    "removed",
    "leftScope",
    "disabled",
];

/// A configuration document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings(Map<String, Value>);

impl Settings {
    /// Reads a document; what is none is an empty one.
    pub(crate) fn read(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(document)) => Self(document),
            _ => Self(Map::new()),
        }
    }

    /// What a new workspace begins with.
    pub(crate) fn new(preset: &str) -> Self {
        Self::read(&json!({ "sync": { "preset": preset } }).to_string())
    }

    pub(crate) fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    fn string(&self, pointer: [&str; 2]) -> String {
        let [section, key] = pointer;
        let value = self.0.get(section).and_then(|section| section.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn tenant(&self) -> String {
        self.string(["tenant", "id"])
    }

    pub(crate) fn client_id(&self) -> String {
        self.string(["credentials", "clientId"])
    }

    /// `global` where the document says nothing.
    pub(crate) fn cloud(&self) -> String {
        Some(self.string(["tenant", "cloud"]))
            .filter(|cloud| !cloud.is_empty())
            .unwrap_or_else(|| "global".to_owned())
    }

    /// The document with another connection.
    #[must_use]
    pub(crate) fn with_connection(mut self, tenant: &str, client_id: &str, cloud: &str) -> Self {
        let tenant = json!({ "id": tenant, "cloud": cloud });
        let credentials = json!({ "clientId": client_id, "secret": CLIENT_SECRET });
        self.0.insert("tenant".to_owned(), tenant);
        self.0.insert("credentials".to_owned(), credentials);
        self
    }

    /// The document without who is asked: what is wrong with the rest can be found out without a network.
    pub(crate) fn without_connection(&self) -> String {
        let mut document = self.0.clone();
        for section in ["tenant", "credentials", "endpoints"] {
            document.remove(section);
        }
        Value::Object(document).to_string()
    }

    /// The document without what it makes mandatory itself: what is mandatory still, the preset or the
    /// store demands.
    #[must_use]
    pub(crate) fn without_mandatory(mut self) -> Self {
        let mut sync = self.sync();
        if let Some(Value::Object(mapping)) = sync.get_mut("mapping") {
            for targets in mapping.values_mut() {
                let targets = match targets {
                    Value::Array(targets) => targets.as_mut_slice(),
                    one => std::slice::from_mut(one),
                };
                for target in targets {
                    if let Some(target) = target.as_object_mut() {
                        target.remove("mandatory");
                    }
                }
            }
        }
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }

    fn sync(&self) -> Map<String, Value> {
        match self.0.get("sync") {
            Some(Value::Object(sync)) => sync.clone(),
            _ => Map::new(),
        }
    }

    /// A value of `sync`.
    pub(crate) fn in_sync(&self, key: &str) -> Value {
        self.sync().remove(key).unwrap_or_default()
    }

    /// The document with what a form says.
    #[must_use]
    pub(crate) fn with_form(mut self, form: &SettingsForm) -> Self {
        let mut sync = self.sync();
        // It may stand in either place; from now on it stands here.
        self.0.remove("preset");
        sync.insert("preset".to_owned(), json!(form.preset));
        for name in POLICIES {
            if let Some(value) = form.policies.get(name) {
                sync.insert(name.to_owned(), policy_value(value));
            }
        }
        sync.insert("list".to_owned(), form.list_value(sync.get("list")));
        let schedule = form.schedule.trim();
        let schedule = if schedule.is_empty() {
            Value::Null
        } else {
            json!(schedule)
        };
        sync.insert("schedule".to_owned(), schedule);
        sync.insert(
            "mapping".to_owned(),
            mapping_value(&form.rows, sync.get("mapping")),
        );
        sync.insert("filters".to_owned(), filters_value(&form.filters));
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }
}

/// What the form of the second step says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SettingsForm {
    pub(crate) version: i64,
    pub(crate) preset: String,
    pub(crate) rows: Vec<MappingRowForm>,
    pub(crate) filters: Vec<FilterRow>,
    pub(crate) policies: BTreeMap<String, String>,
    /// `none`, `one` or `attribute`.
    pub(crate) list: String,
    pub(crate) list_name: String,
    pub(crate) list_attribute: String,
    pub(crate) schedule: String,
    pub(crate) time_zone: String,
}

/// What of a form cannot be written into a document, so that leaving it out would lose it unseen. Each
/// with the name of an input.
pub(crate) fn unsayable(form: &SettingsForm) -> Vec<(String, &'static str)> {
    let rows = form.rows.iter().enumerate().filter_map(|(number, row)| {
        let has_target = !row.field.is_empty() || !row.label.is_empty();
        let problem = match (has_target, row.attribute.is_empty()) {
            (true, true) => "Choose the attribute that fills this field, or remove the row.",
            (false, false) => "Give this mapping a label of its own, or remove the row.",
            _ => return None,
        };
        Some((format!("row.{number}.attribute"), problem))
    });
    let filters = form.filters.iter().enumerate().filter_map(|(number, row)| {
        let twice = form.filters.iter().take(number);
        let twice = twice.filter(|other| other.attribute == row.attribute);
        let problem = match row.attribute.is_empty() {
            true if row.values.is_empty() => return None,
            true => "Choose the attribute that these values are of, or remove the filter.",
            false if twice.count() > 0 => {
                "This attribute has a filter already. Put all values into one."
            }
            false => return None,
        };
        Some((format!("filter.{number}.attribute"), problem))
    });
    rows.chain(filters).collect()
}

/// Rows of a form, at most; a form with more is no form of ours.
const MOST_ROWS: usize = 200;

impl SettingsForm {
    /// Reads what was posted. What is not there is empty; what is unknown is passed over.
    pub(crate) fn read(fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        let mut rows: BTreeMap<usize, MappingRowForm> = BTreeMap::new();
        let mut filters: BTreeMap<usize, FilterRow> = BTreeMap::new();
        for (name, value) in fields {
            let value = value.trim().to_owned();
            let parts: Vec<&str> = name.split('.').collect();
            match (parts.as_slice(), name.as_str()) {
                (["row", number, part], _) => {
                    if let Some(row) = numbered(&mut rows, number) {
                        match *part {
                            "field" => row.field = value,
                            "label" => row.label = value,
                            "attribute" => row.attribute = value,
                            "mandatory" => row.mandatory = value == "on",
                            _ => {}
                        }
                    }
                }
                (["filter", number, part], _) => {
                    if let Some(row) = numbered(&mut filters, number) {
                        match *part {
                            "attribute" => row.attribute = value,
                            "operator" => row.operator = value,
                            "values" => row.values = value,
                            _ => {}
                        }
                    }
                }
                (_, "version") => form.version = value.parse().unwrap_or_default(),
                (_, "preset") => form.preset = value,
                (_, "list") => form.list = value,
                (_, "list_name") => form.list_name = value,
                (_, "list_attribute") => form.list_attribute = value,
                (_, "schedule") => form.schedule = value,
                (_, "time_zone") => form.time_zone = value,
                (_, policy) if POLICIES.contains(&policy) => {
                    form.policies.insert(policy.to_owned(), value);
                }
                _ => {}
            }
        }
        form.rows = rows.into_values().collect();
        form.filters = filters.into_values().collect();
        form
    }

    /// What a button other than Save does to the form; whether it was one.
    pub(crate) fn press(&mut self, action: &str) -> bool {
        let (button, number) = action.split_once('.').unwrap_or((action, ""));
        let number: Option<usize> = number.parse().ok();
        match (button, number) {
            ("add-row", _) => self.rows.push(MappingRowForm::default()),
            ("add-filter", _) => self.filters.push(FilterRow {
                operator: "is".to_owned(),
                ..FilterRow::default()
            }),
            ("remove-row", Some(number)) => {
                if self.rows.get(number).is_some_and(|row| !row.fixed) {
                    self.rows.remove(number);
                }
            }
            ("remove-filter", Some(number)) if number < self.filters.len() => {
                self.filters.remove(number);
            }
            _ => return false,
        }
        true
    }

    fn list_value(&self, before: Option<&Value>) -> Value {
        let description = before.and_then(|list| list.get("description")).cloned();
        let mut list = match self.list.as_str() {
            "one" => json!({ "name": self.list_name }),
            "attribute" => json!({ "perAttribute": self.list_attribute }),
            _ => return json!("none"),
        };
        if let (Some(list), Some(description)) = (list.as_object_mut(), description) {
            list.insert("description".to_owned(), description);
        }
        list
    }
}

fn numbered<'r, T: Default>(rows: &'r mut BTreeMap<usize, T>, number: &str) -> Option<&'r mut T> {
    let number = number.parse().ok().filter(|number| *number < MOST_ROWS)?;
    Some(rows.entry(number).or_default())
}

fn policy_value(value: &str) -> Value {
    match value {
        "true" => json!(true),
        "false" => json!(false),
        word => json!(word),
    }
}

/// Rows of one attribute stand together. A row without an attribute or without a target is left out; only
/// one that is wholly empty is saved like that. An option that the form does not show is kept.
fn mapping_value(rows: &[MappingRowForm], before: Option<&Value>) -> Value {
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
        if row.mandatory {
            value.insert("mandatory".to_owned(), json!(true));
        }
        if is_only_on_create(before, &row.attribute, target) {
            value.insert("onlyOnCreate".to_owned(), json!(true));
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

fn is_only_on_create(before: Option<&Value>, attribute: &str, target: &str) -> bool {
    let Some(targets) = before.and_then(|mapping| mapping.get(attribute)) else {
        return false;
    };
    let targets = match targets {
        Value::Array(targets) => targets.as_slice(),
        one => std::slice::from_ref(one),
    };
    targets.iter().any(|one| {
        let named = one.get("field").or_else(|| one.get("label"));
        named.and_then(Value::as_str) == Some(target)
            && one.get("onlyOnCreate") == Some(&Value::Bool(true))
    })
}

fn filters_value(filters: &[FilterRow]) -> Value {
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
            let test = match filter.operator.as_str() {
                "is-not" => json!({ "not": values }),
                "filled" => json!({ "exists": true }),
                "empty" => json!({ "exists": false }),
                _ => json!(values),
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
            (Some(values), _) => ("is-not", values_text(values)),
            (None, Some(Value::Bool(false))) => ("empty", String::new()),
            (None, Some(_)) => ("filled", String::new()),
            (None, None) => ("is", values_text(test)),
        };
        FilterRow {
            attribute: attribute.clone(),
            operator: operator.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(fields: &[(&str, &str)]) -> SettingsForm {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        SettingsForm::read(&fields)
    }

    #[test]
    fn a_form_is_written_into_the_document_and_what_it_does_not_show_stays() {
        let before = Settings::read(
            r#"{ "tenant": { "id": "t" }, "preset": "mirror",
                 "sync": { "limits": { "removals": { "count": 7 } }, "addresses": ["mail"],
                           "mapping": { "city": { "label": "Town", "onlyOnCreate": true } } } }"#,
        );
        let form = posted(&[
            ("version", "3"),
            ("preset", "mirror"),
            ("row.0.field", "email"),
            ("row.0.attribute", "mail"),
            ("row.0.mandatory", "on"),
            ("row.1.label", "Town"),
            ("row.1.attribute", "city"),
            ("row.2.label", "Not filled in"),
            ("filter.0.attribute", "department"),
            ("filter.0.operator", "is-not"),
            ("filter.0.values", "Sales, EMEA\r\nSupport"),
            ("filter.1.attribute", "accountEnabled"),
            ("filter.1.operator", "is"),
            ("filter.1.values", "true"),
            ("update", "false"),
            ("list", "one"),
            ("list_name", "Staff"),
            ("schedule", " every 6 h "),
        ]);
        assert_eq!(form.version, 3);
        let after: Value = serde_json::from_str(&before.with_form(&form).text()).unwrap();
        assert_eq!(
            after,
            json!({ "tenant": { "id": "t" }, "sync": {
                "preset": "mirror", "limits": { "removals": { "count": 7 } }, "addresses": ["mail"],
                "mapping": {
                    "mail": [{ "field": "email", "mandatory": true }],
                    "city": [{ "label": "Town", "onlyOnCreate": true }],
                },
                "filters": { "department": { "not": ["Sales, EMEA", "Support"] }, "accountEnabled": [true] },
                "update": false, "list": { "name": "Staff" }, "schedule": "every 6 h",
            } })
        );
        let again = filter_rows(after.pointer("/sync/filters").unwrap());
        assert_eq!(again.len(), 2);
        assert!(
            again
                .iter()
                .any(|row| row.operator == "is-not" && row.values == "Sales, EMEA\nSupport")
        );
    }

    #[test]
    fn what_a_document_cannot_say_is_told_and_what_is_wholly_empty_is_not() {
        let form = posted(&[
            ("row.0.field", "email"),
            ("row.0.attribute", "mail"),
            ("row.1.label", "Town"),
            ("row.2.attribute", "city"),
            ("row.3.field", ""),
            ("filter.0.attribute", "department"),
            ("filter.1.attribute", "department"),
            ("filter.2.values", "Sales"),
            ("filter.3.operator", "is"),
        ]);
        let told: Vec<String> = unsayable(&form).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            told,
            [
                "row.1.attribute",
                "row.2.attribute",
                "filter.1.attribute",
                "filter.2.attribute"
            ]
        );
    }

    #[test]
    fn an_empty_schedule_is_none_where_the_preset_would_have_one() {
        let form = posted(&[("preset", "mirror"), ("schedule", "")]);
        let after = Settings::new("mirror").with_form(&form);
        assert_eq!(after.in_sync("schedule"), Value::Null);
        assert!(after.text().contains("\"schedule\":null"));
    }

    #[test]
    fn a_row_that_is_demanded_cannot_be_removed_and_another_can() {
        let mut form = posted(&[
            ("row.0.field", "email"),
            ("row.1.field", "company"),
            ("row.1.mandatory", "on"),
        ]);
        form.rows[0].fixed = true;
        assert!(form.press("remove-row.0"));
        assert_eq!(form.rows.len(), 2);
        assert!(form.press("remove-row.1"));
        assert_eq!(form.rows.len(), 1);
        assert!(form.press("remove-row.7"));
        assert!(form.press("add-row"));
        assert!(!form.press("save"));
        assert_eq!(form.rows.len(), 2);
    }

    #[test]
    fn a_form_of_a_million_rows_is_none_of_ours() {
        let form = posted(&[("row.999999999.field", "email"), ("row.x.field", "email")]);
        assert!(form.rows.is_empty());
    }
}
