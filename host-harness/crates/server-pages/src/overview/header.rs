//! The name, the status, what can be done, and what goes on now.

use api_types::views::{
    ConnectionState, Frame, OverviewView, ProgressView, Role, StatusCode, StatusView, Task,
    TroubleView,
};
use maud::{Markup, html};

use super::super::formatting::moment;
use super::super::forms::{Weight, button};
use super::super::icons::Icon;
use super::super::progress::progress_lines;

/// The name with the status, and what an administrator can do.
pub(super) fn header(frame: &Frame, view: &OverviewView) -> Markup {
    let idle = view.progress.is_none();
    html! {
        div .head-row {
            div .head-name {
                div .head-title {
                    h1 #workspace { (view.workspace) }
                    (pill(&view.status))
                }
                p .muted {
                    @if let Some(tenant) = &view.tenant { "Microsoft Entra ID · " (tenant) }
                    @else { "Microsoft Entra ID" }
                }
            }
            @if frame.role == Role::Administrator && view.connection == ConnectionState::Connected {
                div .actions {
                    a .button.subtle href={ (frame.root) "/disconnect" } { "Disconnect" }
                    (button(frame, "/sync", &[("mode", "full")], ("Full resync", Weight::Plain), idle))
                    (button(frame, "/sync", &[("mode", "incremental")], ("Sync now", Weight::Primary), idle))
                }
            }
        }
    }
}

/// The status, with its explanation on hover, on focus and on tap.
pub(super) fn pill(status: &StatusView) -> Markup {
    let mark = Icon::from(status.code);
    html! {
        span .hint {
            button #status .pill.{ "tone-" (mark.tone()) } type="button"
                aria-describedby="status-explanation" data-status=(status.label) {
                (mark.draw()) (status.label)
            }
            span #status-explanation .tip role="tooltip" { (status.explanation) }
        }
    }
}

/// One strip for what goes on: a run, what is wrong with the last one and what helps, or nothing.
pub(super) fn strip(frame: &Frame, view: &OverviewView) -> Markup {
    let trouble = view.administrator.as_ref();
    let trouble = trouble.and_then(|administrator| administrator.trouble.as_ref());
    html! {
        div .strip {
            @if let Some(progress) = &view.progress {
                (running(frame, progress))
            } @else if let Some(trouble) = trouble {
                (wrong(frame, view, trouble))
            } @else {
                (resting(view))
            }
        }
    }
}

/// What failed, since when, why, and the one button that helps.
fn wrong(frame: &Frame, view: &OverviewView, trouble: &TroubleView) -> Markup {
    let mark = Icon::from(view.status.code);
    let remedy = &trouble.remedy;
    html! {
        div #trouble .strip-text.{ "tone-" (mark.tone()) } role="region" aria-labelledby="trouble-title" {
            (mark.draw())
            div .grow {
                p #trouble-title {
                    strong { (trouble.title) }
                    @if let Some(since) = &trouble.since { span .muted { " · since " (moment(since)) } }
                }
                p .long {
                    @if view.status.code == StatusCode::Blocked { "Nothing was taken away. " }
                    (trouble.reason)
                }
                (last_success(view))
            }
            @if remedy.posts {
                (button(frame, remedy.path, &[("mode", "incremental")], (&remedy.label, Weight::Primary), true))
            } @else {
                a .button.primary href={ (frame.root) (remedy.path) } { (remedy.label) }
            }
        }
    }
}

fn last_success(view: &OverviewView) -> Markup {
    html! {
        @if let Some(at) = &view.last_success { p .muted { "Last successful sync: " (moment(at)) } }
    }
}

fn resting(view: &OverviewView) -> Markup {
    let mark = Icon::from(view.status.code);
    let schedule = view.administrator.as_ref();
    let schedule = schedule.map(|administrator| &administrator.schedule);
    html! {
        div .strip-text.{ "tone-" (mark.tone()) } {
            (mark.draw())
            div {
                p {
                    @match &view.last_success {
                        Some(at) => { "Last successful sync: " strong { (moment(at)) } },
                        None => "No sync has succeeded yet.",
                    }
                }
                @if view.status.code == StatusCode::Disconnected {
                    p .muted { "Nothing is synced until it is connected again." }
                } @else if let Some(schedule) = schedule {
                    p .muted {
                        @match (&schedule.next_run, &schedule.note) {
                            (Some(at), _) => { "Next sync: " (moment(at)) },
                            (None, Some(note)) => (note),
                            (None, None) => "Nothing is scheduled; it syncs on request.",
                        }
                    }
                } @else {
                    p .muted { (view.status.explanation) }
                }
            }
        }
    }
}

/// A run: how far it is, and a way to stop it.
pub(super) fn running(frame: &Frame, progress: &ProgressView) -> Markup {
    html! {
        div .strip-text.tone-busy {
            (Icon::Running.draw())
            div .grow {
                (progress_lines(progress))
            }
            @if frame.role == Role::Administrator && progress.task != Task::Test {
                (button(frame, "/stop", &[], ("Stop", Weight::Plain), !progress.stopping))
            }
        }
    }
}
