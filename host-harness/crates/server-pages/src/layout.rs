//! What every page has around its content.

use api_types::views::{Frame, Notice, Role, Tone};
use maud::{DOCTYPE, Markup, html};

use super::assets::{SCRIPT, STYLESHEET};
use super::forms::hidden;
use super::icons::{self, Icon};

/// A drawing of two people in sync; in the address, so that no request is made for it.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
    %3Crect width='32' height='32' rx='8' fill='%233b55d9'/%3E%3Cpath d='M9 13a7.5 7.5 0 0 1 14-1m0-5v5h-5\
    M23 19a7.5 7.5 0 0 1-14 1m0 5v-5h5' fill='none' stroke='%23fff' stroke-width='2.4' \
    stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/// Where in the navigation a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NavItem {
    Overview,
    Contacts,
    Activity,
    Settings,
    /// Behind one of them, or outside a workspace.
    Elsewhere,
}

/// A whole document. Without a frame, nobody has signed in.
pub(crate) fn layout(frame: Option<&Frame>, place: NavItem, title: &str, main: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title {
                    (title)
                    @if let Some(frame) = frame { @if frame.workspace != title { " · " (frame.workspace) } }
                }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href=(STYLESHEET.address);
                script defer src=(SCRIPT.address) {}
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                (icons::shapes())
                @if let Some(frame) = frame { (header(frame, place)) }
                main #main tabindex="-1" .narrow[frame.is_none()] {
                    @if let Some(notice) = frame.and_then(|frame| frame.notice.as_ref()) {
                        (said(notice))
                    }
                    (main)
                }
                @if let Some(frame) = frame { (footer(frame)) }
            }
        }
    }
}

fn header(frame: &Frame, place: NavItem) -> Markup {
    let root = &frame.root;
    html! {
        header .top {
            div .top-in {
                a .brand href=(root) {
                    svg .logo viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
                        rect width="32" height="32" rx="8" {}
                        path d="M9 13a7.5 7.5 0 0 1 14-1m0-5v5h-5M23 19a7.5 7.5 0 0 1-14 1m0 5v-5h5" {}
                    }
                    span .brand-name { (frame.workspace) }
                }
                nav aria-label="Workspace" {
                    (entry(root, "Overview", place == NavItem::Overview))
                    (entry(&format!("{root}/contacts"), "Contacts", place == NavItem::Contacts))
                    @if frame.role == Role::Administrator {
                        (entry(&format!("{root}/activity"), "Activity", place == NavItem::Activity))
                        (entry(&format!("{root}/setup/map"), "Settings", place == NavItem::Settings))
                    }
                }
                form .viewer method="post" action={ (root) "/sign-out" } {
                    (hidden(frame))
                    span .viewer-name { (frame.viewer) }
                    button .quiet type="submit" { "Sign out" }
                }
            }
        }
    }
}

fn entry(address: &str, name: &str, here: bool) -> Markup {
    html! { a href=(address) aria-current=[here.then_some("page")] { (name) } }
}

/// A notice: what went well is announced when there is time, what did not is announced at once.
fn said(notice: &Notice) -> Markup {
    let mark = Icon::from(notice.tone);
    let role = match notice.tone {
        Tone::Good | Tone::Neutral => "status",
        Tone::Warning | Tone::Bad => "alert",
    };
    html! {
        div .notice.{ "tone-" (mark.tone()) } role=(role) { (mark.draw()) p { (notice.text) } }
    }
}

fn footer(frame: &Frame) -> Markup {
    html! {
        footer {
            p {
                "Contacts kept in step with Microsoft Entra ID."
                @if frame.demo { " This is a demonstration: the directory and its people are made up." }
            }
        }
    }
}
