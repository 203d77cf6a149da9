//! HTTP: addresses, sessions, forms, and what goes with every answer.

mod api;
mod asked;
mod consent;
mod events;
mod export;
mod failure;
mod forms;
mod notices;
mod once;
mod operations;
mod overview;
mod setup;
mod sign_in;
pub(crate) mod token;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use self::failure::Failure;
pub(crate) use self::once::FormsAtWork;
pub(crate) use self::sign_in::Tries;
use super::host::Host;
use super::pages;
use super::public_url::is_host_of;

/// The largest form: two hundred rows fit.
const LARGEST_FORM: usize = 256 << 10;

/// Scripts and styles from here alone, nothing inline, nothing from elsewhere; forms lead nowhere else.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                              img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";

/// Everything the server answers.
pub(super) fn router(host: &Arc<Host>) -> Router {
    let (api, described) = api::router();
    let described = described.to_pretty_json().unwrap_or_default();
    let workspace = Router::new()
        .route("/", get(overview::overview))
        .route("/live", get(overview::live))
        .route("/contacts", get(overview::contacts))
        .route("/activity", get(overview::activity))
        .route("/ledger", get(overview::ledger))
        .route("/people/missing", get(overview::missing))
        .route("/plan/{digest}/people", get(overview::planned))
        .route("/blocked", get(overview::blocked))
        .route("/sync", post(overview::sync))
        .route("/stop", post(overview::stop))
        .route("/retry", post(overview::retry))
        .route(
            "/disconnect",
            get(overview::ask_to_disconnect).post(overview::disconnect),
        )
        .route("/setup", get(overview::setup))
        .route(
            "/setup/connect",
            get(setup::connect).post(setup::save_connection),
        )
        .route("/setup/consent", get(consent::end))
        .route("/setup/map", get(setup::mapping).post(setup::save_mapping))
        .route("/setup/review", get(setup::review))
        .route("/plan", post(setup::plan))
        .route("/sign-out", post(sign_in::sign_out));
    Router::new()
        .nest("/w/{workspace}", workspace)
        .merge(api)
        .route("/", get(async || axum::response::Redirect::to("/sign-in")))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/consent", get(consent::find))
        .route(
            "/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], described)),
        )
        .route("/assets/{name}", get(asset))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .fallback(async || Failure::not_found())
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn_with_state(Arc::clone(host), guard))
        .with_state(Arc::clone(host))
}

async fn asset(axum::extract::Path(name): axum::extract::Path<String>) -> Response {
    let assets = [&*pages::assets::STYLESHEET, &*pages::assets::SCRIPT];
    let asked = assets
        .into_iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(&name));
    let Some(asset) = asked else {
        return Failure::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        // Pages name it with a mark of its content.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.content).into_response()
}

/// What goes with every answer, and what no request gets past: only the host name that this server has
/// is answered, so that a name that somebody points at this machine reaches nothing
/// (<https://developer.mozilla.org/docs/Web/Security>).
async fn guard(State(host): State<Arc<Host>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_asset = path.starts_with("/assets/");
    let mut response = if is_known_host(&host, &request) {
        next.run(request).await
    } else {
        Failure::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This server has another name",
            "The address names a host that this server does not answer for.",
            "Use the address that the server printed when it started.",
        )
        .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, value(CONTENT_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, value("nosniff")),
        (header::X_FRAME_OPTIONS, value("DENY")),
        (header::REFERRER_POLICY, value("same-origin")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            value("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            value("camera=(), geolocation=(), microphone=()"),
        ),
    ] {
        headers.insert(name, value);
    }
    if !is_asset {
        headers.insert(header::CACHE_CONTROL, value("no-store"));
    }
    tracing::debug!(path, status = response.status().as_u16(), "answered");
    response
}

fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

fn is_known_host(host: &Host, request: &Request) -> bool {
    let authority = request.headers().get(header::HOST);
    let authority = authority
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    is_host_of(&host.options.public_url, authority)
        // Probes of the operator's come by address.
        || matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics")
}
