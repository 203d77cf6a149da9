//! The first step: tenant, application, secret.

use maud::{Markup, html};

use super::layout::{Part, hidden, page};
use super::parts::{icon, moment};
use super::review::steps;
use crate::server::views::{Choice, ConnectView, Frame, SecretView, SetupStep};
use crate::shapes::{CheckShape, ProblemShape};

/// The first step.
pub(crate) fn connect(frame: &Frame, view: &ConnectView) -> Markup {
    page(
        frame,
        Some(Part::Settings),
        "Connect",
        &html! {
            (steps(frame, SetupStep::Connect, view.ready))
            h1 { "Connect your directory" }
            (problem_summary(&view.problems))
            form .card method="post" action={ (frame.root) "/setup/connect" } novalidate {
                (hidden(frame))
                input type="hidden" name="version" value=(view.version);
                (text("tenant", "Directory (tenant) ID", &view.tenant,
                    "On the overview page of the Entra admin centre; or a verified domain, such as contoso.com.", &view.problems))
                (text("client_id", "Application (client) ID", &view.client_id,
                    "Of the app registration that this connection signs in with.", &view.problems))
                (cloud(&view.clouds, &view.cloud))
                (secret(view.secret.as_ref(), &view.problems))
                (text("secret_expires", "Secret expires on", "", "Optional, such as 2027-06-30. You are reminded 30 days before.", &view.problems))
                div .buttons {
                    button .primary type="submit" name="action" value="save" { "Save and test" }
                    button .quiet type="submit" name="action" value="consent" { "Save and ask Microsoft for consent" }
                    a .button .quiet href=(frame.root) { "Cancel" }
                }
            }
            @if !view.checks.is_empty() { (checks(frame, view)) }
            (preparation(view))
        },
    )
}

/// What is wrong, at the top, for whoever cannot see it beside the fields.
pub(super) fn problem_summary(problems: &[ProblemShape]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div .banner .bad role="alert" tabindex="-1" data-focus {
                h2 { "Not saved" }
                ul {
                    @for problem in problems {
                        li {
                            @if problem.pointer.is_empty() { (problem.message) }
                            @else { a href={ "#" (problem.pointer) } { (problem.message) } }
                        }
                    }
                }
            }
        }
    }
}

/// The problem of a field.
pub(super) fn problem_of<'p>(problems: &'p [ProblemShape], field: &str) -> Option<&'p str> {
    let problem = problems.iter().find(|problem| problem.pointer == field);
    problem.map(|problem| problem.message.as_str())
}

/// A field for text, with what it is for and what is wrong with it.
pub(super) fn text(
    name: &str,
    label: &str,
    value: &str,
    hint: &str,
    problems: &[ProblemShape],
) -> Markup {
    let problem = problem_of(problems, name);
    html! {
        div .field {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false"
                aria-describedby={ (name) "-hint" @if problem.is_some() { " " (name) "-problem" } }
                aria-invalid=[problem.map(|_| "true")];
            p .hint id={ (name) "-hint" } { (hint) }
            @if let Some(problem) = problem { p .problem id={ (name) "-problem" } { (problem) } }
        }
    }
}

fn cloud(clouds: &[Choice], chosen: &str) -> Markup {
    html! {
        div .field {
            label for="cloud" { "Cloud" }
            select #cloud name="cloud" {
                @for cloud in clouds {
                    option value=(cloud.value) selected[cloud.value == chosen] { (cloud.label) }
                }
            }
        }
    }
}

/// Its value is never in the page.
fn secret(secret: Option<&SecretView>, problems: &[ProblemShape]) -> Markup {
    let problem = problem_of(problems, "secret");
    html! {
        div .field {
            label for="secret" { "Client secret" }
            input #secret type="password" name="secret" autocomplete="new-password"
                aria-describedby={ "secret-hint" @if problem.is_some() { " secret-problem" } }
                aria-invalid=[problem.map(|_| "true")];
            p .hint #secret-hint {
                @match secret {
                    Some(secret) => {
                        span .tag .good { "Set" } " "
                        @match secret.age_days {
                            0 => "today",
                            1 => "yesterday",
                            days => { (days) " days ago" },
                        }
                        @if let Some(expires) = &secret.expires_at {
                            ", expires " (moment(expires))
                            @if secret.expires_soon { " " span .tag .bad { "Expires soon" } }
                        }
                        ". Leave it empty to keep it."
                    },
                    None => "Its value, not its ID. It is sealed before it is stored, and never shown again.",
                }
            }
            @if let Some(problem) = problem { p .problem #secret-problem { (problem) } }
        }
    }
}

fn checks(frame: &Frame, view: &ConnectView) -> Markup {
    html! {
        section .card aria-labelledby="checks-title" {
            h2 #checks-title {
                @if view.ready { (icon("good")) "The connection works" }
                @else { (icon("bad")) "The connection does not work yet" }
            }
            p .dim {
                @if let Some(tenant) = &view.tenant_name { (tenant) ", t" } @else { "T" }
                "ested " @if let Some(at) = &view.tested_at { (moment(at)) }
            }
            ul .checks { @for check in &view.checks { (check_line(check)) } }
            @if view.ready {
                a .button .primary href={ (frame.root) "/setup/map" } { "Continue to the mapping" }
            }
        }
    }
}

fn check_line(check: &CheckShape) -> Markup {
    let kind = match check.status.as_str() {
        "passed" => "good",
        "warning" => "warning",
        "failed" => "bad",
        _ => "neutral",
    };
    html! {
        li class=(kind) {
            (icon(kind))
            div {
                p { (check.message) }
                @if let Some(advice) = &check.advice { p .advice { (advice) } }
                @if let Some(code) = &check.code { p .dim { code { (code) } } }
            }
        }
    }
}

fn preparation(view: &ConnectView) -> Markup {
    html! {
        details .card {
            summary { "How to register the application" }
            ol {
                li { "In the Entra admin centre, open App registrations, and make a new registration for this directory only." }
                li { "As redirect URI (Web), write " code { (view.consent.redirect_uri) } " where you want to give consent from here." }
                li {
                    "Under API permissions, add these application permissions of Microsoft Graph:"
                    ul {
                        @for permission in &view.permissions {
                            li { code { (permission.value) } " (" (permission.label) "): " (permission.sentence) }
                        }
                    }
                }
                li { "Grant admin consent there, or with the button above." }
                li { "Under Certificates & secrets, make a client secret, and copy its value." }
            }
        }
    }
}
