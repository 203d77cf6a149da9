//! What the administrator sees: the question.

use http::StatusCode;
use maud::{Markup, html};

use super::{Consent, DECISION, Decision};
use crate::accounts::Account;
use crate::context::Context;
use crate::page::{chosen, document};
use crate::version::Version;
use emulated_http::{Call, Reply};

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
            (link(call, Decision::Cancel, "Cancel"))
            @if consent.any_tenant {
                (link(call, Decision::AcceptElsewhere, &format!("Accept as {}", Account::Stranger.name())))
            }
            a class="accept" href=(chosen(call, DECISION, Decision::Accept.word())) { "Accept" }
        }
    };
    document(StatusCode::OK, "Permissions requested", &body)
}

fn link(call: &Call, decision: Decision, label: &str) -> Markup {
    html! { a href=(chosen(call, DECISION, decision.word())) { (label) } }
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
