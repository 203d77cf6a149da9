//! Step 1: tenant, application, secret or consent, and what the test of them found.

use api_types::shapes::{CheckShape, CheckStatus};
use api_types::views::{Choice, ConnectView, ConsentView, Frame, SecretView, SetupStep};
use maud::{Markup, html};

use super::super::formatting::{counted, date, moment};
use super::super::forms::{
    TextInput, Weight, described_by, hidden, id_of, labelled, problem_of, summary,
};
use super::super::icons::Icon;
use super::super::layout::{NavItem, layout};
use super::{platform, registration, sections, steps};

/// The page.
pub fn connect(frame: &Frame, view: &ConnectView) -> Markup {
    let problems: Vec<(Option<String>, String)> = view
        .problems
        .iter()
        .map(|problem| {
            let id = (!problem.pointer.is_empty()).then(|| id_of(&problem.pointer));
            (id, problem.message.clone())
        })
        .collect();
    let title = if view.setting_up {
        "Connect your directory"
    } else {
        "Connection"
    };
    let lead = match view.platform {
        Some(_) => {
            "Let the directory be read, with one button or with an app registration of your own."
        }
        None => {
            "The application that you registered in Microsoft Entra ID, and its secret or certificate."
        }
    };
    let is_own = !view.client_id.is_empty() || !problems.is_empty();
    let main = html! {
        @if view.setting_up { (steps(frame, SetupStep::Connect)) } @else { (sections(frame, SetupStep::Connect)) }
        h1 { (title) }
        p .lead { (lead) }
        (summary(&problems))
        div .with-side {
            @if let Some(platform) = &view.platform {
                div .stack {
                    (platform::panel(frame, view, platform))
                    details .advanced open[is_own] {
                        summary { "Advanced: with an app registration of your own" }
                        (own_application(frame, view, Weight::Plain))
                    }
                }
            } @else {
                (own_application(frame, view, Weight::Primary))
            }
            div .side {
                (checks(frame, view))
                (permissions(&view.permissions))
                p { a href={ (frame.root) "/setup/destination" } { "Where the contacts are kept" } }
            }
        }
    };
    layout(Some(frame), NavItem::Settings, title, main)
}

/// The form of an application that the workspace has registered itself.
fn own_application(frame: &Frame, view: &ConnectView, weight: Weight) -> Markup {
    html! {
        form .panel.stack method="post" action={ (frame.root) "/setup/connect" } {
            (hidden(frame))
            input type="hidden" name="version" value=(view.version);
            (registration::steps(view))
            (inputs(view))
            div .form-actions {
                button class=(weight.class()) type="submit" name="action" value="save" { "Save and test" }
                a .button.subtle href=(frame.root) { "Cancel" }
            }
            (consent_part(view))
        }
    }
}

/// The way to Microsoft's consent page, once what was entered is saved; for a browser that does not go on
/// by itself, a link.
pub fn consent(frame: &Frame, address: &str) -> Markup {
    let main = html! {
        section .panel.stack.narrow-panel {
            h1 { "Ask for consent" }
            p .lead { "Microsoft asks an administrator of the tenant to agree, and sends them back here." }
            div .form-actions {
                a .button.primary href=(address) rel="external noreferrer" { "Continue at Microsoft" }
                a .button.subtle href={ (frame.root) "/setup/connect" } { "Back" }
            }
        }
    };
    layout(Some(frame), NavItem::Settings, "Ask for consent", main)
}

fn inputs(view: &ConnectView) -> Markup {
    let problem = |name| problem_of(&view.problems, name);
    let secret_hint = view.secret.as_ref().map(age);
    html! {
        (TextInput {
            name: "tenant", label: "Tenant", value: &view.tenant, kind: "text",
            hint: Some("The directory’s id or one of its domains."),
            placeholder: Some("contoso.onmicrosoft.com"), required: true, problem: problem("tenant"),
        }.draw())
        (TextInput {
            name: "client_id", label: "Application (client) id", value: &view.client_id, kind: "text",
            hint: Some("From the overview of the app registration."),
            placeholder: Some("00000000-0000-0000-0000-000000000000"), required: true,
            problem: problem("client_id"),
        }.draw())
        (clouds(view))
        div .pair-of-fields {
            (TextInput {
                name: "secret", label: "Client secret", value: "", kind: "password",
                hint: Some(secret_hint.as_deref().unwrap_or("The secret’s value, not its id. It is kept encrypted and never shown again.")),
                placeholder: view.secret.as_ref().map(|_| "••••••••••••"),
                required: false, problem: problem("secret"),
            }.draw())
            (TextInput {
                name: "secret_expires", label: "Secret expires", value: &view.secret_expires, kind: "date",
                hint: Some("As Microsoft showed it. You are warned 30 days before."),
                placeholder: None, required: false, problem: problem("secret_expires"),
            }.draw())
        }
        @if let Some(warning) = view.secret.as_ref().and_then(expiry_warning) {
            p .inline-note.tone-warning { (Icon::Warnings.draw()) span { (warning) " Make a new one, and enter it here." } }
        }
        (certificate(view))
    }
}

/// A certificate in the place of a secret, or beside it.
fn certificate(view: &ConnectView) -> Markup {
    let problem = |name| problem_of(&view.problems, name);
    let hint = "The certificate with its private key, as PEM, or as PKCS#12 in base64. It is kept encrypted and \
                never shown again; Microsoft gets signatures only.";
    let hint = match &view.certificate {
        Some(_) => "Leave empty to keep it.",
        None => hint,
    };
    let wrong = problem("certificate");
    let is_open =
        view.certificate.is_some() || wrong.is_some() || problem("certificate_password").is_some();
    html! {
        details .certificate open[is_open] {
            summary { "Sign in with a certificate" }
            div .stack {
                @if let Some(certificate) = &view.certificate {
                    p {
                        "Certificate "
                        @if let Some(thumbprint) = &certificate.thumbprint { code .long { (thumbprint) } " " }
                        @if certificate.expired { "expired on " } @else { "expires on " }
                        (date(&certificate.expires_at)) "."
                    }
                    @if certificate.expires_soon {
                        p .inline-note.tone-warning {
                            (Icon::Warnings.draw())
                            span { "Make a new one, upload it to the app registration, and enter it here." }
                        }
                    }
                }
                (labelled("certificate", "Certificate and private key", Some(hint), wrong, html! {
                    textarea #certificate name="certificate" rows="4" autocomplete="off" spellcheck="false"
                        placeholder=[view.certificate.is_none().then_some("-----BEGIN CERTIFICATE-----")]
                        aria-invalid=[wrong.map(|_| "true")]
                        aria-describedby=[described_by("certificate", Some(hint), wrong)] {}
                }))
                (TextInput {
                    name: "certificate_password", label: "Password of the certificate", value: "",
                    kind: "password", hint: Some("Where it has one."), placeholder: None, required: false,
                    problem: problem("certificate_password"),
                }.draw())
                @if view.certificate.is_some() && view.secret.is_some() {
                    (labelled("forget", "Beside the certificate", Some(BESIDE), None, html! {
                        select #forget name="forget" aria-describedby="forget-hint" {
                            option value="" selected { "Keep the client secret, too" }
                            option value="secret" { "Remove the client secret" }
                            option value="certificate" { "Remove the certificate" }
                        }
                    }))
                }
            }
        }
    }
}

/// What two credentials are for.
const BESIDE: &str = "The client secret signs in where Microsoft refuses the certificate. Remove it once the \
                      certificate works.";

/// That the secret expires soon, or has; nothing where there is time.
pub(in super::super) fn expiry_warning(secret: &SecretView) -> Option<Markup> {
    let at = secret
        .expires_at
        .as_deref()
        .filter(|_| secret.expires_soon)?;
    let verb = if secret.expired { "expired" } else { "expires" };
    Some(html! { "The client secret " (verb) " on " (date(at)) "." })
}

fn age(secret: &SecretView) -> String {
    match secret.age_days {
        0 => "Set today; leave empty to keep it.".to_owned(),
        days => format!(
            "Set {} ago; leave empty to keep it.",
            counted(days, "day", "days")
        ),
    }
}

fn clouds(view: &ConnectView) -> Markup {
    let chosen = view.clouds.iter().find(|cloud| cloud.value == view.cloud);
    let hint = chosen.map(|cloud| cloud.sentence.as_str());
    html! {
        @if view.clouds.len() > 1 {
            (labelled("cloud", "Cloud", hint, None, html! {
                select #cloud name="cloud" aria-describedby=[hint.map(|_| "cloud-hint")] {
                    @for cloud in &view.clouds {
                        option value=(cloud.value) selected[cloud.value == view.cloud] { (cloud.label) }
                    }
                }
            }))
        } @else {
            input type="hidden" name="cloud" value=(view.cloud);
        }
    }
}

fn consent_part(view: &ConnectView) -> Markup {
    let ConsentView {
        possible,
        redirect_uri,
        outcome,
        granted,
    } = &view.consent;
    html! {
        section .consent aria-labelledby="consent" {
            h2 #consent { "Consent of the tenant’s administrator" }
            p .muted {
                "The application may read the directory only after an administrator of the tenant has agreed. "
                "Microsoft asks them, and sends them back here."
            }
            @if let Some(outcome) = outcome {
                @let mark = if *granted == Some(true) { Icon::Succeeded } else { Icon::Failed };
                p .inline-note.{ "tone-" (mark.tone()) } { (mark.draw()) span { (outcome) } }
            }
            p .small { "It needs this redirect URI: " code .long { (redirect_uri) } }
            button .button type="submit" name="action" value="consent" disabled[!possible]
                aria-describedby=[(!possible).then_some("consent-when")] { "Ask for consent at Microsoft" }
            @if !possible {
                p #consent-when .hint-text { "Possible once tenant and application are saved." }
            }
        }
    }
}

fn checks(frame: &Frame, view: &ConnectView) -> Markup {
    html! {
        section .panel aria-labelledby="checks" {
            div .panel-head {
                h2 #checks { "Connection test" }
                @if let Some(at) = &view.tested_at { p .muted.small { (moment(at)) } }
            }
            @if view.checks.is_empty() {
                p .muted {
                    "Not looked at yet. Runs when you save, and after consent: the token, the permissions, and "
                    "whether people can be read."
                }
            } @else {
                @if let Some(tenant) = &view.tenant_name { p { "Connected to " strong { (tenant) } "." } }
                ul .checks { @for check in &view.checks { (one_check(check)) } }
                @if view.ready {
                    a .button.primary.wide href={ (frame.root) "/setup/map" } {
                        @if view.setting_up { "Continue: map attributes" } @else { "Look at the mapping" }
                    }
                }
            }
        }
    }
}

fn one_check(check: &CheckShape) -> Markup {
    let mark = Icon::of_check(check.status);
    let word = match check.status {
        CheckStatus::Passed => "Passed",
        CheckStatus::Warning => "Warning",
        CheckStatus::Failed => "Failed",
        CheckStatus::NotTried => "Not tried",
    };
    html! {
        li.{ "tone-" (mark.tone()) } {
            (mark.draw())
            div {
                p { strong { (word) ": " } (check.message) }
                @if let Some(advice) = &check.advice { p .advice { (advice) } }
                @if let Some(code) = &check.code { p .small { code { (code) } } }
            }
        }
    }
}

fn permissions(permissions: &[Choice]) -> Markup {
    html! {
        @if !permissions.is_empty() {
            section .panel aria-labelledby="permissions" {
                h2 #permissions { "Permissions it needs" }
                dl .told {
                    @for permission in permissions {
                        div {
                            dt { code { (permission.value) } " " span .badge { (permission.label) } }
                            dd { (permission.sentence) }
                        }
                    }
                }
            }
        }
    }
}
