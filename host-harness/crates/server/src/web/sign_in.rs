//! Signing in: a sign-in link works once, and is asked for before it is used, because mail scanners follow
//! links.

use std::net::SocketAddr;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use server_pages as pages;

use super::current_user::COOKIE;
use super::failure::Failure;
use super::forms::{VerifiedForm, see_other};
use super::query::QueryParams;
use super::state::WebState;
use crate::token;

/// How long a session lasts.
const SESSION: time::Duration = time::Duration::hours(12);

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// `GET /sign-in`: asks for a code, or whether the one in the link is to be used.
pub(super) async fn show(QueryParams(query): QueryParams<Code>) -> Html<String> {
    let page = if query.code.is_empty() {
        pages::sign_in(None)
    } else {
        pages::sign_in_confirm(&query.code)
    };
    Html(page.into_string())
}

/// `POST /sign-in`: takes the code for a session.
pub(super) async fn sign_in(
    State(WebState { app, sign_ins, .. }): State<WebState>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Form(form): Form<Code>,
) -> Result<Response, Failure> {
    let (session, csrf) = (token::new()?, token::new()?);
    let lifetime_ms = i64::try_from(SESSION.whole_milliseconds()).unwrap_or(i64::MAX);
    let code = form.code.trim();
    let signed_in = app.db.sign_in(
        &token::hash(code),
        &token::hash(&session),
        &csrf,
        app.now_ms(),
        lifetime_ms,
    )?;
    let Some(signed_in) = signed_in else {
        sign_ins.take(from)?;
        tracing::warn!(%from, "sign-in refused");
        let problem = "This code is not known, was used already, or is too old.";
        let page = pages::sign_in(Some(problem)).into_string();
        return Ok((StatusCode::UNAUTHORIZED, Html(page)).into_response());
    };
    let root = format!("/w/{}", signed_in.workspace);
    let cookie = Cookie::build((COOKIE, session))
        .path(root.clone())
        .http_only(true)
        // A link from Microsoft's consent page has to find the session.
        .same_site(SameSite::Lax)
        .secure(app.options.public_url.starts_with("https:"))
        .max_age(SESSION);
    Ok((jar.add(cookie), see_other(&root)).into_response())
}

/// `POST /w/{workspace}/sign-out`.
pub(super) async fn sign_out(jar: CookieJar, submitted: VerifiedForm) -> Result<Response, Failure> {
    let user = &submitted.user;
    let event = user.ws.app.event(&user.session.who, "signed-out", None);
    user.ws
        .app
        .db
        .sign_out(&user.session_hash, &user.ws.id, event)?;
    let gone = Cookie::build((COOKIE, "")).path(user.root());
    Ok((jar.remove(gone), see_other("/sign-in")).into_response())
}
