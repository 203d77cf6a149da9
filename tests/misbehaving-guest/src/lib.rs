//! A component that breaks every rule on request, to test the host.
//!
//! It exports the connector contract. The first word of the configuration document names a
//! misbehaviour, see `misbehaviour::behave`; `plan` puts what came of it into the digest of its
//! summary. Natively the crate is empty: it is only ever run inside a host.

#![allow(
    unsafe_code,
    reason = "the exports of a component are unsafe functions, generated where `export!` stands"
)]
#![cfg(target_family = "wasm")]

mod hoarding;
mod misbehaviour;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated from the contract, which is documented there"
)]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "guest" });
}

use bindings::contact_sync::connector::types::Error;
use bindings::contact_sync::connector::types::Who;
use bindings::exports::contact_sync::connector::connector::*;
use bindings::exports::contact_sync::connector::trust;

struct MisbehavingGuest;

bindings::export!(MisbehavingGuest with_types_in bindings);

impl Guest for MisbehavingGuest {
    fn describe() -> Description {
        Description {
            name: "Misbehaving guest".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            configuration_schema: "{}".into(),
            attributes: vec![],
            permissions: vec![],
            endpoints: vec![],
            codes: vec![],
        }
    }

    fn configure(document: String) -> Result<ConfigurationReport, Error> {
        Ok(ConfigurationReport {
            ready: true,
            tenant_name: None,
            tenant_id: None,
            checks: vec![],
            mappings: vec![],
            fingerprint: misbehaviour::behave(&document)?,
            schedule: None,
            warnings: vec![],
            in_force: String::new(),
            samples: vec![],
            hosts: vec![],
        })
    }

    fn plan(document: String, mode: RunMode) -> Result<PlanSummary, Error> {
        Ok(PlanSummary {
            digest: misbehaviour::behave(&document)?,
            mode,
            counts: vec![],
            skips: vec![],
            warnings: vec![],
            requests: 0,
            blocks: vec![],
            given: 0,
        })
    }

    fn sync(document: String, request: SyncRequest) -> Result<SyncResult, Error> {
        Ok(SyncResult {
            end: SliceEnd::Finished,
            run: Run {
                id: misbehaviour::behave(&document)?,
                mode: request.mode,
                trigger: request.trigger,
                status: RunStatus::Succeeded,
                started_at_ms: 0,
                finished_at_ms: Some(0),
                counts: Counts {
                    processed: 0,
                    created: 0,
                    updated: 0,
                    unchanged: 0,
                    skipped: 0,
                    removed: 0,
                    failed: 0,
                },
                skips: vec![],
                requests: 0,
                throttled_ms: 0,
                warnings: vec![],
                errors: vec![],
                block: None,
                approved: None,
                given: 0,
                undoes: None,
            },
        })
    }

    fn report(document: String, _request: ReportRequest) -> Result<Overview, Error> {
        Ok(Overview {
            status: ReportStatus::NeverRun,
            explanation: misbehaviour::behave(&document)?,
            last_success_ms: None,
            active_records: 0,
            mapped_attributes: 0,
            schedule: None,
            data_insights: 0,
            history: vec![],
            data_quality: vec![],
            mappings: vec![],
            ledger: Ledger {
                waiting: 0,
                given_up: 0,
                entries: vec![],
            },
            warnings: vec![],
        })
    }

    fn disconnect(document: String) -> Result<(), Error> {
        misbehaviour::behave(&document).map(drop)
    }
}

impl trust::Guest for MisbehavingGuest {
    fn explain(document: String, _who: Who) -> Result<Vec<trust::Explanation>, Error> {
        misbehaviour::behave(&document).map(|_| Vec::new())
    }

    fn retry(document: String, _user: String) -> Result<SyncResult, Error> {
        let mode = RunMode::Incremental;
        <Self as Guest>::sync(document, request(mode))
    }

    fn plan_undo(document: String, _run: String) -> Result<PlanSummary, Error> {
        <Self as Guest>::plan(document, RunMode::Full)
    }

    fn undo(document: String, undo: trust::UndoRequest) -> Result<SyncResult, Error> {
        let mut request = request(RunMode::Full);
        request.slice = undo.slice;
        <Self as Guest>::sync(document, request)
    }
}

fn request(mode: RunMode) -> SyncRequest {
    SyncRequest {
        mode,
        trigger: "trust".into(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: None,
    }
}
