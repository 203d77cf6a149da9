//! What is around every page.

use maud::{DOCTYPE, Markup, html};

use super::assets;
use crate::server::views::{Frame, Role, Tone};

/// Which part of a workspace a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Overview,
    Contacts,
    Activity,
    Settings,
}

/// A page of a workspace.
pub(super) fn page(frame: &Frame, part: Option<Part>, title: &str, main: &Markup) -> Markup {
    document(
        &format!("{title} · {}", frame.workspace),
        &html! {
            header .top {
                div .top-in {
                    a .brand href=(frame.root) { (frame.workspace) }
                    nav aria-label="Workspace" {
                        ul {
                            (link(frame, part, Part::Overview, "", "Overview"))
                            (link(frame, part, Part::Contacts, "/contacts", "Contacts"))
                            @if frame.role == Role::Administrator {
                                (link(frame, part, Part::Activity, "/activity", "Activity"))
                                (link(frame, part, Part::Settings, "/setup/map", "Settings"))
                            }
                        }
                    }
                    form .who method="post" action={ (frame.root) "/sign-out" } {
                        span .viewer { (frame.viewer) }
                        (hidden(frame))
                        button .quiet type="submit" { "Sign out" }
                    }
                }
            }
            @if frame.demo {
                p .demo { "Demonstration: a directory of invented people, on this machine alone." }
            }
            main #main tabindex="-1" {
                @if let Some(notice) = &frame.notice {
                    @match notice.tone {
                        Tone::Bad => p .notice .bad role="alert" { (notice.text) },
                        Tone::Warning => p .notice .warning role="alert" { (notice.text) },
                        Tone::Good => p .notice .good role="status" { (notice.text) },
                        Tone::Neutral => p .notice .neutral role="status" { (notice.text) },
                    }
                }
                (main)
            }
        },
    )
}

fn link(frame: &Frame, part: Option<Part>, own: Part, path: &str, label: &str) -> Markup {
    let current = (part == Some(own)).then_some("page");
    html! { li { a href={ (frame.root) (path) } aria-current=[current] { (label) } } }
}

/// What every form carries.
pub(super) fn hidden(frame: &Frame) -> Markup {
    html! {
        input type="hidden" name="csrf" value=(frame.csrf);
        input type="hidden" name="submission" value=(frame.submission);
    }
}

/// A page without a workspace around it.
pub(super) fn bare(title: &str, main: &Markup) -> Markup {
    document(title, &html! { main #main .bare tabindex="-1" { (main) } })
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(assets::style());
                script defer src=(assets::script()) {}
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                (body)
            }
        }
    }
}

/// What somebody is told when something does not work.
pub(crate) fn failure(
    frame: Option<&Frame>,
    status: u16,
    title: &str,
    happened: &str,
    advice: &str,
) -> Markup {
    let main = html! {
        section .card .failure aria-labelledby="failure" {
            p .code { "Error " (status) }
            h1 #failure { (title) }
            p { (happened) }
            p .advice { (advice) }
        }
    };
    match frame {
        Some(frame) => page(frame, None, title, &main),
        None => bare(title, &main),
    }
}
