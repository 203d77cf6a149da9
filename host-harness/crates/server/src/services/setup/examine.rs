//! What the connector makes of settings, and of a preset by itself: asked of it, so that nothing of it is
//! known here twice.

use std::sync::Arc;

use api_types::shapes::MappingShape;
use api_types::views::MappingRowForm;
use connector_contract::{
    ConfigurationReport, Error as GuestError, FieldDescription, FieldRole, Problem,
};
use connector_runtime::{CallError, Workspace};
use serde_json::{Value, json};
use sync_runner::configure;

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{Preset, Settings};

/// What the connector says of settings, without a network and whatever their connection is.
pub(crate) async fn examine(
    ws: &WorkspaceContext,
    settings: &Settings,
) -> Result<Result<ConfigurationReport, Vec<Problem>>, ServiceError> {
    let store = ws.store().await?;
    let workspace = Workspace::new(Arc::clone(&store).read_only());
    let document = settings.without_connection();
    let answer = configure(&ws.app.connector.component, &workspace, &*store, &document).await;
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
    let plain = Settings::new(name);
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
    let mapped = plain.with("mapping", offered(&described.fields));
    let Ok(report) = examine(ws, &mapped).await? else {
        return Ok(None);
    };
    Ok(Some(Preset {
        in_force: Settings::read(&report.in_force)?,
        rows: rows_of(report),
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
    let Ok(report) = examine(ws, &Settings::read(settings)?).await? else {
        return Ok(false);
    };
    let in_force = Settings::read(&report.in_force)?;
    let is_delete = |policy: &&str| in_force.in_sync(policy) == "delete";
    Ok(["removed", "leftScope"].iter().any(is_delete))
}
