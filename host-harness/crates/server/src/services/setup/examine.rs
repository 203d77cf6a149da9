//! What the connector makes of settings, and of a preset by itself: asked of it, so that nothing of it is
//! known here twice.

use api_types::shapes::MappingShape;
use api_types::views::MappingRowForm;
use connector_contract::{
    ConfigurationReport, Error as GuestError, FieldDescription, FieldRole, Problem,
};
use connector_runtime::CallError;
use serde_json::{Value, json};
use sync_runner::configure;

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::opening::look;
use crate::settings::{Preset, Settings};

/// What the connector says of settings, whatever their connection is: without a network, but where a service keeps the
/// contacts, which is asked what fields they have.
pub(crate) async fn examine(
    ws: &WorkspaceContext,
    settings: &Settings,
) -> Result<Result<ConfigurationReport, Vec<Problem>>, ServiceError> {
    let document = settings.without_connection();
    let look = look(ws, &document).await?;
    let answer = configure(&look.connector, &look.workspace, &*look.store, &document).await;
    match answer.result {
        Ok(report) => Ok(Ok(report)),
        Err(CallError::Guest {
            error: GuestError::InvalidConfiguration(problems),
            ..
        }) => Ok(Err(problems)),
        Err(error) => Err(error.into()),
    }
}

/// A preset by itself; none where the connector knows none of that name.
pub(crate) async fn preset(
    ws: &WorkspaceContext,
    name: &str,
) -> Result<Option<Preset>, ServiceError> {
    let edited = Settings::read(ws.record()?.edited())?;
    let destination = edited.destination();
    let plain = Settings::new(name).with_destination(destination.clone());
    if let Ok(report) = examine(ws, &plain).await? {
        return Ok(Some(Preset {
            in_force: Settings::read(&report.in_force)?,
            rows: rows_of(report),
            maps: true,
        }));
    }
    let described = ws.store().await?.describe().map_err(|error| {
        ServiceError::NotNow(format!(
            "the contact store does not describe itself: {error:?}"
        ))
    })?;
    // The policies of a preset are the same wherever the contacts are.
    let mapped = plain.with_destination(None);
    let mapped = mapped.with("mapping", offered(&described.fields));
    let Ok(report) = examine(ws, &mapped).await? else {
        return Ok(None);
    };
    Ok(Some(Preset {
        in_force: Settings::read(&report.in_force)?,
        // What fields a service has, only a mapping tells.
        rows: match destination {
            Some(_) => Vec::new(),
            None => rows_of(report),
        },
        maps: false,
    }))
}

pub(crate) fn rows_of(report: ConfigurationReport) -> Vec<MappingRowForm> {
    rows_in(report.mappings.into_iter().map(Into::into).collect())
}

pub(crate) fn rows_in(rows: Vec<MappingShape>) -> Vec<MappingRowForm> {
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

/// A first mapping for a preset that has none of its own: how somebody is called and reached, and what the
/// store takes no contact without.
fn offered(fields: &[FieldDescription]) -> Value {
    let mut mapping = json!({});
    for (attribute, role, usual) in [
        ("displayName", FieldRole::DisplayName, true),
        ("mobilePhone", FieldRole::Phone, true),
        ("mail", FieldRole::Email, true),
        ("givenName", FieldRole::GivenName, false),
        ("surname", FieldRole::FamilyName, false),
        ("companyName", FieldRole::Company, false),
    ] {
        let has_role = |field: &&FieldDescription| {
            field.role.as_ref() == Some(&role) && (usual || field.mandatory)
        };
        if let Some(field) = fields.iter().find(has_role) {
            mapping[attribute] = json!(field.name);
        }
    }
    mapping
}

/// Whether settings have a policy by which a sync deletes contacts.
pub(crate) async fn deletes(ws: &WorkspaceContext, settings: &str) -> Result<bool, ServiceError> {
    // A policy is the same wherever the contacts are, and to ask no service is faster.
    let settings = Settings::read(settings)?.with_destination(None);
    let Ok(report) = examine(ws, &settings).await? else {
        return Ok(false);
    };
    let in_force = Settings::read(&report.in_force)?;
    let is_delete = |policy: &&str| in_force.in_sync(policy) == "delete";
    Ok(["removed", "leftScope"].iter().any(is_delete))
}
