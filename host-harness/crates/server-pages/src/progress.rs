//! How far a task is, wherever a page shows it.

use api_types::views::ProgressView;
use maud::{Markup, html};

use super::formatting::grouped;

/// The bar and its words, which the script moves.
pub(super) fn progress_lines(progress: &ProgressView) -> Markup {
    html! {
        div #progress .progress {
            p { strong id="progress-phase" { (phase(progress)) }
                span id="progress-people" .muted { (people(progress)) } }
            progress aria-labelledby="progress-phase" max=[progress.total.map(|total| total.max(1))]
                value=[progress.total.map(|total| progress.done.min(total))] {}
        }
    }
}

fn phase(progress: &ProgressView) -> &str {
    if progress.stopping {
        "Stopping after this page"
    } else if progress.queued {
        "Waiting for other workspaces’ runs"
    } else {
        &progress.phase
    }
}

fn people(progress: &ProgressView) -> String {
    let people = amount(progress);
    match progress.remaining_seconds {
        None | Some(0) => people,
        Some(seconds @ 1..=90) => format!("{people}, at least {seconds} seconds left"),
        Some(seconds) => format!("{people}, at least {} minutes left", seconds.div_ceil(60)),
    }
}

fn amount(progress: &ProgressView) -> String {
    match progress.total {
        Some(total) => format!(
            "{} of about {} people",
            grouped(progress.done),
            grouped(total)
        ),
        None => format!("{} people so far", grouped(progress.done)),
    }
}
