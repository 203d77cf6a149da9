//! What the last look at a configuration found, as the records keep it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::ConfigurationReport;
use crate::server::books::WorkspaceRecord;
use crate::shapes::{CheckShape, MappingShape, moment};

/// What `configure` found: the connection when it was tested, the mapping whenever it was saved.
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
    pub(crate) mappings: Vec<MappingShape>,
    pub(crate) schedule: Option<String>,
    /// The document in force.
    pub(crate) in_force: String,
    pub(crate) warnings: Vec<String>,
}

impl Tested {
    /// What the records keep; nothing where there is nothing.
    pub(crate) fn of(record: &WorkspaceRecord) -> Self {
        record
            .tested
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The settings are these from now on; what was found of the connection stays.
    pub(super) fn with_settings(self, report: ConfigurationReport) -> Self {
        Self {
            mappings: report.mappings.into_iter().map(Into::into).collect(),
            schedule: report.schedule,
            in_force: report.in_force,
            warnings: report.warnings,
            ..self
        }
    }

    /// The connection was tested.
    pub(super) fn of_connection(report: ConfigurationReport, now_ms: i64) -> Self {
        Self {
            ready: report.ready,
            tenant_name: report.tenant_name.clone(),
            tenant_id: report.tenant_id.clone(),
            checks: report.checks.iter().cloned().map(Into::into).collect(),
            at: Some(moment(now_ms.unsigned_abs())),
            samples: report
                .samples
                .iter()
                .map(|sample| (sample.attribute.clone(), sample.value.clone()))
                .collect(),
            ..Self::default()
        }
        .with_settings(report)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
