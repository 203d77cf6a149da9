//! What a directory sends: the question whether it may tell of changes, and that something changed
//! (<https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>).
//!
//! Whoever sends has no session; what they have is the address. One that is not ours is answered before anything
//! is read, and nothing that is sent here changes anything but when a sync begins.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::LARGEST_FORM;
use super::state::WebState;

/// The longest question that is answered; Microsoft's has about 120 bytes.
const LONGEST_QUESTION: usize = 2_048;

/// `POST /notify/{workspace}/{token}`.
pub(super) async fn take(
    State(web): State<WebState>,
    Path((workspace, token)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    if !web.app.notifications.is_ours(&workspace, &token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if web.notified.take(&workspace).is_err() {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    if let Some(question) = question(query.as_deref()) {
        return said_back(question);
    }
    // One that says so itself is not waited for.
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > LARGEST_FORM) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match Bytes::from_request(request, &web).await {
        Ok(body) => {
            web.app.notifications.put(&workspace, body);
            web.app.dispatcher.wake(&workspace, None);
            // Taken, and not looked at yet: the answer must not wait for that.
            StatusCode::ACCEPTED.into_response()
        }
        Err(refused) => refused.status().into_response(),
    }
}

/// What is to be said back, decoded once.
fn question(query: Option<&str>) -> Option<String> {
    let mut parameters = form_urlencoded::parse(query?.as_bytes());
    let asked = parameters.find(|(name, _)| name.eq_ignore_ascii_case("validationToken"))?;
    Some(asked.1.into_owned())
}

/// As text, so that whatever stands in it is none for a browser; with `nosniff`, as every answer has it.
fn said_back(question: String) -> Response {
    if question.len() > LONGEST_QUESTION {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (kind, question).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_decoded_once_and_said_back_exactly() {
        let sentence = "Validation: Testing client application reachability for subscription Request-Id: 877cb92e";
        let encoded = "Validation%3a+Testing%20client+application+reachability+for+subscription+Request-Id%3A+877cb92e";
        for (query, expected) in [
            (format!("validationToken={encoded}"), Some(sentence)),
            (format!("for=x&validationtoken={encoded}"), Some(sentence)),
            ("validationToken=%2541".to_owned(), Some("%41")),
            ("validationToken=%3Cscript%3E".to_owned(), Some("<script>")),
            ("validationToken=".to_owned(), Some("")),
            ("for=x".to_owned(), None),
        ] {
            assert_eq!(question(Some(&query)).as_deref(), expected, "{query}");
        }
        assert_eq!(question(None), None);
    }
}
