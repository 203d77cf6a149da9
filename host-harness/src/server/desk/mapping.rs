//! The second step: which attribute becomes which field, who is in scope, and the policies.

use serde_json::Value;

use std::sync::Arc;

use super::tested::{InForce, Tested};
use super::{Desk, DeskError};
use crate::contract::{ConfigurationReport, Error as GuestError, Problem};
use crate::runtime::imports::ContactStore as _;
use crate::runtime::{CallError, Workspace};
use crate::schedule::Schedule;
use crate::server::books::{NewSettings, State, Unsaved, WorkspaceRecord};
use crate::server::host::Host;
use crate::server::scheduler::policy_of;
use crate::server::settings::{POLICIES, Settings, SettingsForm, filter_rows, unsayable};
use crate::server::views::{
    AttributeChoice, FieldChoice, MappingFormView, MappingRowForm, SetupStep,
};
use crate::server::words;
use crate::shapes::{MappingShape, ProblemShape, moment};
use crate::store::ReadingStore;

/// What became of a form.
pub(crate) enum Saved {
    /// It was saved.
    Yes,
    /// It was not: the form again, with what is wrong.
    No(Box<MappingFormView>),
}

impl Desk {
    /// The second step, as the settings are.
    pub(crate) async fn mapping_view(&self) -> Result<MappingFormView, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let settings = Settings::read(&record.settings)?;
        let (in_force, rows) = match self.examine(&settings).await? {
            Ok(report) => (Settings::read(&report.in_force)?, rows_of(report)),
            // Settings that are no longer valid, with a store that changed: they are shown as they are.
            Err(_) => (settings.clone(), rows_in(InForce::of(&record).mappings)),
        };
        let mut form = form_of(&in_force, rows, &record);
        // In force, values are in lower case; the document has them as they were written.
        let filters = settings.in_sync("filters");
        if filters.is_object() {
            form.filters = filter_rows(&filters);
        }
        self.drawn(&host, &record, form).await
    }

    /// Draws a form again, after a button that only alters it. Another preset brings its own rows and
    /// policies.
    pub(crate) async fn redrawn(
        &self,
        mut form: SettingsForm,
        action: &str,
    ) -> Result<MappingFormView, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        if action == "preset" {
            let settings = Settings::new(&form.preset);
            if let Ok(report) = self.examine(&settings).await? {
                let in_force = Settings::read(&report.in_force)?;
                let (version, preset) = (form.version, form.preset);
                form = form_of(&in_force, rows_of(report), &record);
                (form.version, form.preset) = (version, preset);
            }
        } else {
            self.fix(&mut form).await?;
            form.press(action);
        }
        self.drawn(&host, &record, form).await
    }

    /// Saves the second step; also whether the workspace is still being set up.
    pub(crate) async fn save_mapping(
        &self,
        form: SettingsForm,
        who: &str,
    ) -> Result<(Saved, bool), DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let setting_up = record.state != State::Connected;
        let settings = Settings::read(&record.settings)?.with_form(&form);
        let mut problems = of_schedule(&form);
        problems.extend(of_parts(&form));
        let report = match self.examine(&settings).await? {
            Ok(report) => Some(report),
            Err(found) => {
                problems.extend(found.into_iter().map(|problem| ProblemShape {
                    pointer: problem.pointer,
                    message: problem.message,
                }));
                None
            }
        };
        let Some(report) = report.filter(|_| problems.is_empty()) else {
            let mut view = self.drawn(&host, &record, form).await?;
            blame(&mut view, problems);
            return Ok((Saved::No(Box::new(view)), setting_up));
        };
        let act = Self::act(&host, who, "settings-saved", None);
        let saved = host.books.save_settings(
            &self.id,
            &NewSettings {
                version: form.version,
                settings: &settings.text(),
                time_zone: &form.time_zone,
                step: SetupStep::Review,
                in_force: Some(&InForce::text(report)),
                tested: None,
            },
            act,
        );
        match saved {
            Ok(_) => {}
            Err(Unsaved::Conflict { by, at_ms }) => {
                let mut view = self.drawn(&host, &record, form).await?;
                view.version = record.version.to_string();
                view.conflict = Some(format!(
                    "{by} changed these settings at {}. What you entered was not saved; it is below. \
                     Save again to replace their changes, or cancel to see them.",
                    moment(at_ms.unsigned_abs())
                ));
                return Ok((Saved::No(Box::new(view)), setting_up));
            }
            Err(error) => return Err(error.into()),
        }
        host.reschedule(&self.id);
        self.live.changed();
        Ok((Saved::Yes, setting_up))
    }

    /// What the connector says of settings, without a network and whatever their connection is.
    async fn examine(
        &self,
        settings: &Settings,
    ) -> Result<Result<ConfigurationReport, Vec<Problem>>, DeskError> {
        let host = self.host()?;
        let workspace = Workspace::new(Arc::new(ReadingStore::new(self.store().await?)));
        let document = settings.without_connection();
        let answer = host.connector.configure(&workspace, &document).await;
        match answer.result {
            Ok(report) => Ok(Ok(report)),
            Err(CallError::Guest {
                error: GuestError::InvalidConfiguration(problems),
                ..
            }) => Ok(Err(problems)),
            Err(error) => Err(error.into()),
        }
    }

    /// Marks the rows that the preset or the store demands.
    async fn fix(&self, form: &mut SettingsForm) -> Result<(), DeskError> {
        let asked = Settings::new(&form.preset)
            .with_form(form)
            .without_mandatory();
        let demanded = match self.examine(&asked).await? {
            Ok(report) => rows_of(report),
            // A form with problems: the preset alone says what it demands.
            Err(_) => match self.examine(&Settings::new(&form.preset)).await? {
                Ok(report) => rows_of(report),
                Err(_) => return Ok(()),
            },
        };
        for row in &mut form.rows {
            row.fixed = demanded.iter().any(|other| {
                other.mandatory
                    && other.field == row.field
                    && (!row.field.is_empty() || other.label == row.label)
            });
            row.mandatory |= row.fixed;
        }
        Ok(())
    }

    async fn drawn(
        &self,
        host: &Host,
        record: &WorkspaceRecord,
        mut form: SettingsForm,
    ) -> Result<MappingFormView, DeskError> {
        self.fix(&mut form).await?;
        let store = self.store().await?;
        let described = store.describe().map_err(|error| {
            DeskError::NotNow(format!(
                "the contact store does not describe itself: {error:?}"
            ))
        })?;
        let tested = Tested::of(record);
        let attributes = host
            .description
            .attributes
            .iter()
            .filter(|attribute| attribute.refused.is_none())
            .map(|attribute| AttributeChoice {
                sample: tested.samples.get(&attribute.name).cloned(),
                name: attribute.name.clone(),
                label: attribute.label.clone(),
            })
            .collect();
        let policy = |name: &&str| {
            let value = form.policies.get(*name).cloned().unwrap_or_default();
            host.choices.policy(name, &Value::String(value))
        };
        Ok(MappingFormView {
            version: form.version.to_string(),
            setting_up: record.state != State::Connected,
            policies: POLICIES.iter().map(policy).collect(),
            preset: form.preset,
            presets: host.choices.of("/properties/sync/properties/preset"),
            rows: form.rows,
            fields: described
                .fields
                .into_iter()
                .map(|field| FieldChoice {
                    name: field.name,
                    label: field.label,
                })
                .collect(),
            custom_fields: described.custom_fields,
            attributes,
            filters: form.filters,
            list: form.list,
            list_name: form.list_name,
            list_attribute: form.list_attribute,
            schedule: form.schedule,
            time_zone: form.time_zone,
            schedule_policy: words::least_interval(&policy_of(record)),
            problems: Vec::new(),
            conflict: None,
        })
    }
}

fn rows_of(report: ConfigurationReport) -> Vec<MappingRowForm> {
    rows_in(report.mappings.into_iter().map(Into::into).collect())
}

fn rows_in(rows: Vec<MappingShape>) -> Vec<MappingRowForm> {
    rows.into_iter()
        .map(|row| {
            let is_custom = row.field == row.label;
            MappingRowForm {
                field: if is_custom { String::new() } else { row.field },
                label: row.label,
                attribute: row.attribute,
                mandatory: row.mandatory,
                ..MappingRowForm::default()
            }
        })
        .collect()
}

fn form_of(
    in_force: &Settings,
    rows: Vec<MappingRowForm>,
    record: &WorkspaceRecord,
) -> SettingsForm {
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Bool(value) => value.to_string(),
        _ => String::new(),
    };
    let list = in_force.in_sync("list");
    let of_list = |key: &str| text(list.get(key).cloned().unwrap_or_default());
    let (list_name, list_attribute) = (of_list("name"), of_list("perAttribute"));
    SettingsForm {
        version: record.version,
        preset: text(in_force.in_sync("preset")),
        rows,
        filters: filter_rows(&in_force.in_sync("filters")),
        policies: POLICIES
            .iter()
            .map(|name| ((*name).to_owned(), text(in_force.in_sync(name))))
            .collect(),
        list: match (list_name.is_empty(), list_attribute.is_empty()) {
            (false, _) => "one",
            (true, false) => "attribute",
            (true, true) => "none",
        }
        .to_owned(),
        list_name,
        list_attribute,
        schedule: text(in_force.in_sync("schedule")),
        time_zone: record.time_zone.clone(),
    }
}

/// What is wrong with the time zone; the rest of a schedule is the connector's to judge.
fn of_schedule(form: &SettingsForm) -> Vec<ProblemShape> {
    let schedule = Some(form.schedule.trim()).filter(|text| !text.is_empty());
    let zone = Schedule::parse("every 6 h", &form.time_zone).err();
    let own = schedule
        .filter(|_| zone.is_none())
        .and_then(|text| Schedule::parse(text, &form.time_zone).err());
    let problem = |pointer: &str, message: String| ProblemShape {
        pointer: pointer.to_owned(),
        message,
    };
    zone.map(|error| problem("time_zone", error.to_string()))
        .into_iter()
        .chain(own.map(|error| problem("schedule", error.to_string())))
        .collect()
}

/// What is missing in a row or a filter.
fn of_parts(form: &SettingsForm) -> impl Iterator<Item = ProblemShape> {
    let problem = |(pointer, message): (String, &str)| ProblemShape {
        pointer,
        message: message.to_owned(),
    };
    unsayable(form).into_iter().map(problem)
}

/// Puts each problem where it belongs: to its row, to an input of the form, or above everything.
fn blame(view: &mut MappingFormView, problems: Vec<ProblemShape>) {
    for ProblemShape { pointer, message } in problems {
        if let Some(row) = row_of(view, &pointer) {
            row.problem.get_or_insert(message);
            continue;
        }
        let path = pointer.strip_prefix("/sync/").unwrap_or(&pointer);
        let mut parts = path.split('/');
        let section = parts.next().unwrap_or_default();
        let part = parts.next().unwrap_or_default();
        let part = part.replace("~1", "/").replace("~0", "~");
        let mut rows = view.rows.iter_mut().filter(|_| section == "mapping");
        if let Some(row) = rows.find(|row| row.attribute == part) {
            row.problem.get_or_insert(message);
            continue;
        }
        let pointer = input_of(view, section, &part);
        // A schedule is judged here and by the connector.
        let already =
            pointer == "schedule" && view.problems.iter().any(|one| one.pointer == pointer);
        if !already {
            view.problems.push(ProblemShape { pointer, message });
        }
    }
}

/// The row that an input is part of.
fn row_of<'a>(view: &'a mut MappingFormView, input: &str) -> Option<&'a mut MappingRowForm> {
    let (number, _) = input.strip_prefix("row.")?.split_once('.')?;
    view.rows.get_mut(number.parse::<usize>().ok()?)
}

/// The form's input for a part of a section of the settings; the section where it has none.
fn input_of(view: &MappingFormView, section: &str, part: &str) -> String {
    let filter = || view.filters.iter().position(|row| row.attribute == part);
    match (section, part) {
        ("list", "name") => Some("list_name".to_owned()),
        ("list", "perAttribute") => Some("list_attribute".to_owned()),
        ("filters", _) => filter().map(|at| format!("filter.{at}.attribute")),
        _ => None,
    }
    .unwrap_or_else(|| section.to_owned())
}
