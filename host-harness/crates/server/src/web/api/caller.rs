//! Who asks, and for what: refused as the API refuses, in JSON.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::super::asked::{self, Asked};
use super::super::failure::Failure;
use super::super::state::WebState;
use super::super::visitor::{Administrator, Visitor};
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
pub(super) struct Caller(pub(super) Visitor);

impl FromRequestParts<WebState> for Caller {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(Visitor::from_request_parts(parts, web).await?))
    }
}

/// An administrator.
pub(super) struct Admin(pub(super) Visitor);

impl FromRequestParts<WebState> for Admin {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let Administrator(visitor) = Administrator::from_request_parts(parts, web).await?;
        Ok(Self(visitor))
    }
}

/// An administrator whose request is not another site's.
pub(super) struct Acting(pub(super) Visitor);

impl FromRequestParts<WebState> for Acting {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let Admin(visitor) = Admin::from_request_parts(parts, web).await?;
        let given = parts.headers.get("x-csrf-token");
        let given = given
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !token::is_same(given, &visitor.session.csrf) {
            return Err(Failure::forged().into());
        }
        web.changes.take(&visitor.desk.id)?;
        Ok(Self(visitor))
    }
}

/// What the address asks for.
pub(super) struct Asks(pub(super) Asked);

impl FromRequestParts<WebState> for Asks {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let asked::Asks(asked) = asked::Asks::from_request_parts(parts, web).await?;
        Ok(Self(asked))
    }
}

/// What the body says.
pub(super) struct Says<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<WebState> for Says<T> {
    type Rejection = ApiFailure;

    async fn from_request(request: Request, web: &WebState) -> Result<Self, Self::Rejection> {
        let body = Json::from_request(request, web).await;
        let Json(body) = body.map_err(|rejection| Failure {
            status: rejection.status(),
            ..Failure::bad_request(
                "The body is not what is asked for here, or no JSON.",
                "Look at /openapi.json, and send it again with the content type application/json.",
            )
        })?;
        Ok(Self(body))
    }
}
