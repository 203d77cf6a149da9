//! Who asks, and for what: refused as the API refuses, in JSON.

use api_types::shapes::ProblemShape;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::current_user::{CurrentUser, RequireAdmin};
use super::super::failure::Failure;
use super::super::query::{self, PageQuery};
use super::super::state::WebState;
use crate::token;

/// A failure that is told as JSON.
pub(in super::super) struct ApiFailure(Failure);

impl<E: Into<Failure>> From<E> for ApiFailure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        self.0.as_json()
    }
}

pub(super) type Answer<T> = Result<Json<T>, ApiFailure>;

/// A member or an administrator, told of a refusal in JSON.
pub(super) struct ApiUser(pub(super) CurrentUser);

impl FromRequestParts<WebState> for ApiUser {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(CurrentUser::from_request_parts(parts, web).await?))
    }
}

/// An administrator.
pub(super) struct ApiAdmin(pub(super) CurrentUser);

impl FromRequestParts<WebState> for ApiAdmin {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let RequireAdmin(user) = RequireAdmin::from_request_parts(parts, web).await?;
        Ok(Self(user))
    }
}

/// An administrator whose request is not another site's.
pub(super) struct CsrfProtected(pub(super) CurrentUser);

impl FromRequestParts<WebState> for CsrfProtected {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let ApiAdmin(user) = ApiAdmin::from_request_parts(parts, web).await?;
        let given = parts.headers.get("x-csrf-token");
        let given = given
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !token::constant_time_eq(given, &user.session.csrf) {
            return Err(Failure::without_token().into());
        }
        web.changes.take(&user.ws.id)?;
        Ok(Self(user))
    }
}

/// What the address asks for.
pub(super) struct QueryParams(pub(super) PageQuery);

impl FromRequestParts<WebState> for QueryParams {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let query::QueryParams(asked) = query::QueryParams::from_request_parts(parts, web).await?;
        Ok(Self(asked))
    }
}

/// What the body says.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<WebState> for JsonBody<T> {
    type Rejection = ApiFailure;

    async fn from_request(request: Request, web: &WebState) -> Result<Self, Self::Rejection> {
        let body = Json::<Value>::from_request(request, web).await;
        let Json(body) = body.map_err(|rejection| Failure {
            status: rejection.status(),
            ..Failure::bad_request(
                "The body is not what is asked for here, or no JSON.",
                "Look at /openapi.json, and send it again with the content type application/json.",
            )
        })?;
        let body = serde_path_to_error::deserialize(body);
        Ok(Self(body.map_err(|error| misread(&error))?))
    }
}

/// A body that says nothing: none, or an object without keys.
pub(super) struct EmptyBody;

impl FromRequest<WebState> for EmptyBody {
    type Rejection = ApiFailure;

    async fn from_request(request: Request, web: &WebState) -> Result<Self, Self::Rejection> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        let body = Bytes::from_request(request, web).await;
        let body = body.map_err(|rejection| Failure {
            status: rejection.status(),
            ..Failure::bad_request("The body cannot be read.", "Send it again without one.")
        })?;
        if body.trim_ascii().is_empty() {
            return Ok(Self);
        }
        let body: Value = serde_json::from_slice(&body).map_err(|_| {
            let advice = "Send it again without a body, or with an empty object.";
            Failure::bad_request("The body is no JSON.", advice)
        })?;
        let read = serde_path_to_error::deserialize(body);
        let Nothing {} = read.map_err(|error| misread(&error))?;
        Ok(Self)
    }
}

/// A body of JSON that says something else than is asked for here, by the key that is wrong.
fn misread(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let at = error.path().to_string();
    let (key, message) = in_words(&error.inner().to_string());
    let mut pointer = if at == "." { String::new() } else { at };
    // Of a key that is missing, the path is that of what lacks it.
    let is_there = |key: &str| pointer == key || pointer.ends_with(&format!(".{key}"));
    if let Some(key) = key.filter(|key| !is_there(key)) {
        if !pointer.is_empty() {
            pointer.push('.');
        }
        pointer.push_str(&key);
    }
    Failure {
        problems: vec![ProblemShape { pointer, message }],
        ..Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "That cannot be",
            "Something of the body is not what is asked for here; nothing was done.",
            "Mend what is listed, and send it again; /openapi.json describes the body.",
        )
    }
}

/// What serde says of a body, for whoever sent it: the key that it names, and a sentence. What was sent is not
/// repeated: it may be a secret in the wrong place.
fn in_words(said: &str) -> (Option<String>, String) {
    let named = |rest: &str| rest.split('`').next().map(str::to_owned);
    if let Some(rest) = said.strip_prefix("unknown field `") {
        let keys = rest
            .split_once("expected ")
            .map_or("no key", |(_, keys)| keys);
        let keys = keys.strip_prefix("one of ").unwrap_or(keys);
        let message = format!("There is no such key. Known here: {keys}.");
        return (named(rest), message);
    }
    if let Some(rest) = said.strip_prefix("missing field `") {
        return (named(rest), "It is missing.".to_owned());
    }
    let expected = said.rsplit_once(", expected ").map(|(_, what)| what);
    (
        None,
        expected.map_or_else(
            || "It is not what is asked for here.".to_owned(),
            |what| format!("This must be {what}."),
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        rows: Vec<Row>,
        #[serde(default)]
        full: bool,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        attribute: String,
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_by_its_own_key() {
        for (body, pointer, words) in [
            (
                json!({ "rows": [], "ful": true }),
                "ful",
                "Known here: `rows` or `full`.",
            ),
            (json!({ "full": true }), "rows", "is missing"),
            (
                json!({ "rows": [], "full": "hunter2" }),
                "full",
                "must be a boolean",
            ),
            (
                json!({ "rows": [{ "attribute": "mail" }, {}] }),
                "rows[1].attribute",
                "is missing",
            ),
            (
                json!({ "rows": [{ "atribute": "mail" }] }),
                "rows[0].atribute",
                "no such key",
            ),
            (
                json!({ "rows": [{ "attribute": 7 }] }),
                "rows[0].attribute",
                "must be a string",
            ),
            (json!([]), "", "must be"),
        ] {
            let read = serde_path_to_error::deserialize::<_, Body>(&body);
            let read = read.map(|body| {
                let rows = body.rows.into_iter().map(|row| row.attribute);
                (body.full, rows.collect::<Vec<_>>())
            });
            let told = misread(&read.unwrap_err());
            assert_eq!(told.status, 422);
            let [problem] = told.problems.as_slice() else {
                panic!("{told:?}");
            };
            assert_eq!(problem.pointer, pointer, "{body}");
            assert!(problem.message.contains(words), "{}", problem.message);
            assert!(!problem.message.contains("hunter2"), "{}", problem.message);
        }
    }
}
