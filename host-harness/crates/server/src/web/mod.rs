//! HTTP: addresses, sessions, forms, and what goes with every answer.

mod api;
mod conflicts;
mod consent;
mod current_user;
mod destination;
mod events;
mod export;
mod failure;
mod forms;
mod guard;
mod idempotency;
mod in_flight;
mod notices;
mod notify;
mod operations;
mod overview;
mod platform;
mod query;
mod rate_limit;
mod readiness;
mod round_trip;
mod setup;
mod sign_in;
mod state;
mod undo;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts as _, Request, State};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use server_pages as pages;

use self::current_user::CurrentUser;
use self::failure::Failure;
use self::state::WebState;
use crate::app::App;

/// The largest form: two hundred rows fit.
const LARGEST_FORM: usize = 256 << 10;

/// Everything the server answers.
pub(super) fn router(app: &Arc<App>) -> Router {
    let web = WebState::new(Arc::clone(app));
    let (api, described) = api::router();
    let described = described.to_pretty_json().unwrap_or_default();
    let workspace = Router::new()
        .route("/", get(overview::overview))
        .route("/live", get(overview::live))
        .route("/contacts", get(overview::contacts))
        .route("/activity", get(overview::activity))
        .route("/ledger", get(overview::ledger))
        .route("/people/missing", get(overview::missing))
        .route("/people/not-synced", get(overview::not_synced))
        .route("/plan/{digest}/people", get(overview::planned))
        .route("/blocked", get(overview::blocked))
        .route("/conflicts", get(conflicts::show).post(conflicts::decide))
        .route("/sync", post(overview::sync))
        .route("/stop", post(overview::stop))
        .route("/test", post(overview::test))
        .route("/undo", get(undo::undoable).post(undo::undo))
        .route("/undo/plan", post(undo::plan))
        .route("/undo/{run}", get(undo::show))
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
        .route("/setup/microsoft", post(platform::press))
        .route("/setup/consent", get(consent::end))
        .route("/setup/map", get(setup::mapping).post(setup::save_mapping))
        .route(
            "/setup/destination",
            get(destination::show).post(destination::save),
        )
        .route("/setup/discard", post(setup::discard))
        .route("/setup/review", get(setup::review))
        .route("/plan", post(setup::plan))
        .route("/sign-out", post(sign_in::sign_out))
        .fallback(async || Failure::not_found())
        .layer(middleware::from_fn_with_state(web.clone(), lead_back));
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
        .route("/notify/{workspace}/{token}", post(notify::take))
        .route("/assets/{name}", get(asset))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .fallback(async || Failure::not_found())
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            guard::guard,
        ))
        .with_state(web)
}

/// Leads who is signed in from a failure back to their workspace.
async fn lead_back(State(web): State<WebState>, request: Request, next: Next) -> Response {
    let (mut asked, body) = request.into_parts();
    let request = Request::from_parts(asked.clone(), body);
    let response = next.run(request).await;
    let Some(failure) = response.extensions().get::<Failure>() else {
        return response;
    };
    let Ok(user) = CurrentUser::from_request_parts(&mut asked, &web).await else {
        return response;
    };
    match user.frame(None) {
        Ok(frame) => failure.as_page(Some(&frame)),
        Err(_) => response,
    }
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
    (headers, asset.content.as_str()).into_response()
}
