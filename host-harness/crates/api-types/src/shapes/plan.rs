//! `plan`: what would be done. The host keeps this summary beside the plan's entries, and reads it
//! back.

use std::collections::BTreeMap;

use connector_contract::{
    AttributeChange, Effect, EffectOnContact, Evidence, FieldChange, GivenValue, JournalEntry,
    PlanEntry, PlanSummary, RunMode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::run::{BlockShape, ReasonShape, WarningShape, is_nobody};
use crate::by_name;

/// What a plan is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanMode {
    /// A sync that reads what has changed.
    Incremental,
    /// A sync that reads everybody.
    Full,
    /// Taking a run back.
    Undo,
}

impl PlanMode {
    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Incremental => RunMode::Incremental.name(),
            Self::Full => RunMode::Full.name(),
            Self::Undo => "undo",
        }
    }
}

impl From<RunMode> for PlanMode {
    fn from(mode: RunMode) -> Self {
        match mode {
            RunMode::Incremental => Self::Incremental,
            RunMode::Full => Self::Full,
        }
    }
}

/// `plan --json`, and `undo --json` without approval.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanShape {
    pub digest: String,
    /// `incremental`, `full`, or `undo`.
    #[schema(value_type = String)]
    pub mode: PlanMode,
    pub counts: BTreeMap<String, u64>,
    pub skips: Vec<ReasonShape>,
    pub warnings: Vec<WarningShape>,
    pub requests: u64,
    pub blocks: Vec<BlockShape>,
    /// People of whom the directory would be given something, or given it back; left out where there are none.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub given: u64,
    /// The file of a configuration that is not the saved one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// The run that an undo takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<ChangeShape>>,
}

impl From<PlanSummary> for PlanShape {
    fn from(summary: PlanSummary) -> Self {
        Self {
            digest: summary.digest,
            mode: summary.mode.into(),
            counts: summary
                .counts
                .into_iter()
                .map(|entry| (entry.effect.name().to_owned(), entry.count))
                .collect(),
            skips: summary.skips.into_iter().map(Into::into).collect(),
            warnings: summary.warnings.into_iter().map(Into::into).collect(),
            requests: summary.requests,
            blocks: summary.blocks.into_iter().map(Into::into).collect(),
            given: summary.given,
            configuration: None,
            undoes: None,
            changes: None,
        }
    }
}

impl PlanShape {
    /// How many entries have one of these effects.
    pub fn count(&self, effects: &[Effect]) -> u64 {
        let counts = effects.iter();
        let counts = counts.filter_map(|effect| self.counts.get(effect.name()));
        counts.sum()
    }

    /// How many entries change something.
    pub fn changing(&self) -> u64 {
        self.counts.values().sum::<u64>() - self.count(&[Effect::Unchanged, Effect::Skip])
    }
}

/// One line of `plan list --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptPlanShape {
    pub created_at: String,
    #[serde(flatten)]
    pub plan: PlanShape,
}

/// One field of a change, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldShape {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
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

/// One attribute of a directory user, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeShape {
    pub attribute: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// `false` where it was sent, and no answer told whether it arrived; otherwise left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
}

impl From<AttributeChange> for AttributeShape {
    fn from(change: AttributeChange) -> Self {
        Self {
            attribute: change.attribute,
            before: change.before,
            after: change.after,
            answered: None,
        }
    }
}

impl From<GivenValue> for AttributeShape {
    fn from(given: GivenValue) -> Self {
        Self {
            answered: (!given.answered).then_some(false),
            ..given.change.into()
        }
    }
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeShape {
    pub object_id: String,
    pub contact_id: Option<String>,
    #[serde(with = "by_name::effect")]
    #[schema(value_type = String)]
    pub change: Effect,
    pub reason: String,
    pub fields: Vec<FieldShape>,
    pub joins: Vec<String>,
    pub leaves: Vec<String>,
    /// Why something is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What the directory is, or was, given of the contact, or given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directory: Vec<AttributeShape>,
}

impl ChangeShape {
    fn of(contact_id: Option<String>, what: EffectOnContact) -> Self {
        Self {
            object_id: what.object_id,
            contact_id,
            change: what.effect,
            reason: what.reason,
            fields: what.fields.into_iter().map(Into::into).collect(),
            joins: what.joins,
            leaves: what.leaves,
            evidence: what.evidence.as_ref().map(Evidence::text),
            directory: Vec::new(),
        }
    }
}

impl From<PlanEntry> for ChangeShape {
    fn from(entry: PlanEntry) -> Self {
        Self {
            directory: entry.directory.into_iter().map(Into::into).collect(),
            ..Self::of(entry.contact, entry.what)
        }
    }
}

/// One change that was done, in `explain --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneShape {
    pub at: String,
    pub run: Option<String>,
    #[serde(flatten)]
    pub change: ChangeShape,
}

impl From<JournalEntry> for DoneShape {
    fn from(entry: JournalEntry) -> Self {
        Self {
            at: super::moment(entry.at_ms),
            run: entry.run,
            change: ChangeShape {
                directory: entry.directory.into_iter().map(Into::into).collect(),
                ..ChangeShape::of(Some(entry.contact), entry.what)
            },
        }
    }
}

/// `plan compare --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonShape {
    pub first: String,
    pub second: String,
    /// Changes to users that the second plan does not change.
    pub only_in_first: Vec<ChangeShape>,
    /// Changes to users that the first plan does not change.
    pub only_in_second: Vec<ChangeShape>,
    pub different: Vec<DifferenceShape>,
    /// How many changes are the same in both.
    pub same: u64,
}

/// One user to whom two plans do different things.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceShape {
    pub object_id: String,
    pub first: ChangeShape,
    pub second: ChangeShape,
    /// What differs: `change`, `contact`, `lists`, `directory`, or the name of a field.
    pub differs: Vec<String>,
}
