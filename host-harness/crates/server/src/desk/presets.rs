//! What a preset is by itself: asked of the connector, so that nothing of it is known here twice.

use connector_contract::imports::ContactStore as _;
use connector_contract::{FieldDescription, FieldRole};
use serde_json::{Value, json};

use super::mapping::rows_of;
use super::{Desk, DeskError};
use crate::settings::{Preset, Settings};

impl Desk {
    /// A preset by itself; none where the connector knows none of that name.
    pub(super) async fn preset(&self, name: &str) -> Result<Option<Preset>, DeskError> {
        let plain = Settings::new(name);
        if let Ok(report) = self.examine(&plain).await? {
            return Ok(Some(Preset {
                in_force: Settings::read(&report.in_force)?,
                rows: rows_of(report),
                maps: true,
            }));
        }
        let described = self.store().await?.describe().map_err(|error| {
            DeskError::NotNow(format!(
                "the contact store does not describe itself: {error:?}"
            ))
        })?;
        let mapped = plain.with("mapping", offered(&described.fields));
        let Ok(report) = self.examine(&mapped).await? else {
            return Ok(None);
        };
        Ok(Some(Preset {
            in_force: Settings::read(&report.in_force)?,
            rows: rows_of(report),
            maps: false,
        }))
    }
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
