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

use super::current_user::{CurrentUser, RequireAdmin};
use super::failure::Failure;
use super::forms::{VerifiedForm, location, see_other};
use super::notices::NoticeCode;
use super::query::QueryParams;
use crate::app::App;
use crate::services::consent::consent_page;
use crate::services::setup;
use crate::token;

/// How long a round trip may take.
const CONSENT_MS: i64 = 60 * 60 * 1000;

/// Binds a state to the session, and says where Microsoft's consent page is.
pub(super) fn begin(user: &CurrentUser) -> Result<String, Failure> {
    let app = &user.ws.app;
    let state = token::new()?;
    let record = user.ws.record()?;
    let page = consent_page(app, &record, &state).ok_or_else(|| {
        Failure::bad_request(
            "Tenant and application are not known yet.",
            "Fill them in, and save.",
        )
    })?;
    let event = user.ws.app.event(&user.session.who, "consent-asked", None);
    app.db.begin_consent(
        &token::hash(&state),
        &user.ws.id,
        &user.session_hash,
        event.at_ms.saturating_add(CONSENT_MS),
        event,
    )?;
    Ok(page)
}

/// Leads from a form that was saved to Microsoft, by a page that goes on by itself: browsers hold where a
/// submitted form is redirected to against `form-action` (<https://www.w3.org/TR/CSP3/#directive-form-action>),
/// all the way through whichever hosts Microsoft signs people in at.
pub(super) fn ask(submitted: &VerifiedForm) -> Result<Response, Failure> {
    let Ok(address) = begin(&submitted.user) else {
        let saved = submitted.to("/setup/connect", Some(NoticeCode::ConsentNotAsked));
        return Ok(see_other(&saved));
    };
    let page = pages::consent(&submitted.user.frame(None)?, &address).into_string();
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
    State(app): State<Arc<App>>,
    QueryParams(answer): QueryParams<ConsentAnswer>,
) -> Result<Response, Failure> {
    let state = answer.state.as_deref().unwrap_or_default();
    let workspace = app
        .db
        .workspace_of_consent(&token::hash(state), app.now_ms())?
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
    RequireAdmin(user): RequireAdmin,
    QueryParams(answer): QueryParams<ConsentAnswer>,
) -> Result<Response, Failure> {
    let app = &user.ws.app;
    let state = token::hash(answer.state.as_deref().unwrap_or_default());
    if !app
        .db
        .end_consent(&state, &user.session_hash, app.now_ms())?
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
    let event = user.ws.app.event(&user.session.who, action, None);
    app.db.note(Some(&user.ws.id), event)?;
    if notice == NoticeCode::ConsentGranted
        && let Err(error) = setup::connection_test::test(&user.ws, &user.session.who).await
    {
        // It can be tested again on the page that follows.
        tracing::info!(%error, "connection test after consent failed");
    }
    user.ws.task.changed();
    Ok(see_other(&location(&user, "/setup/connect", Some(notice))))
}
