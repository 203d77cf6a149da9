//! The round trip to Microsoft's consent page.
//!
//! Each has a state of its own, bound to the session in which it began. Only a hash of it is kept, so a form
//! that comes again begins another round trip rather than the same.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;
use server_pages as pages;

use super::asked::Asks;
use super::failure::Failure;
use super::forms::{Posted, location, see_other};
use super::notices::NoticeCode;
use super::visitor::{Administrator, Visitor};
use crate::desk::{Desk, consent_page};
use crate::host::Host;
use crate::token;

/// How long a round trip may take.
const CONSENT_MS: i64 = 60 * 60 * 1000;

/// Binds a state to the session, and says where Microsoft's consent page is.
pub(super) fn begin(visitor: &Visitor) -> Result<String, Failure> {
    let host = &visitor.host;
    let state = token::new()?;
    let record = visitor.desk.record()?;
    let page = consent_page(host, &record, &state).ok_or_else(|| {
        Failure::bad_request(
            "Tenant and application are not known yet.",
            "Fill them in, and save.",
        )
    })?;
    let event = Desk::event(host, &visitor.session.who, "consent-asked", None);
    host.db.begin_consent(
        &token::hash(&state),
        &visitor.desk.id,
        &visitor.session_hash,
        event.at_ms.saturating_add(CONSENT_MS),
        event,
    )?;
    Ok(page)
}

/// Leads from a form that was saved to Microsoft, by a page that goes on by itself: browsers hold where a
/// posted form is redirected to against `form-action` (<https://www.w3.org/TR/CSP3/#directive-form-action>),
/// all the way through whichever hosts Microsoft signs people in at.
pub(super) fn ask(posted: &Posted) -> Result<Response, Failure> {
    let Ok(address) = begin(&posted.visitor) else {
        let saved = posted.to("/setup/connect", Some(NoticeCode::ConsentNotAsked));
        return Ok(see_other(&saved));
    };
    let page = pages::consent(&posted.visitor.frame(None)?, &address).into_string();
    let refresh = (header::REFRESH, format!("0; url={address}"));
    Ok(([refresh], Html(page)).into_response())
}

/// What Microsoft's page leads back with
/// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>). The tenant is there too; it
/// could be anybody's, so it is not looked at.
#[derive(Debug, Deserialize)]
pub(super) struct ConsentAnswer {
    state: Option<String>,
    error: Option<String>,
    admin_consent: Option<String>,
}

/// `GET /consent`: the one address that is registered with the application. It only finds the workspace;
/// the session is asked for there.
pub(super) async fn find(
    State(host): State<Arc<Host>>,
    Asks(answer): Asks<ConsentAnswer>,
) -> Result<Response, Failure> {
    let state = answer.state.as_deref().unwrap_or_default();
    let workspace = host
        .db
        .workspace_of_consent(&token::hash(state), host.now_ms())?
        .ok_or_else(unknown_state)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    for (name, value) in [
        ("error", answer.error),
        ("admin_consent", answer.admin_consent),
    ] {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let query = query.finish();
    Ok(see_other(&format!("/w/{workspace}/setup/consent?{query}")))
}

fn unknown_state() -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "This answer was not asked for",
        "Nobody here asked Microsoft for this consent, or it was more than an hour ago, or it was \
         answered already. Nothing was changed.",
        "Go to the first step of the set-up, and ask for consent again.",
    )
}

/// `GET /w/{workspace}/setup/consent`: ends the round trip. `error` is looked at first, because
/// `admin_consent` is `True` also where consent was refused.
pub(super) async fn end(
    Administrator(visitor): Administrator,
    Asks(answer): Asks<ConsentAnswer>,
) -> Result<Response, Failure> {
    let host = &visitor.host;
    let state = token::hash(answer.state.as_deref().unwrap_or_default());
    if !host
        .db
        .end_consent(&state, &visitor.session_hash, host.now_ms())?
    {
        return Err(unknown_state());
    }
    let (action, notice) = match (answer.error.as_deref(), answer.admin_consent.as_deref()) {
        (Some("consent_required" | "permission_denied" | "access_denied"), _) => {
            ("consent-refused", NoticeCode::ConsentDeclined)
        }
        (None, Some(granted)) if granted.eq_ignore_ascii_case("true") => {
            ("consent-granted", NoticeCode::ConsentGranted)
        }
        _ => ("consent-refused", NoticeCode::ConsentFailed),
    };
    let event = Desk::event(host, &visitor.session.who, action, None);
    host.db.note(Some(&visitor.desk.id), event)?;
    if notice == NoticeCode::ConsentGranted
        && let Err(error) = visitor.desk.test(&visitor.session.who).await
    {
        // It can be tested again on the page that follows.
        tracing::info!(%error, "consent was given, and the connection not tested");
    }
    visitor.desk.live.changed();
    Ok(see_other(&location(
        &visitor,
        "/setup/connect",
        Some(notice),
    )))
}
