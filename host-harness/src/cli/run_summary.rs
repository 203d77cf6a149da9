//! A run in words: what it did, what it left out, and what comes next.

use super::secrets;
use connector_contract::{ApprovedOutcome, Run, RunStatus};

use super::failure::Ending;
use super::printer::{self, Colour, coloured};

/// How a command ends whose run ended so.
pub(super) fn ending(status: RunStatus) -> Ending {
    match status {
        RunStatus::Succeeded | RunStatus::Warnings => Ending::Done,
        RunStatus::Blocked => Ending::Blocked,
        RunStatus::Failed | RunStatus::Stopped | RunStatus::Running | RunStatus::Incomplete => {
            Ending::Failed
        }
    }
}

/// Shows a sync.
pub(super) fn show(run: &Run) {
    show_as(&format!("{} sync", run.mode.name()), run);
}

/// Shows a run under a name.
pub(super) fn show_as(name: &str, run: &Run) {
    let status = run.status.name();
    let colour = match run.status {
        RunStatus::Succeeded => Colour::Green,
        RunStatus::Warnings | RunStatus::Running | RunStatus::Stopped | RunStatus::Incomplete => {
            Colour::Yellow
        }
        RunStatus::Failed | RunStatus::Blocked => Colour::Red,
    };
    let counts = &run.counts;
    printer::line(format_args!(
        "{name} {}: {} people; {} created, {} updated, {} unchanged, {} skipped, {} removed, {} failed ({} requests)",
        coloured(colour, status),
        counts.processed,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.skipped,
        counts.removed,
        counts.failed,
        run.requests
    ));
    if run.given > 0 {
        let people = printer::people(run.given);
        let (what, of) = match run.undoes {
            Some(_) => ("given back", "what a run had given it of"),
            None => ("given", "what contacts hold of"),
        };
        printer::line(format_args!("  the directory was {what} {of} {people}"));
    }
    for skip in &run.skips {
        printer::line(format_args!("  skipped, {}: {}", skip.reason, skip.count));
    }
    for warning in &run.warnings {
        printer::line(format_args!("  {}", warning.message));
    }
    for error in &run.errors {
        let times = match error.count {
            0 | 1 => String::new(),
            count => format!(" ({count} times)"),
        };
        printer::line(format_args!("  {}: {}{times}", error.code, error.message));
        if error.code == secrets::NOT_FOUND {
            printer::line(format_args!("  {}", secrets::say_where("NAME")));
        }
    }
    if let Some(approved) = &run.approved {
        printer::line(format_args!("  {}", of_the_approved(run, approved)));
    }
    match run.status {
        RunStatus::Stopped => {
            printer::line("  Everything up to the last page is saved; the next sync goes on there.")
        }
        RunStatus::Incomplete => printer::line(
            "  The directory's answer was not complete, so nothing was taken away; the next sync reads \
             it again.",
        ),
        _ => {}
    }
    if let Some(block) = &run.block {
        printer::line(format_args!("{}\n{}", block.message, block.cause));
        printer::line(format_args!(
            "Nothing was taken away. To see who it is about: plan --details. To let exactly this pass: sync \
             --approve {}",
            block.digest
        ));
    }
}

/// What became of what was approved.
fn of_the_approved(run: &Run, approved: &ApprovedOutcome) -> String {
    let ApprovedOutcome {
        digest,
        changes,
        performed,
    } = approved;
    let done = format!("{performed} of {changes} approved changes performed");
    let left = changes.saturating_sub(*performed);
    if left == 0 {
        return format!("{done}.");
    }
    let why = match run.status {
        RunStatus::Succeeded | RunStatus::Warnings if run.counts.failed == 0 => {
            "because directory or contacts have changed since"
        }
        RunStatus::Succeeded | RunStatus::Warnings => {
            "because directory or contacts have changed since, or the record could not be written"
        }
        _ => "because the run did not come to its end",
    };
    format!(
        "{done}; {left} left out {why}: see `plan show {digest} --outcome {}`",
        run.id
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::{Counts, RunMode};

    fn run(status: RunStatus, failed: u64) -> Run {
        Run {
            id: "17-ab".to_owned(),
            mode: RunMode::Full,
            trigger: "manual".to_owned(),
            status,
            started_at_ms: 0,
            finished_at_ms: None,
            counts: Counts {
                processed: failed,
                created: 0,
                updated: 0,
                unchanged: 0,
                skipped: 0,
                removed: 0,
                failed,
            },
            skips: Vec::new(),
            requests: 0,
            throttled_ms: 0,
            warnings: Vec::new(),
            errors: Vec::new(),
            block: None,
            approved: None,
            given: 0,
            undoes: None,
        }
    }

    fn said(status: RunStatus, failed: u64, performed: u64) -> String {
        let approved = ApprovedOutcome {
            digest: "abc".to_owned(),
            changes: 5,
            performed,
        };
        of_the_approved(&run(status, failed), &approved)
    }

    #[test]
    fn what_was_left_out_is_told_with_its_cause_and_where_to_look() {
        assert_eq!(
            said(RunStatus::Succeeded, 0, 5),
            "5 of 5 approved changes performed."
        );
        let drifted = said(RunStatus::Warnings, 0, 3);
        assert!(drifted.contains("3 of 5"), "{drifted}");
        assert!(
            drifted.contains("2 left out because directory"),
            "{drifted}"
        );
        assert!(
            drifted.ends_with("`plan show abc --outcome 17-ab`"),
            "{drifted}"
        );
        assert!(said(RunStatus::Warnings, 1, 3).contains("could not be written"));
        assert!(said(RunStatus::Stopped, 0, 1).contains("did not come to its end"));
    }
}
