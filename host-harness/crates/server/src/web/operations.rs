//! For whoever operates the server: is it alive, can it work, and what are its numbers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use server_db::run_blocking;

use super::state::WebState;
use crate::app::App;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the records can be read and written, and the server is not ending.
pub(super) async fn readyz(State(web): State<WebState>) -> Response {
    let problem = if web.app.is_closing() {
        Some("ending".to_owned())
    } else {
        run_blocking(|| web.readiness.problem(&web.app))
    };
    match problem {
        None => "ready\n".into_response(),
        Some(problem) => {
            let body = axum::Json(json!({ "ready": false, "problem": problem }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// `GET /metrics`, in the OpenMetrics text format.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}
