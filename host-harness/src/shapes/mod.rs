//! The JSON shapes that scripts rely on. Documented in the README; a change here is a change there.

mod connection;
mod contact;
mod explanation;
mod plan;
mod report;
mod run;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) use self::connection::{
    CheckShape, ConnectShape, MappingShape, ProblemShape, RefusedShape,
};
pub(crate) use self::contact::ContactShape;
pub(crate) use self::explanation::{ExplanationShape, origin_name};
pub(crate) use self::plan::{
    ChangeShape, ComparisonShape, DifferenceShape, FieldShape, KeptPlanShape, PlanShape,
};
pub(crate) use self::report::{
    LedgerEntryShape, LedgerShape, QualityShape, ReportShape, report_status,
};
pub(crate) use self::run::{
    BlockShape, ChangedRunShape, ErrorShape, RunShape, UNDO, WarningShape, is_sync, run_kind,
    run_status,
};
use crate::contract::{Effect, Evidence, RunMode};

/// A moment in RFC 3339, UTC.
pub(crate) fn moment(milliseconds: u64) -> String {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| milliseconds.to_string())
}

pub(crate) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "create",
        Effect::Update => "update",
        Effect::Link => "link",
        Effect::Reactivate => "reactivate",
        Effect::Unlink => "unlink",
        Effect::Deactivate => "deactivate",
        Effect::Delete => "delete",
        Effect::Unchanged => "unchanged",
        Effect::Skip => "skip",
    }
}

pub(crate) fn mode_name(mode: RunMode) -> &'static str {
    match mode {
        RunMode::Incremental => "incremental",
        RunMode::Full => "full",
    }
}

/// Evidence as one text: its kind, and after a colon what it names.
pub(crate) fn evidence_text(evidence: &Evidence) -> String {
    match evidence {
        Evidence::DeletedSoft => "deleted-soft".to_owned(),
        Evidence::DeletedPermanently => "deleted-permanently".to_owned(),
        Evidence::FoundInDeletedItems => "found-in-deleted-items".to_owned(),
        Evidence::NotFoundAnywhere => "not-found-anywhere".to_owned(),
        Evidence::AccountDisabled => "account-disabled".to_owned(),
        Evidence::LeftScope(clause) => format!("left-scope: {clause}"),
        Evidence::Undone(run) => format!("undone: {run}"),
        Evidence::Other(kind) => kind.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rfc_3339_in_utc() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(1_795_219_200_250), "2026-11-21T00:00:00.25Z");
    }
}
