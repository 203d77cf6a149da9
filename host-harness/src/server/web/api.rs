//! The same as the pages, for programs: JSON, described by OpenAPI.
//!
//! A program signs in as a browser does and sends the session's cookie. What changes something also needs
//! the header `x-csrf-token` with the token that `GET …/api/session` tells, so that no other site's page
//! can do it in somebody's name.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::failure::{Failure, FailureBody};
use super::overview::Asked;
use super::token;
use super::visitor::{Administrator, Visitor};
use crate::server::desk::{Job, counted};
use crate::server::host::Host;
use crate::server::views::{
    ActivityView, BlockView, ConnectView, ContactsView, MappingFormView, OverviewView, PeopleView,
    ReviewView, Role,
};

/// A failure that is told as JSON.
pub(super) struct ApiFailure(Failure);

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

type Answer<T> = Result<Json<T>, ApiFailure>;

/// A member or an administrator, told of a refusal in JSON.
pub(super) struct Caller(Visitor);

impl FromRequestParts<Arc<Host>> for Caller {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        host: &Arc<Host>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(Visitor::from_request_parts(parts, host).await?))
    }
}

/// An administrator.
pub(super) struct Admin(Visitor);

impl FromRequestParts<Arc<Host>> for Admin {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        host: &Arc<Host>,
    ) -> Result<Self, Self::Rejection> {
        let Administrator(visitor) = Administrator::from_request_parts(parts, host).await?;
        Ok(Self(visitor))
    }
}

/// An administrator whose request is not another site's.
pub(super) struct Acting(Visitor);

impl FromRequestParts<Arc<Host>> for Acting {
    type Rejection = ApiFailure;

    async fn from_request_parts(
        parts: &mut Parts,
        host: &Arc<Host>,
    ) -> Result<Self, Self::Rejection> {
        let Admin(visitor) = Admin::from_request_parts(parts, host).await?;
        let given = parts.headers.get("x-csrf-token");
        let given = given
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if token::is_same(given, &visitor.session.csrf) {
            Ok(Self(visitor))
        } else {
            Err(Failure::forged().into())
        }
    }
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SessionBody {
    who: String,
    role: Role,
    /// For the header `x-csrf-token`.
    csrf_token: String,
}

/// What is to be synced.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SyncBody {
    /// Read everybody.
    #[serde(default)]
    full: bool,
    /// The digest of the plan of the review, or of a block: exactly that is done.
    approve: Option<String>,
}

/// Who is tried again.
#[derive(Deserialize, ToSchema)]
struct RetryBody {
    /// Object id.
    user: String,
}

/// Something goes on from now; it is to be seen in the overview.
#[derive(Serialize, ToSchema)]
struct Begun {
    begun: bool,
}

fn begun() -> (StatusCode, Json<Begun>) {
    (StatusCode::ACCEPTED, Json(Begun { begun: true }))
}

#[utoipa::path(get, path = "/w/{workspace}/api/session", params(("workspace" = String, Path)),
    responses((status = 200, body = SessionBody), (status = 401, body = FailureBody)))]
async fn session(Caller(visitor): Caller) -> Json<SessionBody> {
    Json(SessionBody {
        who: visitor.session.who,
        role: visitor.session.role,
        csrf_token: visitor.session.csrf,
    })
}

#[utoipa::path(get, path = "/w/{workspace}/api/overview", params(("workspace" = String, Path)),
    responses((status = 200, body = OverviewView), (status = 401, body = FailureBody)))]
async fn overview(Caller(visitor): Caller) -> Answer<OverviewView> {
    Ok(Json(visitor.desk.overview(visitor.session.role).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/contacts",
    params(("workspace" = String, Path), ("address" = Option<String>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = ContactsView), (status = 401, body = FailureBody)))]
async fn contacts(Caller(visitor): Caller, Query(asked): Query<Asked>) -> Answer<ContactsView> {
    let address = Asked::filled(asked.address);
    Ok(Json(visitor.desk.contacts(address, asked.after).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/activity",
    params(("workspace" = String, Path), ("before" = Option<i64>, Query)),
    responses((status = 200, body = ActivityView), (status = 403, body = FailureBody)))]
async fn activity(Admin(visitor): Admin, Query(asked): Query<Asked>) -> Answer<ActivityView> {
    Ok(Json(visitor.desk.activity(asked.before)?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/connection", params(("workspace" = String, Path)),
    responses((status = 200, body = ConnectView), (status = 403, body = FailureBody)))]
async fn connection(Admin(visitor): Admin) -> Answer<ConnectView> {
    Ok(Json(visitor.desk.connect_view()?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/settings", params(("workspace" = String, Path)),
    responses((status = 200, body = MappingFormView), (status = 403, body = FailureBody)))]
async fn settings(Admin(visitor): Admin) -> Answer<MappingFormView> {
    Ok(Json(visitor.desk.mapping_view().await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/review", params(("workspace" = String, Path)),
    responses((status = 200, body = ReviewView), (status = 403, body = FailureBody)))]
async fn review(Admin(visitor): Admin) -> Answer<ReviewView> {
    Ok(Json(visitor.desk.review().await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/plan/{digest}/people",
    params(("workspace" = String, Path), ("digest" = String, Path), ("of" = String, Query),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn planned(
    Admin(visitor): Admin,
    Path((_, digest)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer<PeopleView> {
    let of = asked
        .of
        .as_deref()
        .and_then(counted)
        .ok_or_else(Failure::not_found)?;
    Ok(Json(
        visitor.desk.planned_people(digest, of, asked.after).await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/people/missing",
    params(("workspace" = String, Path), ("field" = String, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn missing(Admin(visitor): Admin, Query(asked): Query<Asked>) -> Answer<PeopleView> {
    let field = Asked::filled(asked.field).ok_or_else(Failure::not_found)?;
    let label = crate::server::words::field(&field);
    Ok(Json(
        visitor
            .desk
            .missing_people(field, label, asked.after)
            .await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/blocked",
    params(("workspace" = String, Path), ("after" = Option<String>, Query)),
    responses((status = 200, body = Option<BlockView>), (status = 403, body = FailureBody)))]
async fn blocked(Admin(visitor): Admin, Query(asked): Query<Asked>) -> Answer<Option<BlockView>> {
    Ok(Json(visitor.desk.block(asked.after).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/test", params(("workspace" = String, Path)),
    responses((status = 200, body = ConnectView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn test(Acting(visitor): Acting) -> Answer<ConnectView> {
    visitor.desk.test(&visitor.session.who).await?;
    Ok(Json(visitor.desk.connect_view()?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/plan", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan(Acting(visitor): Acting) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor
        .desk
        .begin(Job::Plan { full: true }, &visitor.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/sync", params(("workspace" = String, Path)),
    request_body = SyncBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn sync(
    Acting(visitor): Acting,
    Json(body): Json<SyncBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let who = &visitor.session.who;
    match &body.approve {
        Some(digest) => visitor.desk.approve(digest, who).await?,
        None => visitor.desk.sync(body.full, who)?,
    }
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/stop", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn stop(Acting(visitor): Acting) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor.desk.stop(&visitor.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/retry", params(("workspace" = String, Path)),
    request_body = RetryBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn retry(
    Acting(visitor): Acting,
    Json(body): Json<RetryBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let job = Job::Retry { user: body.user };
    visitor.desk.begin(job, &visitor.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/disconnect", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody)))]
async fn disconnect(Acting(visitor): Acting) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor.desk.disconnect(&visitor.session.who)?;
    Ok(begun())
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Contact sync",
    description = "A workspace's connection to its directory: how it stands, and what can be asked of it. \
                   Everything the pages show is here."
))]
struct Described;

/// The routes, with their description.
pub(super) fn router() -> (axum::Router<Arc<Host>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(session))
        .routes(routes!(overview))
        .routes(routes!(contacts))
        .routes(routes!(activity))
        .routes(routes!(connection))
        .routes(routes!(settings))
        .routes(routes!(review))
        .routes(routes!(planned))
        .routes(routes!(missing))
        .routes(routes!(blocked))
        .routes(routes!(test))
        .routes(routes!(plan))
        .routes(routes!(sync))
        .routes(routes!(stop))
        .routes(routes!(retry))
        .routes(routes!(disconnect))
        .split_for_parts()
}
