//! The round trips to Microsoft's pages: how each begins, and how it ends.
//!
//! Each has a state of its own, bound to the session in which it began. Only a hash of it is kept, so a form
//! that comes again begins another round trip rather than the same.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use server_db::RoundTrip;

use super::current_user::{CurrentUser, RequireAdmin};
use super::failure::Failure;
use super::forms::{VerifiedForm, see_other};
use super::notices::NoticeCode;
use super::platform;
use super::query::QueryParams;
use super::round_trip::{CONSENT_MS, begin_trip, leave_for, refused, to_connection};
use crate::app::App;
use crate::services::consent::consent_page;
use crate::services::platform::answer::{PageAnswer, aadsts};
use crate::services::setup;
use crate::token;

/// Begins a round trip for the workspace's own application, and says where Microsoft's consent page is.
pub(super) fn begin(user: &CurrentUser) -> Result<String, Failure> {
    let record = user.ws.record()?;
    let unknown = || {
        Failure::bad_request(
            "Tenant and application are not known yet.",
            "Fill them in, and save.",
        )
    };
    // Nothing is begun that would lead nowhere.
    consent_page(&user.ws.app, &record, "").ok_or_else(unknown)?;
    let state = begin_trip(user, &RoundTrip::OwnConsent, ("consent-asked", CONSENT_MS))?;
    consent_page(&user.ws.app, &record, &state).ok_or_else(unknown)
}

/// Leads from a form that was saved to Microsoft.
pub(super) fn ask(submitted: &VerifiedForm) -> Result<Response, Failure> {
    let Ok(address) = begin(&submitted.user) else {
        let saved = submitted.to("/setup/connect", Some(NoticeCode::ConsentNotAsked));
        return Ok(see_other(&saved));
    };
    leave_for(&submitted.user, &address)
}

/// What Microsoft's pages lead back with
/// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>,
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>).
#[derive(Debug, Deserialize)]
pub(super) struct LedBack {
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    /// The number of the description's code, once the rest of it was left behind.
    aadsts: Option<u32>,
    admin_consent: Option<String>,
    tenant: Option<String>,
    code: Option<String>,
}

/// `GET /consent`: the one address that is registered with an application. It only finds the workspace; the session
/// is asked for there.
pub(super) async fn find(
    State(app): State<Arc<App>>,
    QueryParams(led_back): QueryParams<LedBack>,
) -> Result<Response, Failure> {
    let state = led_back.state.as_deref().unwrap_or_default();
    let workspace = app
        .db
        .workspace_of_consent(&token::hash(state), app.now_ms())?
        .ok_or_else(unknown_state)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    let number = led_back.error_description.as_deref().and_then(aadsts);
    for (name, value) in [
        ("error", led_back.error),
        ("aadsts", number.map(|number| number.to_string())),
        ("admin_consent", led_back.admin_consent),
        ("tenant", led_back.tenant),
        ("code", led_back.code),
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
        "Nobody here asked Microsoft for this, or it was too long ago, or it was answered already. Nothing was \
         changed.",
        "Go to the first step of the set-up, and begin again.",
    )
}

/// `GET /w/{workspace}/setup/consent`: ends a round trip.
pub(super) async fn end(
    RequireAdmin(user): RequireAdmin,
    QueryParams(led_back): QueryParams<LedBack>,
) -> Result<Response, Failure> {
    let app = &user.ws.app;
    let state = led_back.state.unwrap_or_default();
    let ended = app
        .db
        .end_consent(&token::hash(&state), &user.session_hash, app.now_ms())?;
    let purpose = ended.ok_or_else(unknown_state)?;
    let answer = PageAnswer {
        error: led_back.error,
        aadsts: led_back.aadsts,
        admin_consent: led_back.admin_consent,
        tenant: led_back.tenant,
        code: led_back.code,
    };
    let led = match purpose {
        RoundTrip::OwnConsent => own_consent(&user, &answer).await,
        RoundTrip::PlatformConsent => platform::consented(&user, &answer),
        RoundTrip::SignIn { tenant } => platform::signed_in(&user, answer, state, tenant).await,
    };
    user.ws.task.changed();
    led
}

/// The end of a round trip for the workspace's own application. The tenant that the answer names could be anybody's,
/// so it is not looked at: the connection says which it is.
async fn own_consent(user: &CurrentUser, answer: &PageAnswer) -> Result<Response, Failure> {
    let app = &user.ws.app;
    if let Err(refusal) = answer.consent() {
        return refused(user, answer, refusal, NoticeCode::ConsentFailed);
    }
    let event = app.event(&user.session.who, "consent-granted", None);
    app.db.note(Some(&user.ws.id), event)?;
    if let Err(error) = setup::connection_test::test(&user.ws, &user.session.who).await {
        // It can be tested again on the page that follows.
        tracing::info!(%error, "connection test after consent failed");
    }
    Ok(to_connection(user, NoticeCode::ConsentGranted))
}
