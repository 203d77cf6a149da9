//! What every round trip to Microsoft's pages has: how it is begun, left for, and told of.

use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use server_db::{NewRoundTrip, RoundTrip};
use server_pages as pages;

use super::current_user::CurrentUser;
use super::failure::Failure;
use super::forms::{location, see_other};
use super::notices::NoticeCode;
use crate::services::platform::answer::{NoConsent, PageAnswer};
use crate::token;

/// How long a round trip to a consent page may take.
pub(super) const CONSENT_MS: i64 = 60 * 60 * 1000;

/// Begins a round trip, which ends in this session alone: its state.
pub(super) fn begin_trip(
    user: &CurrentUser,
    purpose: &RoundTrip,
    (action, lifetime_ms): (&str, i64),
) -> Result<String, Failure> {
    let app = &user.ws.app;
    let state = token::new()?;
    let event = app.event(&user.session.who, action, None);
    let trip = NewRoundTrip {
        state_hash: &token::hash(&state),
        workspace: &user.ws.id,
        session_hash: &user.session_hash,
        purpose,
        expires_at_ms: event.at_ms.saturating_add(lifetime_ms),
    };
    app.db.begin_consent(&trip, event)?;
    Ok(state)
}

/// A page that goes on by itself: browsers hold where a submitted form is redirected to against `form-action`
/// (<https://www.w3.org/TR/CSP3/#directive-form-action>), all the way through whichever hosts Microsoft signs people
/// in at.
pub(super) fn leave_for(user: &CurrentUser, address: &str) -> Result<Response, Failure> {
    let page = pages::consent(&user.frame(None)?, address).into_string();
    let refresh = (header::REFRESH, format!("0; url={address}"));
    Ok(([refresh], Html(page)).into_response())
}

/// The end of a round trip from which somebody comes back without consent; `failed` tells of one that Microsoft did
/// not take.
pub(super) fn refused(
    user: &CurrentUser,
    answer: &PageAnswer,
    refusal: NoConsent,
    failed: NoticeCode,
) -> Result<Response, Failure> {
    let notice = match refusal {
        NoConsent::Declined => NoticeCode::ConsentDeclined,
        NoConsent::NeedsAdministrator => NoticeCode::AdministratorNeeded,
        NoConsent::Failed => failed,
    };
    note_refusal(user, &answer.subject(refusal))?;
    Ok(to_connection(user, notice))
}

/// Notes why consent came to nothing.
pub(super) fn note_refusal(user: &CurrentUser, why: &str) -> Result<(), Failure> {
    let app = &user.ws.app;
    let event = app.event(&user.session.who, "consent-refused", Some(why));
    app.db.note(Some(&user.ws.id), event)?;
    Ok(())
}

/// Leads to the first step, with something to be said there once.
pub(super) fn to_connection(user: &CurrentUser, notice: NoticeCode) -> Response {
    see_other(&location(user, "/setup/connect", Some(notice)))
}
