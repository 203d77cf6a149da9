//! Coming in: a sign-in link works once, and is asked for before it is used, because mail scanners follow
//! links.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use server_pages as pages;

use super::asked::Asks;
use super::failure::Failure;
use super::forms::{Posted, see_other};
use super::token;
use super::visitor::COOKIE;
use crate::desk::Desk;
use crate::host::Host;

/// How long a session lasts.
const SESSION: time::Duration = time::Duration::hours(12);

/// Refused codes from one address, a minute, that are answered and logged one by one. A code has 256 bits, so
/// nobody guesses one; this is for the log's sake. Codes that are good are never counted: behind a proxy,
/// everybody comes from one address.
const TRIES: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Counts codes that were refused, by the address they came from.
pub(crate) struct Tries(DefaultKeyedRateLimiter<std::net::IpAddr>);

impl Tries {
    pub(crate) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(TRIES)))
    }

    fn take(&self, from: SocketAddr) -> Result<(), Failure> {
        if self.0.len() > 10_000 {
            self.0.retain_recent();
        }
        self.0.check_key(&from.ip()).map_err(|_| {
            Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                "This code is not known, was used already, or is too old; and it is not the first from your \
                 address.",
                "Ask whoever operates this server for a new sign-in link. One that is good works at once.",
            )
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// `GET /sign-in`: asks for a code, or whether the one in the link is to be used.
pub(super) async fn show(Asks(query): Asks<Code>) -> Html<String> {
    let page = if query.code.is_empty() {
        pages::sign_in(None)
    } else {
        pages::sign_in_confirm(&query.code)
    };
    Html(page.into_string())
}

/// `POST /sign-in`: takes the code for a session.
pub(super) async fn sign_in(
    State(host): State<Arc<Host>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Form(form): Form<Code>,
) -> Result<Response, Failure> {
    let (session, csrf) = (token::new()?, token::new()?);
    let lifetime_ms = i64::try_from(SESSION.whole_milliseconds()).unwrap_or(i64::MAX);
    let code = form.code.trim();
    let signed_in = host.books.sign_in(
        &token::hash(code),
        &token::hash(&session),
        &csrf,
        host.now_ms(),
        lifetime_ms,
    )?;
    let Some(signed_in) = signed_in else {
        host.tries.take(from)?;
        tracing::warn!(%from, "a sign-in code was refused");
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
        .secure(host.options.public_url.starts_with("https:"))
        .max_age(SESSION);
    Ok((jar.add(cookie), see_other(&root)).into_response())
}

/// `POST /w/{workspace}/sign-out`.
pub(super) async fn sign_out(jar: CookieJar, posted: Posted) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let act = Desk::act(&visitor.host, &visitor.session.who, "signed-out", None);
    visitor
        .host
        .books
        .sign_out(&visitor.session_hash, &visitor.desk.id, act)?;
    let gone = Cookie::build((COOKIE, "")).path(visitor.root());
    Ok((jar.remove(gone), see_other("/sign-in")).into_response())
}
