//! The overview: how the connection stands, at a glance.

use guest_kit::ordered;

use crate::engine::call::{CallError, Prepared};
use crate::engine::checkpoint::{Cursor, current_run, finished_runs};
use crate::engine::ledger::ledger;
use crate::engine::run_abort::RunAbort;
use crate::mapping::rows::Row;
use crate::ports::{Ports, Statistics, Timestamp};
use crate::run::ledger::Ledger;
use crate::run::{RunRecord, RunStatus};
use crate::settings::Settings;

use super::moment::in_words;

/// How the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportStatus {
    /// No sync has been run.
    NeverRun,
    /// One is being run now.
    Syncing,
    /// The last one did everything.
    Succeeded,
    /// The last one did everything, with remarks.
    Warnings,
    /// The last one did not come to its end.
    Failed,
    /// A breaker stopped the last one.
    Blocked,
    /// The last one could not read the directory to its end.
    Incomplete,
}

/// How many active linked contacts lack a mapped field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataQuality {
    /// The directory's attribute.
    pub attribute: &'static str,
    /// Label of the field.
    pub label: String,
    /// How many.
    pub missing: u64,
}

/// Everything the overview shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How the connection stands.
    pub status: ReportStatus,
    /// The status in a sentence.
    pub explanation: String,
    /// When a sync last did everything.
    pub last_success: Option<Timestamp>,
    /// Active linked contacts.
    pub active_records: u64,
    /// Rows of the mapping.
    pub mapped_attributes: usize,
    /// As the document says.
    pub schedule: Option<String>,
    /// Active linked contacts that lack at least one mapped field.
    pub data_insights: u64,
    /// Newest first.
    pub history: Vec<RunRecord>,
    /// Most missing first.
    pub data_quality: Vec<DataQuality>,
    /// The mapping in force.
    pub mappings: Vec<Row>,
    /// Who could not be written.
    pub ledger: Ledger,
    /// What somebody has to see to, each in a sentence.
    pub warnings: Vec<String>,
}

/// Makes the overview. `source` is the namespace of the object ids; `None` while the directory was never
/// asked for its id, so that nothing can be linked yet. `running` says whether the host executes a sync
/// now; only it knows.
///
/// # Errors
///
/// Where store or state cannot be read.
pub fn report(
    ports: Ports<'_>,
    Prepared { settings, .. }: Prepared,
    source: Option<&str>,
    running: bool,
) -> Result<Overview, CallError> {
    let statistics = statistics(ports, &settings, source)?;
    let mut history = finished_runs(ports.state)?;
    // A run that has begun is the newest, also where the process that was at it is gone.
    if let Some(current) = current_run(ports.state)? {
        history.insert(0, current);
        history.truncate(crate::engine::checkpoint::HISTORY);
    }
    let newest = newest_sync(ports, source, &history, |_| true)?;
    let (mut status, mut explanation) = status(running, newest);
    // What a limit stopped is to be looked at first, and is not to be missed behind something else.
    let may_be_told = !running && status != ReportStatus::Blocked;
    if let Some(undo) = undone_since(&history, newest).filter(|_| may_be_told) {
        if status == ReportStatus::Succeeded {
            status = ReportStatus::Warnings;
        }
        explanation.push_str(&taken_back(undo));
    }
    let cursor = Cursor::load(ports.state)?;
    if let Some(contacts) = cursor
        .as_ref()
        .and_then(|cursor| cursor.org_contacts.as_ref())
    {
        let number = counted(contacts.people, "organisational contact");
        explanation.push_str(&format!(
            " The last full sync read {number} beside the users."
        ));
    }
    let last_success = match cursor {
        Some(cursor) => Some(cursor.saved_at),
        // An undo forgets where the next round starts, and not that the last one was a success.
        None => newest_sync(ports, source, &history, RunRecord::is_success)?
            .and_then(|run| run.finished_at),
    };
    Ok(Overview {
        status,
        explanation,
        last_success,
        active_records: statistics.active,
        mapped_attributes: settings.rows.len(),
        data_insights: statistics.incomplete,
        history,
        data_quality: data_quality(&settings.rows, &statistics),
        schedule: settings.schedule,
        mappings: settings.rows,
        ledger: ledger(ports.state)?,
        warnings: Vec::new(),
    })
}

/// The trigger of a run that tried one person again.
const RETRY: &str = "retry";

/// The usual trigger of a run that took another one back, and the reason of its changes in the journal.
const UNDO: &str = "undo";

/// The newest run that was a sync and is one of `these`. That one person was tried again, or a run taken back, tells nothing about
/// whether the directory's changes arrive.
fn newest_sync<'h>(
    ports: Ports<'_>,
    source: Option<&str>,
    history: &'h [RunRecord],
    these: impl Fn(&RunRecord) -> bool,
) -> Result<Option<&'h RunRecord>, RunAbort> {
    let mut syncs = history.iter().filter(|run| run.undoes.is_none());
    for run in syncs.by_ref().filter(|run| these(run)) {
        // One that an earlier version made does not say so: an undo performs an approved plan, under any trigger that the host gives it.
        let journal = match source {
            Some(source) if run.approved.is_some() => {
                ports.store.run_journal(source, &run.id, None, 1)?
            }
            _ => Vec::new(),
        };
        if is_sync(
            &run.trigger,
            journal.first().map(|entry| entry.reason.as_str()),
        ) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Whether a run with this trigger, whose first change has this reason, was a sync.
fn is_sync(trigger: &str, first_reason: Option<&str>) -> bool {
    trigger != RETRY && trigger != UNDO && first_reason != Some(UNDO)
}

/// The newest undo that changed something since the last sync.
fn undone_since<'h>(history: &'h [RunRecord], sync: Option<&RunRecord>) -> Option<&'h RunRecord> {
    let since = history
        .iter()
        .take_while(|run| sync.is_none_or(|sync| run.id != sync.id));
    let changed = |run: &RunRecord| {
        let counts = run.counts;
        counts.created + counts.updated + counts.removed + run.given > 0
    };
    since
        .filter(|run| changed(run))
        .find(|run| run.undoes.is_some())
}

/// What was taken back, in a sentence that follows the status.
fn taken_back(undo: &RunRecord) -> String {
    let run = undo.undoes.as_deref().unwrap_or_default();
    let when = in_words(undo.finished_at.unwrap_or(undo.started_at));
    let directory = match undo.given {
        0 => String::new(),
        people => format!(
            ", and the directory was given back what it had given it of {}",
            match people {
                1 => "1 person".to_owned(),
                _ => format!("{people} people"),
            }
        ),
    };
    format!(
        " The run {run} was taken back on {when}{directory}: the next sync reads everybody, and does again what the \
         configuration says."
    )
}

fn statistics(
    ports: Ports<'_>,
    settings: &Settings,
    source: Option<&str>,
) -> Result<Statistics, RunAbort> {
    let Some(source) = source else {
        return Ok(Statistics::default());
    };
    let fields: Vec<_> = settings.rows.iter().map(|row| row.field.clone()).collect();
    Ok(ports.store.statistics(source, &fields)?)
}

fn data_quality(rows: &[Row], statistics: &Statistics) -> Vec<DataQuality> {
    let mut quality: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let (_, missing) = statistics
                .missing
                .iter()
                .find(|(field, _)| *field == row.field)?;
            (*missing > 0).then(|| DataQuality {
                attribute: row.attribute,
                label: row.label.clone(),
                missing: *missing,
            })
        })
        .collect();
    ordered::sort_by(&mut quality, |left, right| {
        right
            .missing
            .cmp(&left.missing)
            .then_with(|| left.label.cmp(&right.label))
    });
    quality
}

fn status(running: bool, last: Option<&RunRecord>) -> (ReportStatus, String) {
    if running {
        return (ReportStatus::Syncing, "A sync is being run now.".to_owned());
    }
    let Some(run) = last else {
        return (
            ReportStatus::NeverRun,
            "No sync has been run yet.".to_owned(),
        );
    };
    match run.status {
        RunStatus::Succeeded => (
            ReportStatus::Succeeded,
            "The last sync did everything, and there is nothing to remark.".to_owned(),
        ),
        RunStatus::Warnings => (
            ReportStatus::Warnings,
            with_remarks(run.counts.failed, run.warnings().len() as u64),
        ),
        RunStatus::Blocked => (
            ReportStatus::Blocked,
            run.block.as_ref().map_or_else(
                || "A limit stopped the last sync.".to_owned(),
                |block| block.message.clone(),
            ),
        ),
        RunStatus::Incomplete => (
            ReportStatus::Incomplete,
            run.errors.last().map_or_else(
                || "The last sync could not read the directory to its end.".to_owned(),
                |error| error.message.clone(),
            ),
        ),
        RunStatus::Failed => (
            ReportStatus::Failed,
            run.errors.last().map_or_else(
                || "The last sync failed.".to_owned(),
                |error| error.message.clone(),
            ),
        ),
        RunStatus::Stopped | RunStatus::Running => (
            ReportStatus::Failed,
            "The last sync was stopped, or broke off, before its end; the next one goes on where it stood."
                .to_owned(),
        ),
    }
}

fn with_remarks(failed: u64, remarks: u64) -> String {
    let look = match remarks {
        1 => "there is 1 remark to look at".to_owned(),
        _ => format!("there are {remarks} remarks to look at"),
    };
    let failed_too = counted(failed, "record");
    match (failed, remarks) {
        (0, _) => format!("The last sync did everything; {look}."),
        (_, 0) => {
            format!("The last sync did everything it could; {failed_too} could not be written.")
        }
        _ => format!(
            "The last sync did everything it could; {failed_too} could not be written, and {look}."
        ),
    }
}

fn counted(number: u64, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_and_an_undo_are_no_syncs_whatever_the_host_calls_them() {
        for (trigger, first_reason, expected) in [
            ("manual", None, true),
            ("schedule", Some("new-user"), true),
            ("retry", Some("directory-changed"), false),
            ("undo", None, false),
            ("manual", Some("undo"), false),
        ] {
            assert_eq!(
                is_sync(trigger, first_reason),
                expected,
                "{trigger} {first_reason:?}"
            );
        }
    }

    #[test]
    fn a_run_with_remarks_says_nothing_of_what_did_not_happen() {
        for (failed, remarks, told) in [
            (0, 1, "everything; there is 1 remark to look at."),
            (0, 2, "everything; there are 2 remarks to look at."),
            (1, 0, "could; 1 record could not be written."),
            (
                2,
                1,
                "could not be written, and there is 1 remark to look at.",
            ),
        ] {
            let sentence = with_remarks(failed, remarks);
            assert!(sentence.ends_with(told), "{sentence}");
        }
    }
}
