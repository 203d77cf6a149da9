//! What an address asks for, after its question mark.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use contact_identity::ObjectId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::failure::Failure;
use super::state::WebState;

/// What an address asks for. One that cannot be read is refused in words.
pub(super) struct QueryParams<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<WebState> for QueryParams<T> {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let Query(asked) = Query::from_request_parts(parts, web).await.map_err(|_| {
            Failure::bad_request(
                "What the address asks for cannot be read.",
                "Go back, or begin at the overview.",
            )
        })?;
        Ok(Self(asked))
    }
}

/// The object id by which somebody is named: a UUID in any spelling, as the directory gives them.
pub(super) fn object_id(text: &str) -> Result<ObjectId, Failure> {
    let user = ObjectId::parse(text)?;
    match Uuid::try_parse(user.as_str()) {
        Ok(_) => Ok(user),
        Err(_) => Err(Failure::bad_request(
            "This is no object id of the directory.",
            "Copy the object id from the page of the user in the Entra admin centre.",
        )),
    }
}

/// What an address can ask for beside a page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageQuery {
    pub(super) notice: Option<String>,
    pub(super) after: Option<String>,
    pub(super) before: Option<i64>,
    pub(super) of: Option<String>,
    pub(super) field: Option<String>,
    pub(super) address: Option<String>,
    pub(super) reason: Option<String>,
}

impl PageQuery {
    /// An empty field of a form asks for nothing.
    pub(super) fn filled(value: Option<String>) -> Option<String> {
        let value = value?.trim().to_owned();
        Some(value).filter(|value| !value.is_empty())
    }
}
