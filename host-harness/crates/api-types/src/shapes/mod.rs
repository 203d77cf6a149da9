//! The JSON shapes that scripts rely on. Documented in the README; a change here is a change there.

#![allow(
    missing_docs,
    reason = "a sentence here is published in the description of the API; a key that says it all has none"
)]

mod conflict;
mod connection;
mod contact;
mod explanation;
mod plan;
mod report;
mod run;

pub use connector_contract::{CheckStatus, Effect, RunMode, RunStatus};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use self::conflict::ConflictShape;
pub use self::connection::{CheckShape, ConnectShape, MappingShape, ProblemShape, RefusedShape};
pub use self::contact::ContactShape;
pub use self::explanation::ExplanationShape;
pub use self::plan::{
    ChangeShape, ComparisonShape, DifferenceShape, FieldShape, KeptPlanShape, PlanMode, PlanShape,
};
pub use self::report::{LedgerEntryShape, LedgerShape, QualityShape, ReportShape};
pub use self::run::{
    BlockShape, ChangedRunShape, ErrorShape, RunKind, RunShape, UNDO, WarningShape, is_sync,
};

/// A moment in RFC 3339, UTC.
pub fn moment(milliseconds: u64) -> String {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| milliseconds.to_string())
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
