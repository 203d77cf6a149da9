//! Saving the second step.

use api_types::shapes::{ProblemShape, moment};
use api_types::views::{MappingFormView, SetupStep};
use connector_contract::ConfigurationReport;
use server_db::{NewSettings, SaveError, WorkspaceRecord, WorkspaceState};

use super::examine::{examine, preset};
use super::form_problems::{blame, of_parts, of_schedule, of_source};
use super::mapping_form::{PRESETS, document_of, draw, form_of, form_of_settings, mark_demanded};
use super::tested::InForce;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::scheduling::reschedule;
use crate::settings::{Settings, SettingsForm};

/// What became of a form.
pub(crate) enum Saved {
    /// It was saved, and is in force.
    Yes,
    /// It was saved, and waits for a plan to be approved that shows what it does.
    Proposed,
    /// It was not: the form again, with what is wrong.
    No(Box<MappingFormView>),
}

/// Saves the second step; also whether the workspace is still being set up. In a workspace that is
/// connected, settings that change whom a sync touches wait for a plan that shows it.
pub(crate) async fn save_mapping(
    ws: &WorkspaceContext,
    form: SettingsForm,
    who: &str,
) -> Result<(Saved, bool), ServiceError> {
    let record = ws.record()?;
    let setting_up = record.state != WorkspaceState::Connected;
    let unknown_source = of_source(&form, &ws.app.connector.choices.of(PRESETS));
    let form = with_preset_applied(ws, form, &record).await?;
    let settings = document_of(ws, &form, &record).await?;
    let mut problems = of_schedule(&form);
    problems.extend(unknown_source);
    problems.extend(of_parts(&form));
    let report = match examine(ws, &settings).await? {
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
        let mut view = draw(ws, &record, form).await?;
        blame(&mut view, problems);
        return Ok((Saved::No(Box::new(view)), setting_up));
    };
    let waits = !setting_up && touches_others(ws, &report, &record).await?;
    let action = if waits {
        "settings-proposed"
    } else {
        "settings-saved"
    };
    let event = ws.app.event(who, action, None);
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
        ws.app.db.propose(&ws.id, &new, event)
    } else {
        ws.app.db.save_settings(&ws.id, &new, event)
    };
    match saved {
        Ok(_) => {}
        Err(SaveError::Conflict { by, at_ms }) => {
            let mut view = draw(ws, &record, form).await?;
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
    reschedule(&ws.app, &ws.id);
    ws.task.changed();
    let saved = if waits { Saved::Proposed } else { Saved::Yes };
    Ok((saved, setting_up))
}

/// Gives up settings that wait to be put into force.
pub(crate) fn discard_proposal(ws: &WorkspaceContext, who: &str) -> Result<(), ServiceError> {
    let event = ws.app.event(who, "settings-discarded", None);
    if !ws.app.db.discard_proposal(&ws.id, event)? {
        let nothing = "no settings wait to be put into force";
        return Err(ServiceError::NotNow(nothing.to_owned()));
    }
    ws.task.changed();
    Ok(())
}

/// Whether settings read other people, or write something else, than those in force. The schedule, its
/// time zone and labels do not.
async fn touches_others(
    ws: &WorkspaceContext,
    report: &ConfigurationReport,
    record: &WorkspaceRecord,
) -> Result<bool, ServiceError> {
    let in_force = examine(ws, &Settings::read(&record.settings)?).await?;
    Ok(in_force.map_or(true, |in_force| in_force.fingerprint != report.fingerprint))
}

/// A form in which another preset was chosen, with that preset applied as a whole.
async fn with_preset_applied(
    ws: &WorkspaceContext,
    mut form: SettingsForm,
    record: &WorkspaceRecord,
) -> Result<SettingsForm, ServiceError> {
    let settings = Settings::read(record.edited())?;
    let drawn_with = if form.filled_from.is_empty() {
        settings.preset()
    } else {
        form.filled_from.clone()
    };
    if form.preset == drawn_with {
        return Ok(form);
    }
    let Some(chosen) = preset(ws, &form.preset).await? else {
        return Ok(form);
    };
    let mut drawn = if drawn_with == settings.preset() && !form.filled_in {
        form_of_settings(ws, record).await?
    } else {
        match preset(ws, &drawn_with).await? {
            Some(preset) => form_of(&preset.in_force, preset.rows, record),
            None => form_of_settings(ws, record).await?,
        }
    };
    mark_demanded(ws, &mut drawn, &settings).await?;
    let chosen = form_of(&chosen.in_force, chosen.rows, record);
    form.refill(&drawn, &chosen);
    Ok(form)
}
