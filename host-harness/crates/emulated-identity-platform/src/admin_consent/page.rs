//! What the administrator sees: the question, or why there is none. Self-contained, without script;
//! the policy allows the one style sheet by its hash, and nothing else.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Consent, DECISION, Refusal};
use crate::context::Context;
use crate::version::Version;
use emulated_directory::moments;
use emulated_http::{Call, Reply};

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{display:grid;place-items:center;min-height:100vh;margin:0}\
main{box-sizing:border-box;width:min(28rem,100%);padding:2rem}\
h1{font-size:1.5rem;line-height:1.2}\
dt{font-weight:600}dd{margin:0 0 .75rem;overflow-wrap:anywhere}\
nav{display:flex;gap:1rem;justify-content:flex-end}\
nav a{padding:.5rem 1.5rem;border:1px solid currentcolor;text-decoration:none;color:inherit}\
nav a.accept{background:#0067b8;border-color:#0067b8;color:#fff}";

/// No source of anything but the style sheet; framed by nobody
/// (<https://www.w3.org/TR/CSP3/>).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    )
});

/// What the best-known application permissions allow, as consent pages put it
/// (<https://learn.microsoft.com/graph/permissions-reference>).
const KNOWN: [(&str, &str); 6] = [
    ("Directory.Read.All", "Read directory data"),
    ("Group.Read.All", "Read all groups"),
    ("GroupMember.Read.All", "Read all group memberships"),
    ("Member.Read.Hidden", "Read all hidden memberships"),
    ("Organization.Read.All", "Read organization information"),
    ("User.Read.All", "Read all users' full profiles"),
];

/// The question.
pub(crate) fn asking(service: &Context<'_>, call: &Call, consent: &Consent<'_>) -> Reply {
    let body = html! {
        h1 { "Permissions requested" }
        p { "Review for your organization. If you accept, this application gets access for all users." }
        dl {
            dt { "Application" }
            dd { (call.query.get("client_id").unwrap_or_default()) }
            dt { "Organization" }
            dd { (service.organization_name()) " (" (service.tenant_id()) ")" }
            dt { "It would like to" }
            dd {
                ul {
                    @for permission in &consent.permissions { (listed(permission)) }
                }
            }
            dt { "Then leads to" }
            dd { (consent.redirect_uri) }
        }
        @if consent.version == Version::Two && consent.roles.is_empty() {
            p { "These are delegated permissions. Application permissions are asked for with the scope .default." }
        }
        nav {
            a href=(decision(call, "cancel")) { "Cancel" }
            a class="accept" href=(decision(call, "accept")) { "Accept" }
        }
    };
    document(StatusCode::OK, "Permissions requested", &body)
}

/// Why there is no question. Never leads anywhere.
pub(crate) fn refused(service: &Context<'_>, refusal: &Refusal) -> Reply {
    let body = html! {
        h1 { "Sorry, but we're having trouble signing you in." }
        p { "AADSTS" (refusal.code) ": " (refusal.message) }
        dl {
            dt { "Correlation ID" }
            dd { (Uuid::new_v4()) }
            dt { "Timestamp" }
            dd { (moments::spaced(service.now())) }
        }
    };
    document(refusal.status, "Sign in to your account", &body)
}

fn listed(permission: &str) -> Markup {
    let allows = KNOWN.iter().find(|(name, _)| *name == permission);
    html! {
        li {
            @if let Some((_, allows)) = allows { (allows) " (" (permission) ")" }
            @else { (permission) }
        }
    }
}

/// This request again, decided. Relative to the page, so that it stays with the host that served it.
fn decision(call: &Call, decided: &str) -> String {
    let mut query = call.query.raw_without(&[DECISION]);
    let decided = format!("{DECISION}={decided}");
    query.push(&decided);
    format!("?{}", query.join("&"))
}

fn document(status: StatusCode, title: &str, body: &Markup) -> Reply {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    let html = page.into_string().into_bytes();
    Reply::typed(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", &POLICY)
        .with_header("referrer-policy", "no-referrer")
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-frame-options", "DENY")
}
