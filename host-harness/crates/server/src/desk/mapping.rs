//! The second step: which attribute becomes which field, who is in scope, and the policies.

use std::sync::Arc;

use api_types::shapes::{MappingShape, ProblemShape, moment};
use api_types::views::{
    AttributeChoice, DifferenceView, FieldChoice, MappingFormView, MappingRowForm, ProposalView,
    SetupStep,
};
use connector_contract::imports::ContactStore as _;
use connector_contract::{ConfigurationReport, Error as GuestError, Problem};
use connector_runtime::{CallError, Workspace};
use schedule::Schedule;
use serde_json::Value;
use server_db::{NewSettings, Proposal, SaveError, WorkspaceRecord, WorkspaceState};
use store_sqlite::ReadingStore;
use sync_runner::configure;

use super::scheduling::policy_of;
use super::tested::{InForce, Tested};
use super::{Desk, DeskError};
use crate::host::Host;
use crate::settings::{POLICIES, Settings, SettingsForm, filter_rows, unsayable};
use crate::words;

/// Where the configuration's schema has the presets.
const PRESETS: &str = "/properties/sync/properties/preset";

/// What became of a form.
pub(crate) enum Saved {
    /// It was saved, and is in force.
    Yes,
    /// It was saved, and waits for a plan to be approved that shows what it does.
    Proposed,
    /// It was not: the form again, with what is wrong.
    No(Box<MappingFormView>),
}

impl Desk {
    /// The second step, as the settings are.
    pub(crate) async fn mapping_view(&self) -> Result<MappingFormView, DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let form = self.form_of_settings(&record).await?;
        self.drawn(&host, &record, form).await
    }

    /// The settings that a person edits, as a form.
    async fn form_of_settings(&self, record: &WorkspaceRecord) -> Result<SettingsForm, DeskError> {
        let settings = Settings::read(record.edited())?;
        let (in_force, rows) = match self.examine(&settings).await? {
            Ok(report) => (Settings::read(&report.in_force)?, rows_of(report)),
            Err(_) => self.as_far_as_valid(&settings, record).await?,
        };
        let mut form = form_of(&in_force, rows, record);
        // In force, values are in lower case; the document has them as they were written.
        let filters = settings.in_sync("filters");
        if filters.is_object() {
            form.filters = filter_rows(&filters);
        }
        Ok(form)
    }

    /// Settings that the connector does not take as they are: of a preset that needs a mapping and has got
    /// none yet, or of a store that has changed.
    async fn as_far_as_valid(
        &self,
        settings: &Settings,
        record: &WorkspaceRecord,
    ) -> Result<(Settings, Vec<MappingRowForm>), DeskError> {
        let Some(preset) = self.preset(&settings.preset()).await? else {
            let rows = rows_in(InForce::of(record).mappings);
            return Ok((settings.clone(), rows));
        };
        let rows = if settings.in_sync("mapping").is_object() {
            rows_in(InForce::of(record).mappings)
        } else {
            preset.rows
        };
        Ok((preset.in_force.overlaid(settings), rows))
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
            if let Some(preset) = self.preset(&form.preset).await? {
                form = SettingsForm {
                    version: form.version,
                    filters: form.filters,
                    time_zone: form.time_zone,
                    filled_in: true,
                    ..form_of(&preset.in_force, preset.rows, &record)
                };
            }
        } else {
            let settings = Settings::read(record.edited())?;
            self.fix(&mut form, &settings).await?;
            form.press(action);
        }
        self.drawn(&host, &record, form).await
    }

    /// Saves the second step; also whether the workspace is still being set up. In a workspace that is
    /// connected, settings that change whom a sync touches wait for a plan that shows it.
    pub(crate) async fn save_mapping(
        &self,
        form: SettingsForm,
        who: &str,
    ) -> Result<(Saved, bool), DeskError> {
        let (host, record) = (self.host()?, self.record()?);
        let setting_up = record.state != WorkspaceState::Connected;
        let unknown_source = of_source(&form, &host);
        let form = self.with_preset_applied(form, &record).await?;
        let settings = self.document_of(&form, &record).await?;
        let mut problems = of_schedule(&form);
        problems.extend(unknown_source);
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
        let waits = !setting_up && self.touches_others(&report, &record).await?;
        let action = if waits {
            "settings-proposed"
        } else {
            "settings-saved"
        };
        let event = Self::event(&host, who, action, None);
        let new = NewSettings {
            version: form.version,
            settings: &settings.text(),
            time_zone: &form.time_zone,
            step: SetupStep::Review,
            in_force: Some(&InForce::text(report)),
            tested: None,
            anew: false,
            proposal: None,
        };
        let saved = if waits {
            host.db.propose(&self.id, &new, event)
        } else {
            host.db.save_settings(&self.id, &new, event)
        };
        match saved {
            Ok(_) => {}
            Err(SaveError::Conflict { by, at_ms }) => {
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
        let saved = if waits { Saved::Proposed } else { Saved::Yes };
        Ok((saved, setting_up))
    }

    /// Gives up settings that wait to be put into force.
    pub(crate) fn discard_proposal(&self, who: &str) -> Result<(), DeskError> {
        let host = self.host()?;
        let event = Self::event(&host, who, "settings-discarded", None);
        if !host.db.discard_proposal(&self.id, event)? {
            let nothing = "no settings wait to be put into force";
            return Err(DeskError::NotNow(nothing.to_owned()));
        }
        self.live.changed();
        Ok(())
    }

    /// Whether settings read other people, or write something else, than those in force. The schedule, its
    /// time zone and labels do not.
    async fn touches_others(
        &self,
        report: &ConfigurationReport,
        record: &WorkspaceRecord,
    ) -> Result<bool, DeskError> {
        let in_force = self.examine(&Settings::read(&record.settings)?).await?;
        Ok(in_force.map_or(true, |in_force| in_force.fingerprint != report.fingerprint))
    }

    /// A form in which another preset was chosen, with that preset applied as a whole.
    async fn with_preset_applied(
        &self,
        mut form: SettingsForm,
        record: &WorkspaceRecord,
    ) -> Result<SettingsForm, DeskError> {
        let settings = Settings::read(record.edited())?;
        let drawn_with = if form.filled_from.is_empty() {
            settings.preset()
        } else {
            form.filled_from.clone()
        };
        if form.preset == drawn_with {
            return Ok(form);
        }
        let Some(chosen) = self.preset(&form.preset).await? else {
            return Ok(form);
        };
        let drawn = if drawn_with == settings.preset() && !form.filled_in {
            self.form_of_settings(record).await?
        } else {
            match self.preset(&drawn_with).await? {
                Some(preset) => form_of(&preset.in_force, preset.rows, record),
                None => self.form_of_settings(record).await?,
            }
        };
        let mut drawn = drawn;
        self.fix(&mut drawn, &settings).await?;
        let chosen = form_of(&chosen.in_force, chosen.rows, record);
        form.refill(&drawn, &chosen);
        Ok(form)
    }

    /// The document that a form means: its preset, and what is otherwise.
    async fn document_of(
        &self,
        form: &SettingsForm,
        record: &WorkspaceRecord,
    ) -> Result<Settings, DeskError> {
        let mut settings = Settings::read(record.edited())?;
        if form.filled_in || form.preset != settings.preset() {
            settings = settings.without_own_choices();
        }
        let mut form = form.clone();
        self.fix(&mut form, &settings).await?;
        let preset = self.preset(&form.preset).await?;
        let whole = settings.with_form(&form, preset.as_ref());
        if preset.is_none_or(|preset| !preset.maps) {
            return Ok(whole);
        }
        // A mapping that is the preset's own need not stand there.
        let short = whole.clone().without("mapping");
        let both = (self.examine(&whole).await?, self.examine(&short).await?);
        Ok(match both {
            (Ok(long), Ok(other)) if long.fingerprint == other.fingerprint => short,
            _ => whole,
        })
    }

    /// What the connector says of settings, without a network and whatever their connection is.
    pub(super) async fn examine(
        &self,
        settings: &Settings,
    ) -> Result<Result<ConfigurationReport, Vec<Problem>>, DeskError> {
        let host = self.host()?;
        let store = self.store().await?;
        let workspace = Workspace::new(Arc::new(ReadingStore::new(Arc::clone(&store))));
        let document = settings.without_connection();
        let answer = configure(&host.connector, &workspace, &store, &document).await;
        match answer.result {
            Ok(report) => Ok(Ok(report)),
            Err(CallError::Guest {
                error: GuestError::InvalidConfiguration(problems),
                ..
            }) => Ok(Err(problems)),
            Err(error) => Err(error.into()),
        }
    }

    /// Marks the rows that the preset or the store demands. Of the settings that the form is of, those count
    /// that say that a person may lack a field.
    async fn fix(&self, form: &mut SettingsForm, settings: &Settings) -> Result<(), DeskError> {
        let asked = Settings::new(&form.preset)
            .with_form(form, None)
            .without_mandatory();
        let demanded = match self.examine(&asked).await? {
            Ok(report) => rows_of(report),
            // A form with problems: the preset alone says what it demands.
            Err(_) => match self.preset(&form.preset).await? {
                Some(preset) => preset.rows,
                None => return Ok(()),
            },
        };
        settings.mark_demanded(form, &demanded);
        Ok(())
    }

    /// What a form has in force otherwise than its preset; nothing where that cannot be said.
    async fn differences(
        &self,
        host: &Host,
        form: &SettingsForm,
        record: &WorkspaceRecord,
    ) -> Result<Vec<DifferenceView>, DeskError> {
        let Some(preset) = self.preset(&form.preset).await? else {
            return Ok(Vec::new());
        };
        let settings = self.document_of(form, record).await?;
        Ok(match self.examine(&settings).await? {
            Ok(report) => {
                let in_force = Settings::read(&report.in_force)?;
                preset.differences(&in_force, &host.choices)
            }
            Err(_) => Vec::new(),
        })
    }

    async fn drawn(
        &self,
        host: &Host,
        record: &WorkspaceRecord,
        mut form: SettingsForm,
    ) -> Result<MappingFormView, DeskError> {
        self.fix(&mut form, &Settings::read(record.edited())?)
            .await?;
        let differences = self.differences(host, &form, record).await?;
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
            setting_up: record.state != WorkspaceState::Connected,
            policies: POLICIES.iter().map(policy).collect(),
            preset: form.preset,
            differences,
            filled_from: form.filled_from,
            filled_in: form.filled_in,
            proposal: record.proposal.as_ref().map(proposal_view),
            presets: host.choices.of(PRESETS),
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

pub(super) fn rows_of(report: ConfigurationReport) -> Vec<MappingRowForm> {
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
        preset: in_force.preset(),
        filled_from: in_force.preset(),
        filled_in: false,
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
        time_zone: record
            .proposal
            .as_ref()
            .map_or(&record.time_zone, |proposal| &proposal.time_zone)
            .clone(),
    }
}

/// Settings that wait to be put into force, without what they say.
pub(super) fn proposal_view(proposal: &Proposal) -> ProposalView {
    ProposalView {
        by: proposal.by.clone(),
        at: moment(proposal.at_ms.unsigned_abs()),
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

/// What is wrong with the preset that a form says it was filled from.
fn of_source(form: &SettingsForm, host: &Host) -> Option<ProblemShape> {
    let presets = host.choices.of(PRESETS);
    let is_known = |name: &str| presets.iter().any(|preset| preset.value == name);
    let source = form.filled_from.as_str();
    (!source.is_empty() && !is_known(source)).then(|| ProblemShape {
        pointer: "filled_from".to_owned(),
        message: "There is no such preset.".to_owned(),
    })
}

/// What is missing in a row or a filter, or no word of ours.
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
