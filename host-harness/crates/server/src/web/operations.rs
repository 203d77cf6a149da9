//! For whoever operates the server: is it alive, can it work, and what are its numbers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use server_db::giving_way;

use crate::host::Host;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// How long what was found out about the disk is believed: looking flushes to it, and anybody may ask.
const BELIEVED: Duration = Duration::from_secs(1);

/// Whether anything can be saved, as it was found out last.
#[derive(Default)]
pub(crate) struct Saving(Mutex<Option<(Instant, Option<String>)>>);

impl Saving {
    /// Why nothing can be saved, if so.
    fn problem(&self, host: &Host) -> Option<String> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*found {
            Some((at, problem)) if at.elapsed() < BELIEVED => problem.clone(),
            _ => {
                let problem = host
                    .books
                    .try_to_save()
                    .err()
                    .map(|error| error.to_string());
                *found = Some((Instant::now(), problem.clone()));
                problem
            }
        }
    }
}

/// `GET /readyz`: the records can be read and written, and the server is not ending.
pub(super) async fn readyz(State(host): State<Arc<Host>>) -> Response {
    let problem = if host.is_closing() {
        Some("ending".to_owned())
    } else {
        giving_way(|| host.saving.problem(&host))
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
pub(super) async fn metrics(State(host): State<Arc<Host>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], host.metrics.text()).into_response()
}
