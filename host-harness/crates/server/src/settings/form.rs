//! The form of the second step, as it is posted.

use std::collections::BTreeMap;

use api_types::views::{FilterRow, MappingRowForm};

use super::form_words::{Lists, Operator};
use super::groups::GroupsForm;
use super::policies::POLICIES;

/// What the form of the second step says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SettingsForm {
    pub(crate) version: i64,
    pub(crate) preset: String,
    /// The preset whose values the rest was drawn with; empty: that of the settings. Where another one is
    /// chosen by now, it is applied as a whole.
    pub(crate) filled_from: String,
    /// Also what no form shows is the preset's.
    pub(crate) filled_in: bool,
    pub(crate) rows: Vec<MappingRowForm>,
    pub(crate) filters: Vec<FilterRow>,
    /// Where it says nothing of them, they stay as they are.
    pub(crate) groups: Option<GroupsForm>,
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
    let groups = form.groups.as_ref().and_then(GroupsForm::unsayable);
    rows.chain(filters)
        .chain(groups)
        .chain(unknown_words(form))
        .collect()
}

/// Words that no form of ours has: what they stand for would be guessed.
fn unknown_words(form: &SettingsForm) -> impl Iterator<Item = (String, &'static str)> {
    let filters = form.filters.iter().enumerate();
    let filters = filters
        .filter(|(_, row)| !row.attribute.is_empty() && Operator::named(&row.operator).is_none());
    let filters = filters.map(|(number, _)| {
        let problem = "There is no such operator: is, is-not, filled or empty.";
        (format!("filter.{number}.operator"), problem)
    });
    let is_list = Lists::named(&form.list).is_some();
    let list = (!is_list).then(|| {
        let problem = "There is no such choice: none, one or attribute.";
        ("list".to_owned(), problem)
    });
    filters.chain(list)
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
                (_, "scope") => {
                    form.groups.get_or_insert_default().scope = value;
                }
                (["groups", ..], name) => {
                    let part = name.strip_prefix("groups.").unwrap_or_default();
                    form.groups.get_or_insert_default().take(part, &value);
                }
                (_, "version") => form.version = value.parse().unwrap_or_default(),
                (_, "preset") => form.preset = value,
                (_, "filled_from") => form.filled_from = value,
                (_, "filled_in") => form.filled_in = value == "on",
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
        for row in &mut form.filters {
            if row.operator.is_empty() {
                row.operator = Operator::Is.name().to_owned();
            }
        }
        form
    }

    /// The form as another preset has it: what still is as it was drawn becomes the new preset's, and what
    /// somebody has changed in this form stays. Whom the filter wants, groups and the time zone are nobody's preset.
    pub(crate) fn refill(&mut self, drawn: &Self, chosen: &Self) {
        let is_changed =
            |(name, value): &(&String, &String)| drawn.policies.get(*name) != Some(*value);
        let changed: Vec<_> = self
            .policies
            .iter()
            .filter(is_changed)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        self.policies.clone_from(&chosen.policies);
        self.policies.extend(changed);
        let list = |form: &Self| {
            let (name, attribute) = (form.list_name.clone(), form.list_attribute.clone());
            match Lists::named(&form.list) {
                Some(Lists::One) => (Lists::One, name),
                Some(Lists::PerAttribute) => (Lists::PerAttribute, attribute),
                Some(Lists::None) | None => (Lists::None, String::new()),
            }
        };
        if list(self) == list(drawn) {
            self.list.clone_from(&chosen.list);
            self.list_name.clone_from(&chosen.list_name);
            self.list_attribute.clone_from(&chosen.list_attribute);
        }
        if self.schedule == drawn.schedule {
            self.schedule.clone_from(&chosen.schedule);
        }
        if self.has_rows_of(drawn) {
            self.rows.clone_from(&chosen.rows);
        } else {
            // What the former preset demanded, nobody chose.
            for row in &mut self.rows {
                row.mandatory &= !drawn.rows.iter().any(|other| {
                    other.fixed && other.field == row.field && other.label == row.label
                });
            }
        }
        self.filled_from.clone_from(&self.preset);
        self.filled_in = true;
    }

    /// Whether the mapping is the same, in any order.
    fn has_rows_of(&self, other: &Self) -> bool {
        let rows = |form: &Self| {
            let row = |row: &MappingRowForm| {
                let label = if row.field.is_empty() {
                    row.label.as_str()
                } else {
                    ""
                };
                (
                    row.field.clone(),
                    label.to_owned(),
                    row.attribute.clone(),
                    row.mandatory,
                )
            };
            let rows = form.rows.iter().map(row);
            rows.filter(|(field, label, ..)| !field.is_empty() || !label.is_empty())
                .collect::<std::collections::BTreeSet<_>>()
        };
        rows(self) == rows(other)
    }

    /// What a button other than Save does to the form; whether it was one.
    pub(crate) fn press(&mut self, action: &str) -> bool {
        let (button, number) = action.split_once('.').unwrap_or((action, ""));
        let number: Option<usize> = number.parse().ok();
        match (button, number) {
            ("add-row", _) => self.rows.push(MappingRowForm::default()),
            ("add-filter", _) => self.filters.push(FilterRow {
                operator: Operator::Is.name().to_owned(),
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
}

fn numbered<'r, T: Default>(rows: &'r mut BTreeMap<usize, T>, number: &str) -> Option<&'r mut T> {
    let number = number.parse().ok().filter(|number| *number < MOST_ROWS)?;
    Some(rows.entry(number).or_default())
}
