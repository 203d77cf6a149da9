//! What a host calls.

use crate::bindings::Component;
use crate::bindings::exported::{
    Approval, ConfigurationReport, Description, Guest, Overview, PlanSummary, ReportRequest,
    RunMode, SliceEnd, SyncRequest, SyncResult,
};
use crate::bindings::imports::state;
use crate::bindings::imports::types::{Error, Failure, Problem, Who};
use crate::bindings::trust;
use crate::document::{Document, SCHEMA, Scenario};
use crate::run::{End, OWN, Run, always, last_report, now_ms};
use crate::{control, outputs, plans, tidy};
use host_promises::verdict::Amiss;

impl Guest for Component {
    fn describe() -> Description {
        Description {
            name: "Host conformance".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            configuration_schema: SCHEMA.to_owned(),
            attributes: Vec::new(),
            permissions: Vec::new(),
            endpoints: Vec::new(),
            codes: Vec::new(),
        }
    }

    fn configure(document: String) -> Result<ConfigurationReport, Error> {
        let read = read(&document)?;
        ensure_empty()?;
        Ok(outputs::configured(&document, &always(&read)))
    }

    fn plan(document: String, mode: RunMode) -> Result<PlanSummary, Error> {
        let document = read(&document)?;
        ensure_empty()?;
        let verdicts = plans::try_all(|name| document.waives.get(name).cloned());
        Ok(outputs::planned(plans::digest(&verdicts), mode, &verdicts))
    }

    fn sync(document: String, request: SyncRequest) -> Result<SyncResult, Error> {
        let document = read(&document)?;
        ensure_empty()?;
        let began = now_ms();
        let report = match document.scenario {
            Scenario::Everything => return everything(&document, request),
            Scenario::Stop => outputs::scenario("stop", control::stop(), began),
            Scenario::LeaseLost => outputs::scenario("lease-lost", control::lease_lost(), began),
        };
        let id = "host-conformance".to_owned();
        Ok(outputs::synced(request, id, &report, SliceEnd::Finished))
    }

    fn report(document: String, _: ReportRequest) -> Result<Overview, Error> {
        read(&document)?;
        let report = last_report().map_err(store)?;
        Ok(outputs::overview(report.as_ref()))
    }

    fn disconnect(_: String) -> Result<(), Error> {
        tidy::keys(OWN).map_err(store)
    }
}

fn everything(document: &Document, request: SyncRequest) -> Result<SyncResult, Error> {
    let approved = match &request.approval {
        Some(Approval::Plan(digest)) => Some(digest.clone()),
        Some(Approval::Block(_)) | None => None,
    };
    let mut run = Run::open().map_err(store)?;
    let end = match run
        .go_on(document, approved.as_deref(), request.slice)
        .map_err(store)?
    {
        End::Finished => SliceEnd::Finished,
        End::More => SliceEnd::More(0),
        End::Stopped => return Err(Error::Stopped),
    };
    let report = run.report(matches!(end, SliceEnd::Finished));
    Ok(outputs::synced(request, run.nonce, &report, end))
}

fn read(document: &str) -> Result<Document, Error> {
    let problem = |problem: crate::document::Problem| Problem {
        pointer: problem.pointer,
        message: problem.message,
    };
    Document::read(document).map_err(|problems| {
        Error::InvalidConfiguration(problems.into_iter().map(problem).collect())
    })
}

/// Where a connector has been at work, nothing is tried.
fn ensure_empty() -> Result<(), Error> {
    let entries = state::list("", None, 50).map_err(|error| store(error.into()))?;
    match entries.iter().find(|entry| !entry.key.starts_with(OWN)) {
        None => Ok(()),
        Some(_) => Err(Error::Other(failure(
            "workspace-not-empty",
            "A connector has been at work in this workspace.",
            "Run the conformance component in a workspace of its own, which you throw away afterwards.",
        ))),
    }
}

fn store(amiss: Amiss) -> Error {
    let message = match amiss {
        Amiss::Differs { expected, seen } => format!("Expected {expected}; seen {seen}."),
        Amiss::NotTried(why) => why,
    };
    Error::Store(failure(
        "store-unusable",
        &message,
        "Without state that is kept nothing can be tried: mend contact-store.apply and state.get first.",
    ))
}

fn failure(code: &str, message: &str, advice: &str) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        advice: advice.to_owned(),
        status: None,
        request_id: None,
    }
}

/// What people do after the fact has nothing to do with a host's promises.
fn not_here<T>() -> Result<T, Error> {
    Err(Error::Other(failure(
        "not-a-connector",
        "The conformance component keeps nobody in step, so there is nothing to explain or to take back.",
        "Call configure, plan, sync and report.",
    )))
}

impl trust::Guest for Component {
    fn explain(_: String, _: Who) -> Result<Vec<trust::Explanation>, Error> {
        not_here()
    }

    fn retry(_: String, _: String) -> Result<SyncResult, Error> {
        not_here()
    }

    fn plan_undo(_: String, _: String) -> Result<PlanSummary, Error> {
        not_here()
    }

    fn undo(_: String, _: trust::UndoRequest) -> Result<SyncResult, Error> {
        not_here()
    }
}
