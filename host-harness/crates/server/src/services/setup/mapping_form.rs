//! The form of the second step: which attribute becomes which field, who is in scope, and the policies.

use api_types::views::{
    AttributeChoice, DifferenceView, FieldChoice, GroupChoices, GroupsView, MappingFormView,
    MappingRowForm,
};
use connector_contract::FieldDescription;
use serde_json::Value;
use server_db::{WorkspaceRecord, WorkspaceState};

use super::examine::{examine, preset, rows_in, rows_of};
use super::proposal::proposal_view;
use super::tested::{InForce, Tested};
use crate::labels;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::scheduling::policy_of;
use crate::settings::{GroupsForm, Lists, POLICIES, Settings, SettingsForm, filter_rows};

/// Where the configuration's schema has the presets.
pub(crate) const PRESETS: &str = "/properties/sync/properties/preset";

/// Where it has what people are filtered by.
const FILTERS: &str = "/properties/sync/properties/filters";

/// The second step, as the settings are.
pub(crate) async fn mapping_view(ws: &WorkspaceContext) -> Result<MappingFormView, ServiceError> {
    let record = ws.record()?;
    let form = form_of_settings(ws, &record).await?;
    draw(ws, &record, form).await
}

/// The settings that a person edits, as a form.
pub(crate) async fn form_of_settings(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
) -> Result<SettingsForm, ServiceError> {
    let settings = Settings::read(record.edited())?;
    let (in_force, rows) = match examine(ws, &settings).await? {
        Ok(report) => (Settings::read(&report.in_force)?, rows_of(report)),
        Err(_) => as_far_as_valid(ws, &settings, record).await?,
    };
    let mut form = form_of(&in_force, rows, record);
    // In force, values are in lower case; the document has them as they were written.
    let filters = settings.in_sync("filters");
    if filters.is_object() {
        form.filters = filter_rows(&filters);
    }
    form.groups = Some(GroupsForm::of(
        &settings.in_sync("scope"),
        &settings.in_sync("groups"),
    ));
    Ok(form)
}

/// Settings that the connector does not take as they are: of a preset that needs a mapping and has got
/// none yet, or of a store that has changed.
async fn as_far_as_valid(
    ws: &WorkspaceContext,
    settings: &Settings,
    record: &WorkspaceRecord,
) -> Result<(Settings, Vec<MappingRowForm>), ServiceError> {
    let Some(preset) = preset(ws, &settings.preset()).await? else {
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
pub(crate) async fn redraw(
    ws: &WorkspaceContext,
    mut form: SettingsForm,
    action: &str,
) -> Result<MappingFormView, ServiceError> {
    let record = ws.record()?;
    if action == "preset" {
        if let Some(preset) = preset(ws, &form.preset).await? {
            form = SettingsForm {
                version: form.version,
                filters: form.filters,
                groups: form.groups,
                time_zone: form.time_zone,
                filled_in: true,
                ..form_of(&preset.in_force, preset.rows, &record)
            };
        }
    } else {
        let settings = Settings::read(record.edited())?;
        mark_demanded(ws, &mut form, &settings).await?;
        form.press(action);
    }
    draw(ws, &record, form).await
}

/// The document that a form means: its preset, and what is otherwise.
pub(crate) async fn document_of(
    ws: &WorkspaceContext,
    form: &SettingsForm,
    record: &WorkspaceRecord,
) -> Result<Settings, ServiceError> {
    let mut settings = Settings::read(record.edited())?;
    if form.filled_in || form.preset != settings.preset() {
        settings = settings.without_own_choices();
    }
    let mut form = form.clone();
    mark_demanded(ws, &mut form, &settings).await?;
    let preset = preset(ws, &form.preset).await?;
    let whole = settings.with_form(&form, preset.as_ref());
    if preset.is_none_or(|preset| !preset.maps) {
        return Ok(whole);
    }
    // A mapping that is the preset's own need not stand there.
    let short = whole.clone().without("mapping");
    let both = (examine(ws, &whole).await?, examine(ws, &short).await?);
    Ok(match both {
        (Ok(long), Ok(other)) if long.fingerprint == other.fingerprint => short,
        _ => whole,
    })
}

/// Marks the rows that the preset or the store demands. Of the settings that the form is of, those count
/// that say that a person may lack a field.
pub(crate) async fn mark_demanded(
    ws: &WorkspaceContext,
    form: &mut SettingsForm,
    settings: &Settings,
) -> Result<(), ServiceError> {
    let asked = Settings::new(&form.preset)
        .with_destination(settings.destination())
        .with_form(form, None)
        .without_mandatory();
    let demanded = match examine(ws, &asked).await? {
        Ok(report) => rows_of(report),
        // A form with problems: the preset alone says what it demands.
        Err(_) => match preset(ws, &form.preset).await? {
            Some(preset) => preset.rows,
            None => return Ok(()),
        },
    };
    settings.mark_demanded(form, &demanded);
    Ok(())
}

/// What a form has in force otherwise than its preset; nothing where that cannot be said.
async fn differences(
    ws: &WorkspaceContext,
    form: &SettingsForm,
    record: &WorkspaceRecord,
) -> Result<Vec<DifferenceView>, ServiceError> {
    let Some(preset) = preset(ws, &form.preset).await? else {
        return Ok(Vec::new());
    };
    let settings = document_of(ws, form, record).await?;
    Ok(match examine(ws, &settings).await? {
        Ok(report) => {
            let in_force = Settings::read(&report.in_force)?;
            preset.differences(&in_force, &ws.app.connector.choices)
        }
        Err(_) => Vec::new(),
    })
}

pub(crate) async fn draw(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    mut form: SettingsForm,
) -> Result<MappingFormView, ServiceError> {
    let settings = Settings::read(record.edited())?;
    mark_demanded(ws, &mut form, &settings).await?;
    let groups = form.groups.take();
    let groups = groups
        .unwrap_or_else(|| GroupsForm::of(&settings.in_sync("scope"), &settings.in_sync("groups")));
    let differences = differences(ws, &form, record).await?;
    let store = ws.store().await?;
    let described = store.describe().map_err(|error| {
        ServiceError::NotNow(format!(
            "the contact store does not describe itself: {error:?}"
        ))
    })?;
    let fields = match settings.destination() {
        None => described.fields.into_iter().map(field_choice).collect(),
        // A service is asked for its fields with the mapping, and takes others as custom ones.
        Some(_) => fields_of(&form.rows),
    };
    let custom_fields = described.custom_fields || settings.destination().is_some();
    let tested = Tested::of(record);
    let attributes = ws
        .app
        .connector
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
        ws.app.connector.choices.policy(name, &Value::String(value))
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
        presets: ws.app.connector.choices.of(PRESETS),
        rows: form.rows,
        fields,
        custom_fields,
        attributes,
        filtered_by: ws.app.connector.choices.titled(FILTERS),
        filters: form.filters,
        groups: groups_view(ws, groups),
        list: form.list,
        list_name: form.list_name,
        list_attribute: form.list_attribute,
        schedule: form.schedule,
        time_zone: form.time_zone,
        schedule_policy: labels::least_interval(&policy_of(record)),
        problems: Vec::new(),
        conflict: None,
    })
}

fn field_choice(field: FieldDescription) -> FieldChoice {
    FieldChoice {
        name: field.name,
        label: field.label,
    }
}

/// The fields that rows fill, but for custom ones.
fn fields_of(rows: &[MappingRowForm]) -> Vec<FieldChoice> {
    let filled = rows.iter().filter(|row| !row.field.is_empty());
    let mut fields: Vec<FieldChoice> = Vec::new();
    for row in filled {
        if fields.iter().all(|known| known.name != row.field) {
            let label = Some(&row.label).filter(|label| !label.is_empty());
            fields.push(FieldChoice {
                name: row.field.clone(),
                label: label.unwrap_or(&row.field).clone(),
            });
        }
    }
    fields
}

/// What is said of groups, with what can be.
fn groups_view(ws: &WorkspaceContext, form: GroupsForm) -> GroupsView {
    let GroupsForm {
        scope,
        include,
        kinds,
        members,
        people,
    } = form;
    let choices = |property: &str| {
        let pointer = format!("/properties/sync/properties/{property}");
        ws.app.connector.choices.of(&pointer)
    };
    GroupsView {
        scope,
        include,
        kinds,
        members,
        people,
        choices: GroupChoices {
            scope: choices("scope"),
            kinds: choices("groups/properties/kinds/items"),
            members: choices("groups/properties/members"),
            people: choices("groups/properties/people"),
        },
    }
}

pub(crate) fn form_of(
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
        groups: None,
        policies: POLICIES
            .iter()
            .map(|name| ((*name).to_owned(), text(in_force.in_sync(name))))
            .collect(),
        list: match (list_name.is_empty(), list_attribute.is_empty()) {
            (false, _) => Lists::One,
            (true, false) => Lists::PerAttribute,
            (true, true) => Lists::None,
        }
        .name()
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
