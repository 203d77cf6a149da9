//! `plan`: what would be done. The host keeps this summary beside the plan's entries, and reads it
//! back.

use std::collections::BTreeMap;

use connector_contract::{FieldChange, JournalEntry, PlanEntry, PlanSummary};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::run::{BlockShape, ReasonShape, WarningShape};
use super::{effect_name, evidence_text, mode_name};

/// `plan --json`, and `undo --json` without approval.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanShape {
    pub(crate) digest: String,
    /// `incremental`, `full`, or `undo`.
    pub(crate) mode: String,
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) skips: Vec<ReasonShape>,
    pub(crate) warnings: Vec<WarningShape>,
    pub(crate) requests: u64,
    pub(crate) blocks: Vec<BlockShape>,
    /// The file of a configuration that is not the saved one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) configuration: Option<String>,
    /// The run that an undo takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) undoes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changes: Option<Vec<ChangeShape>>,
}

impl From<PlanSummary> for PlanShape {
    fn from(summary: PlanSummary) -> Self {
        Self {
            digest: summary.digest,
            mode: mode_name(summary.mode).to_owned(),
            counts: summary
                .counts
                .into_iter()
                .map(|entry| (effect_name(entry.effect).to_owned(), entry.count))
                .collect(),
            skips: summary.skips.into_iter().map(Into::into).collect(),
            warnings: summary.warnings.into_iter().map(Into::into).collect(),
            requests: summary.requests,
            blocks: summary.blocks.into_iter().map(Into::into).collect(),
            configuration: None,
            undoes: None,
            changes: None,
        }
    }
}

impl PlanShape {
    /// How many entries have one of these effects.
    pub(crate) fn count(&self, effects: &[&str]) -> u64 {
        let counts = effects.iter().filter_map(|effect| self.counts.get(*effect));
        counts.sum()
    }

    /// How many entries change something.
    pub(crate) fn changing(&self) -> u64 {
        self.counts.values().sum::<u64>() - self.count(&["unchanged", "skip"])
    }
}

/// One line of `plan list --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptPlanShape {
    pub(crate) created_at: String,
    #[serde(flatten)]
    pub(crate) plan: PlanShape,
}

/// One field of a change, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldShape {
    pub(crate) field: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl From<FieldChange> for FieldShape {
    fn from(change: FieldChange) -> Self {
        Self {
            field: change.field,
            before: change.before,
            after: change.after,
        }
    }
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeShape {
    pub(crate) object_id: String,
    pub(crate) contact_id: Option<String>,
    pub(crate) change: String,
    pub(crate) reason: String,
    pub(crate) fields: Vec<FieldShape>,
    pub(crate) joins: Vec<String>,
    pub(crate) leaves: Vec<String>,
    /// Why something is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<String>,
}

impl From<PlanEntry> for ChangeShape {
    fn from(entry: PlanEntry) -> Self {
        Self {
            object_id: entry.object_id,
            contact_id: entry.contact,
            change: effect_name(entry.effect).to_owned(),
            reason: entry.reason,
            fields: entry.fields.into_iter().map(Into::into).collect(),
            joins: entry.joins,
            leaves: entry.leaves,
            evidence: entry.evidence.as_ref().map(evidence_text),
        }
    }
}

/// One change that was done, in `explain --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoneShape {
    pub(crate) at: String,
    pub(crate) run: Option<String>,
    #[serde(flatten)]
    pub(crate) change: ChangeShape,
}

impl From<JournalEntry> for DoneShape {
    fn from(entry: JournalEntry) -> Self {
        Self {
            at: super::moment(entry.at_ms),
            run: entry.run,
            change: ChangeShape {
                object_id: entry.object_id,
                contact_id: Some(entry.contact),
                change: effect_name(entry.effect).to_owned(),
                reason: entry.reason,
                fields: entry.fields.into_iter().map(Into::into).collect(),
                joins: entry.joins,
                leaves: entry.leaves,
                evidence: entry.evidence.as_ref().map(evidence_text),
            },
        }
    }
}

/// `plan compare --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComparisonShape {
    pub(crate) first: String,
    pub(crate) second: String,
    /// Changes to users that the second plan does not change.
    pub(crate) only_in_first: Vec<ChangeShape>,
    /// Changes to users that the first plan does not change.
    pub(crate) only_in_second: Vec<ChangeShape>,
    pub(crate) different: Vec<DifferenceShape>,
    /// How many changes are the same in both.
    pub(crate) same: u64,
}

/// One user to whom two plans do different things.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DifferenceShape {
    pub(crate) object_id: String,
    pub(crate) first: ChangeShape,
    pub(crate) second: ChangeShape,
    /// What differs: `change`, `contact`, `lists`, or the name of a field.
    pub(crate) differs: Vec<String>,
}
