//! Icons: the small shapes that say what a colour says, for those who cannot tell the colours.

use api_types::shapes::{CheckStatus, RunStatus};
use api_types::views::{StatusCode, Tone};
use maud::{Markup, html};

/// How something stands: a shape, a colour and a word, which always come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Succeeded,
    Warnings,
    Failed,
    Blocked,
    Stopped,
    Incomplete,
    Running,
    None,
}

/// The shapes, on a field of 16 by 16, drawn as lines.
const SHAPES: [(&str, &str); 9] = [
    ("succeeded", "M3 8.5l3.4 3.4L13 4.8"),
    ("warnings", "M8 2.5v7M8 13.2v.1"),
    ("failed", "M4 4l8 8M12 4l-8 8"),
    ("blocked", "M5.3 3.5v9M10.7 3.5v9"),
    ("stopped", "M4.2 4.2h7.6v7.6H4.2z"),
    ("incomplete", "M3 8h10"),
    ("running", "M2.8 8v.1M8 8v.1M13.2 8v.1"),
    ("none", "M8 3.2a4.8 4.8 0 1 0 .01 0z"),
    ("next", "M6 3.5L10.5 8 6 12.5"),
];

/// The shapes that [`Icon::draw`] and [`arrow`] refer to; once in a document.
pub(super) fn shapes() -> Markup {
    html! {
        svg .shapes width="0" height="0" aria-hidden="true" focusable="false" {
            @for (name, path) in SHAPES {
                symbol id={ "mark-" (name) } viewBox="0 0 16 16" { path d=(path) {} }
            }
        }
    }
}

fn shape(name: &str) -> Markup {
    html! {
        svg .mark aria-hidden="true" focusable="false" { use href={ "#mark-" (name) } {} }
    }
}

/// The mark of what is mandatory, in a colour and in a word.
pub(super) fn asterisk() -> Markup {
    html! { span .asterisk aria-hidden="true" { "\u{a0}*" } span .sr { " (mandatory)" } }
}

/// Points onward.
pub(super) fn arrow() -> Markup {
    shape("next")
}

impl Icon {
    /// Of a run.
    pub(super) fn of_run(status: RunStatus) -> Self {
        match status {
            RunStatus::Succeeded => Self::Succeeded,
            RunStatus::Warnings => Self::Warnings,
            RunStatus::Failed => Self::Failed,
            RunStatus::Blocked => Self::Blocked,
            RunStatus::Stopped => Self::Stopped,
            RunStatus::Incomplete => Self::Incomplete,
            RunStatus::Running => Self::Running,
        }
    }

    /// Of a check of the connection.
    pub(super) fn of_check(status: CheckStatus) -> Self {
        match status {
            CheckStatus::Passed => Self::Succeeded,
            CheckStatus::Warning => Self::Warnings,
            CheckStatus::Failed => Self::Failed,
            CheckStatus::NotTried => Self::Incomplete,
        }
    }

    /// Of a run, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Succeeded => "Synced successfully",
            Self::Warnings => "Synced with warnings",
            Self::Failed => "Failed",
            Self::Blocked => "Blocked",
            Self::Stopped => "Stopped",
            Self::Incomplete => "Incomplete",
            Self::Running => "Syncing now",
            Self::None => "Never run",
        }
    }

    /// The class that gives the colours.
    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Succeeded => "good",
            Self::Warnings | Self::Stopped | Self::Incomplete => "warning",
            Self::Failed | Self::Blocked => "bad",
            Self::Running => "busy",
            Self::None => "neutral",
        }
    }

    /// The shape alone; a word has to stand beside it.
    pub(super) fn draw(self) -> Markup {
        shape(match self {
            Self::Succeeded => "succeeded",
            Self::Warnings => "warnings",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Stopped => "stopped",
            Self::Incomplete => "incomplete",
            Self::Running => "running",
            Self::None => "none",
        })
    }
}

impl From<StatusCode> for Icon {
    fn from(code: StatusCode) -> Self {
        match code {
            StatusCode::NeverRun | StatusCode::Disconnected => Self::None,
            StatusCode::Syncing => Self::Running,
            StatusCode::Succeeded => Self::Succeeded,
            StatusCode::Warnings => Self::Warnings,
            StatusCode::Failed => Self::Failed,
            StatusCode::Blocked => Self::Blocked,
            StatusCode::Incomplete => Self::Incomplete,
        }
    }
}

impl From<Tone> for Icon {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Succeeded,
            Tone::Warning => Self::Warnings,
            Tone::Bad => Self::Failed,
            Tone::Neutral => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_of_a_run_has_a_shape_of_its_own() {
        let statuses = RunStatus::ALL;
        let shapes: std::collections::BTreeSet<String> = statuses
            .iter()
            .map(|status| Icon::of_run(*status).draw().into_string())
            .collect();
        assert_eq!(shapes.len(), statuses.len());
    }
}
