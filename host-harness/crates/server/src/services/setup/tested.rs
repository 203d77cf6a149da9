//! What the connector said of a connection and of settings, as the records keep it.

use std::collections::BTreeMap;

use api_types::shapes::{CheckShape, MappingShape, moment};
use connector_contract::ConfigurationReport;
use serde::{Deserialize, Serialize};
use server_db::WorkspaceRecord;

/// What the last connection test found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Tested {
    pub(crate) ready: bool,
    pub(crate) tenant_name: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) checks: Vec<CheckShape>,
    /// When the connection was tested, RFC 3339.
    pub(crate) at: Option<String>,
    /// Of each attribute, a value that somebody has.
    pub(crate) samples: BTreeMap<String, String>,
}

/// What the connector makes of the settings: presets and defaults included.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InForce {
    pub(crate) mappings: Vec<MappingShape>,
    pub(crate) schedule: Option<String>,
    pub(crate) warnings: Vec<String>,
}

impl Tested {
    /// What the records keep; nothing where there is nothing.
    pub(crate) fn of(record: &WorkspaceRecord) -> Self {
        parsed(record.tested.as_deref())
    }

    /// What a test has found.
    pub(crate) fn now(report: &ConfigurationReport, now_ms: i64) -> Self {
        let sample =
            |sample: &connector_contract::Sample| (sample.attribute.clone(), sample.value.clone());
        Self {
            ready: report.ready,
            tenant_name: report.tenant_name.clone(),
            tenant_id: report.tenant_id.clone(),
            checks: report.checks.iter().cloned().map(Into::into).collect(),
            at: Some(moment(now_ms.unsigned_abs())),
            samples: report.samples.iter().map(sample).collect(),
        }
    }

    /// The connection is another one now: nothing is known of it, and the samples stay until it is.
    pub(crate) fn of_another_connection(self) -> Self {
        Self {
            samples: self.samples,
            ..Self::default()
        }
    }

    /// It could not be tested, for a reason that is told.
    pub(crate) fn failed(self, reason: &str, now_ms: i64) -> Self {
        Self {
            ready: false,
            at: Some(moment(now_ms.unsigned_abs())),
            checks: vec![CheckShape::failed("connection", reason)],
            ..self
        }
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl InForce {
    /// What the records keep; nothing where there is nothing.
    pub(crate) fn of(record: &WorkspaceRecord) -> Self {
        parsed(record.in_force.as_deref())
    }

    pub(crate) fn text(report: ConfigurationReport) -> String {
        let in_force = Self {
            mappings: report.mappings.into_iter().map(Into::into).collect(),
            schedule: report.schedule,
            warnings: report.warnings,
        };
        serde_json::to_string(&in_force).unwrap_or_default()
    }
}

fn parsed<T: Default + for<'de> Deserialize<'de>>(text: Option<&str>) -> T {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
