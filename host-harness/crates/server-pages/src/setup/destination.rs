//! Where the contacts are kept: the object that chooses a destination, its secret, and what is told of it.

use api_types::views::{CaveatView, DestinationView, Frame, SetupStep};
use maud::{Markup, html};

use super::super::formatting::moment;
use super::super::forms::{TextInput, described_by, hidden, id_of, labelled, problem_of, summary};
use super::super::icons::Icon;
use super::super::layout::{NavItem, layout};
use super::{sections, steps};

/// The page.
pub fn destination(frame: &Frame, view: &DestinationView) -> Markup {
    let problems: Vec<(Option<String>, String)> = view
        .problems
        .iter()
        .map(|problem| (Some(id_of(&problem.pointer)), problem.message.clone()))
        .collect();
    let main = html! {
        @if view.setting_up { (steps(frame, SetupStep::Connect)) } @else { (sections(frame, SetupStep::Connect)) }
        h1 { "Where the contacts are kept" }
        p .lead {
            @match &view.label {
                Some(label) => { "By " (label) ". Nobody is listed here: look at them there." }
                None => { "Here, unless a service is chosen that keeps them." }
            }
        }
        (summary(&problems))
        div .with-side {
            form .panel.stack method="post" action={ (frame.root) "/setup/destination" } {
                (hidden(frame))
                input type="hidden" name="version" value=(view.version);
                (settings(view))
                (secret(view))
                @if !view.setting_up {
                    p .muted {
                        "With another place, nothing is synced before somebody has approved a plan. What is kept in \
                         the former one stays there."
                    }
                }
                div .form-actions {
                    button .button.primary type="submit" { "Save and test" }
                    a .button.subtle href={ (frame.root) "/setup/connect" } { "Back" }
                }
            }
            div .side {
                (caveats(view.label.as_deref(), &view.caveats))
                (servers(view))
            }
        }
    };
    layout(
        Some(frame),
        NavItem::Settings,
        "Where the contacts are kept",
        main,
    )
}

fn settings(view: &DestinationView) -> Markup {
    let hint = format!(
        "The object at sync.target of the configuration, as JSON, with the name of the destination ({}). Empty: here.",
        view.destinations.join(", ")
    );
    let problem = problem_of(&view.problems, "settings");
    labelled(
        "settings",
        "Destination",
        Some(&hint),
        problem,
        html! {
            textarea #settings name="settings" rows="8" spellcheck="false" autocomplete="off"
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[described_by("settings", Some(&hint), problem)] { (view.text) }
        },
    )
}

fn secret(view: &DestinationView) -> Markup {
    let hint = match view.secret {
        Some(_) => "One is set. Leave this empty to keep it.",
        None => "The secret of its key. It is sealed, and shown to nobody.",
    };
    html! {
        (TextInput {
            name: "secret", label: "Secret of the destination", value: "", kind: "password",
            hint: Some(hint), placeholder: None, required: false,
            problem: problem_of(&view.problems, "secret"),
        }.draw())
        @if let Some(secret) = &view.secret { p .muted { "Set " (moment(&secret.set_at)) "." } }
    }
}

fn servers(view: &DestinationView) -> Markup {
    html! {
        @if !view.servers.is_empty() {
            section .panel aria-labelledby="servers" {
                h2 #servers { "What it reaches" }
                ul {
                    @for server in &view.servers { li { code .long { (server.root) } " " (server.why) } }
                }
            }
        }
    }
}

/// What a destination cannot promise; nothing where the contacts are kept here.
pub(super) fn caveats(label: Option<&str>, caveats: &[CaveatView]) -> Markup {
    html! {
        @if !caveats.is_empty() {
            div .notice.tone-warning {
                (Icon::Warnings.draw())
                div {
                    p { strong { "What " (label.unwrap_or("this service")) " cannot promise" } }
                    ul { @for caveat in caveats { li { (caveat.meaning) } } }
                }
            }
        }
    }
}
