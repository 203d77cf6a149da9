//! A document with what a form says.

use serde_json::{Value, json};

use super::document::Settings;
use super::form::SettingsForm;
use super::policies::POLICIES;
use super::preset::Preset;
use super::written::{filters_value, list_value, mapping_value, policy_value};

impl Settings {
    /// The document with what a form says. What is as the preset has it is left to the preset, so that
    /// nothing of it stays behind where another one is chosen.
    #[must_use]
    pub(crate) fn with_form(self, form: &SettingsForm, preset: Option<&Preset>) -> Self {
        let mut sync = self.sync();
        sync.insert("preset".to_owned(), json!(form.preset));
        let mut set = |key: &str, value: Value| {
            if preset.is_some_and(|preset| preset.says(key, &value)) {
                sync.remove(key);
            } else {
                sync.insert(key.to_owned(), value);
            }
        };
        for name in POLICIES {
            if let Some(value) = form.policies.get(name) {
                set(name, policy_value(value));
            }
        }
        let before = self.in_sync("list");
        set("list", list_value(form, Some(&before)));
        let schedule = form.schedule.trim();
        let schedule = if schedule.is_empty() {
            Value::Null
        } else {
            json!(schedule)
        };
        set("schedule", schedule);
        let before = self.in_sync("mapping");
        sync.insert(
            "mapping".to_owned(),
            mapping_value(&form.rows, Some(&before)),
        );
        sync.insert("filters".to_owned(), filters_value(&form.filters));
        if let Some(groups) = &form.groups {
            groups.write(&mut sync);
        }
        self.with_sync(sync)
    }
}
