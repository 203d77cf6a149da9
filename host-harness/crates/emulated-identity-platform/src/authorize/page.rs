//! What somebody sees who signs in: the accounts to choose from.

use http::StatusCode;
use maud::html;

use super::{ACCOUNT, Asked, NOBODY};
use crate::context::Context;
use crate::page::{chosen, document};
use emulated_http::{Call, Reply};

/// The question.
pub(crate) fn asking(service: &Context<'_>, call: &Call, asked: &Asked<'_>) -> Reply {
    let body = html! {
        h1 { "Pick an account" }
        p { "To continue to the application " (call.query.get("client_id").unwrap_or_default()) "." }
        dl {
            @for account in asked.accounts {
                dt { a href=(chosen(call, ACCOUNT, account.word())) { (account.name()) } }
                dd { (account.user_principal_name()) }
            }
            dt { "Organization" }
            dd { (service.organization_name()) " (" (service.tenant_id()) ")" }
            dt { "Then leads to" }
            dd { (asked.redirect_uri) }
        }
        nav { a href=(chosen(call, ACCOUNT, NOBODY)) { "Cancel" } }
    };
    document(StatusCode::OK, "Sign in to your account", &body)
}
