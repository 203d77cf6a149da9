//! The same as the pages, for programs: JSON, described by OpenAPI.
//!
//! A program signs in as a browser does and sends the session's cookie. What changes something also needs
//! the header `x-csrf-token` with the token that `GET …/api/session` tells, so that no other site's page
//! can do it in somebody's name.

mod destination;
mod extract;
mod saving;
mod statuses;

use api_types::views::{
    ActivityView, BlockView, ConflictsView, ConnectView, ContactsView, MappingFormView,
    OverviewView, PeopleView, ReviewView, Role, UndoView, UndoableView,
};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::any;
use connector_contract::Side;
use connector_runtime::Decision;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::extract::{
    Answer, ApiAdmin, ApiFailure, ApiUser, CsrfProtected, EmptyBody, JsonBody, QueryParams,
};
use super::failure::{Failure, FailureBody};
use super::query::{PageQuery, object_id};
use super::state::WebState;
use super::{events, export};
use crate::services::jobs::job::Job;
use crate::services::review::buckets::bucket;
use crate::services::review::confirmation::Approving;
use crate::services::{self, disconnect, jobs, overview, people, review, setup, undo};

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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SyncBody {
    /// Read everybody.
    #[serde(default)]
    full: bool,
    /// The digest of the plan of the review, or of a block: exactly that is done.
    approve: Option<String>,
    /// How many contacts what is approved deletes, as the review and the block tell it under `removals`.
    /// Where it deletes none, it may be left out.
    deletions: Option<u64>,
}

/// What is to be taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoPlanBody {
    /// The id of a run.
    run: String,
}

/// What is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoBody {
    /// The id of a run.
    run: String,
    /// The digest of the plan that takes it back: exactly that is done.
    approve: String,
    /// How many contacts that deletes, as the plan tells it under `removals`. Where it deletes none, it may
    /// be left out.
    deletions: Option<u64>,
}

/// Who is tried again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetryBody {
    /// Object id.
    user: String,
}

/// Whose value counts, of the two that `GET` of the same address tells.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DecideBody {
    /// Object id.
    user: String,
    /// As told.
    attribute: String,
    /// As told.
    seen_at_ms: u64,
    /// `directory` or `contact`.
    take: String,
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
async fn session(ApiUser(user): ApiUser) -> Json<SessionBody> {
    Json(SessionBody {
        who: user.session.who,
        role: user.session.role,
        csrf_token: user.session.csrf,
    })
}

#[utoipa::path(get, path = "/w/{workspace}/api/overview", params(("workspace" = String, Path)),
    responses((status = 200, body = OverviewView), (status = 401, body = FailureBody)))]
async fn overview(ApiUser(user): ApiUser) -> Answer<OverviewView> {
    Ok(Json(
        overview::view::overview(&user.ws, user.session.role).await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/contacts",
    params(("workspace" = String, Path), ("address" = Option<String>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = ContactsView), (status = 401, body = FailureBody)))]
async fn contacts(ApiUser(user): ApiUser, QueryParams(asked): QueryParams) -> Answer<ContactsView> {
    let address = PageQuery::filled(asked.address);
    Ok(Json(
        people::contacts::contacts(&user.ws, address, asked.after).await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/activity",
    params(("workspace" = String, Path), ("before" = Option<i64>, Query)),
    responses((status = 200, body = ActivityView), (status = 403, body = FailureBody)))]
async fn activity(
    ApiAdmin(user): ApiAdmin,
    QueryParams(asked): QueryParams,
) -> Answer<ActivityView> {
    Ok(Json(overview::activity::activity(&user.ws, asked.before)?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/connection", params(("workspace" = String, Path)),
    responses((status = 200, body = ConnectView), (status = 403, body = FailureBody)))]
async fn connection(ApiAdmin(user): ApiAdmin) -> Answer<ConnectView> {
    Ok(Json(setup::connection_form::connect_view(&user.ws)?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/settings", params(("workspace" = String, Path)),
    responses((status = 200, body = MappingFormView), (status = 403, body = FailureBody)))]
async fn settings(ApiAdmin(user): ApiAdmin) -> Answer<MappingFormView> {
    Ok(Json(setup::mapping_form::mapping_view(&user.ws).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/review", params(("workspace" = String, Path)),
    responses((status = 200, body = ReviewView), (status = 403, body = FailureBody)))]
async fn review(ApiAdmin(user): ApiAdmin) -> Answer<ReviewView> {
    Ok(Json(review::view::review(&user.ws).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/plan/{digest}/people",
    params(("workspace" = String, Path), ("digest" = String, Path), ("of" = String, Query),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn planned(
    ApiAdmin(user): ApiAdmin,
    Path((_, digest)): Path<(String, String)>,
    QueryParams(asked): QueryParams,
) -> Answer<PeopleView> {
    let of = required("of", asked.of)?;
    let of = bucket(&of).ok_or_else(Failure::not_found)?;
    Ok(Json(
        people::planned::planned_people(&user.ws, digest, of, asked.after).await?,
    ))
}

/// What an address must say after its question mark.
fn required(name: &str, said: Option<String>) -> Result<String, Failure> {
    PageQuery::filled(said).ok_or_else(|| Failure::missing_parameter(name))
}

#[utoipa::path(get, path = "/w/{workspace}/api/people/missing",
    params(("workspace" = String, Path), ("field" = String, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn missing(ApiAdmin(user): ApiAdmin, QueryParams(asked): QueryParams) -> Answer<PeopleView> {
    let field = required("field", asked.field)?;
    let label = crate::labels::field(&field);
    Ok(Json(
        people::contacts::missing_people(&user.ws, field, label, asked.after).await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/people/not-synced",
    description = "Who is not synced for a reason, as the overview counts them. Of whom the settings leave out, \
                   nothing but the id is known.",
    params(("workspace" = String, Path), ("reason" = String, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn not_synced(
    ApiAdmin(user): ApiAdmin,
    QueryParams(asked): QueryParams,
) -> Answer<PeopleView> {
    let reason = required("reason", asked.reason)?;
    let people = people::not_synced::not_synced_people(&user.ws, reason, asked.after);
    Ok(Json(people.await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/blocked",
    params(("workspace" = String, Path), ("after" = Option<String>, Query)),
    responses((status = 200, body = Option<BlockView>), (status = 403, body = FailureBody)))]
async fn blocked(
    ApiAdmin(user): ApiAdmin,
    QueryParams(asked): QueryParams,
) -> Answer<Option<BlockView>> {
    Ok(Json(review::block::block(&user.ws, asked.after).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/blocked/plan",
    description = "Plans what the run that a limit stopped would do, where no plan names whom it is about.",
    params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan_block(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    review::block::plan_block(&user.ws, &user.session.who).await?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/test", params(("workspace" = String, Path)),
    responses((status = 200, body = ConnectView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn test(CsrfProtected(user): CsrfProtected, EmptyBody: EmptyBody) -> Answer<ConnectView> {
    setup::connection_test::test(&user.ws, &user.session.who).await?;
    Ok(Json(setup::connection_form::connect_view(&user.ws)?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/plan", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    jobs::begin::begin(&user.ws, Job::plan(), &user.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/sync", params(("workspace" = String, Path)),
    request_body = SyncBody,
    description = "Begins a sync. With `approve`, it is what somebody has looked at: the plan of the review, which \
                   also puts settings into force that wait for it, or what a limit stopped. Whatever deletes \
                   contacts is refused (422) unless their number is given as `deletions`.",
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
async fn sync(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<SyncBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let who = &user.session.who;
    match &body.approve {
        Some(digest) => {
            let approving = Approving {
                digest,
                deletions: body.deletions,
            };
            review::approval::approve(&user.ws, approving, who).await?;
        }
        None => jobs::begin::sync(&user.ws, body.full, who)?,
    }
    Ok(begun())
}

#[utoipa::path(get, path = "/w/{workspace}/api/undo", params(("workspace" = String, Path)),
    description = "The runs of the history that changed contacts, newest first.",
    responses((status = 200, body = UndoableView), (status = 403, body = FailureBody)))]
async fn undoable(ApiAdmin(user): ApiAdmin) -> Answer<UndoableView> {
    Ok(Json(undo::undoable(&user.ws).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/undo/{run}",
    description = "What taking a run back would do, as far as that was planned. The people behind its numbers \
                   are found as those of any plan.",
    params(("workspace" = String, Path), ("run" = String, Path)),
    responses((status = 200, body = UndoView), (status = 403, body = FailureBody)))]
async fn undo_of(
    ApiAdmin(user): ApiAdmin,
    Path((_, run)): Path<(String, String)>,
) -> Answer<UndoView> {
    Ok(Json(undo::undo_view(&user.ws, &run).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/undo/plan",
    description = "Finds out what taking a run back would do.",
    params(("workspace" = String, Path)), request_body = UndoPlanBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan_undo(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<UndoPlanBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    undo::plan_undo(&user.ws, &body.run, &user.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/undo",
    description = "Takes a run back, exactly as a plan says. Scheduled syncs wait after it until somebody has \
                   synced, or they would do again what the settings say.",
    params(("workspace" = String, Path)), request_body = UndoBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
async fn undo(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<UndoBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let approving = Approving {
        digest: &body.approve,
        deletions: body.deletions,
    };
    let ws = &user.ws;
    undo::undo(ws, &body.run, approving, &user.session.who).await?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/stop", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn stop(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    jobs::begin::stop(&user.ws, &user.session.who)?;
    Ok(begun())
}

#[utoipa::path(get, path = "/w/{workspace}/api/conflicts",
    params(("workspace" = String, Path), ("after" = Option<String>, Query)),
    description = "Values that both sides have changed, and what was decided about them, a page of people at a time.",
    responses((status = 200, body = ConflictsView), (status = 403, body = FailureBody)))]
async fn conflicts(
    ApiAdmin(user): ApiAdmin,
    QueryParams(asked): QueryParams,
) -> Answer<ConflictsView> {
    let after = asked.after.map(|after| object_id(&after)).transpose()?;
    let after = after.as_ref().map(|after| after.as_str());
    Ok(Json(services::conflicts::conflicts(&user.ws, after).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/conflicts",
    description = "Decides whose value counts, of the two that were shown. The next sync does it.",
    params(("workspace" = String, Path)), request_body = DecideBody,
    responses((status = 200, body = ConflictsView), (status = 400, body = FailureBody),
        (status = 403, body = FailureBody), (status = 409, body = FailureBody)))]
async fn decide(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<DecideBody>,
) -> Answer<ConflictsView> {
    let decision = Decision {
        user: object_id(&body.user)?.into_string(),
        attribute: body.attribute,
        seen_at_ms: body.seen_at_ms,
        side: Side::named(&body.take).ok_or_else(Failure::not_found)?,
    };
    services::conflicts::decide(&user.ws, decision, &user.session.who).await?;
    Ok(Json(services::conflicts::conflicts(&user.ws, None).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/retry", params(("workspace" = String, Path)),
    request_body = RetryBody,
    responses((status = 202, body = Begun), (status = 400, body = FailureBody),
        (status = 403, body = FailureBody), (status = 409, body = FailureBody)))]
async fn retry(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<RetryBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let job = Job::Retry {
        user: object_id(&body.user)?,
    };
    jobs::begin::begin(&user.ws, job, &user.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/disconnect", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody)))]
async fn disconnect(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    disconnect::disconnect(&user.ws, &user.session.who)?;
    Ok(begun())
}

async fn nothing_here() -> ApiFailure {
    Failure::not_found().into()
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Contact sync",
    description = "A workspace's connection to its directory: how it stands, and what can be asked of it. \
                   Everything that the pages show and do is here."
))]
struct Described;

/// The routes, with their description.
pub(super) fn router() -> (axum::Router<WebState>, utoipa::openapi::OpenApi) {
    let (router, described) = OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(session))
        .routes(routes!(overview))
        .routes(routes!(contacts))
        .routes(routes!(activity))
        .routes(routes!(connection))
        .routes(routes!(settings))
        .routes(routes!(review))
        .routes(routes!(planned))
        .routes(routes!(missing))
        .routes(routes!(not_synced))
        .routes(routes!(undoable))
        .routes(routes!(undo_of))
        .routes(routes!(plan_undo))
        .routes(routes!(undo))
        .routes(routes!(conflicts))
        .routes(routes!(decide))
        .routes(routes!(blocked))
        .routes(routes!(plan_block))
        .routes(routes!(test))
        .routes(routes!(plan))
        .routes(routes!(sync))
        .routes(routes!(stop))
        .routes(routes!(retry))
        .routes(routes!(disconnect))
        .routes(routes!(saving::save_connection))
        .routes(routes!(destination::destination))
        .routes(routes!(destination::save_destination))
        .routes(routes!(saving::save_settings))
        .routes(routes!(saving::discard_settings))
        .routes(routes!(saving::ask_for_consent))
        .routes(routes!(saving::connect_with_platform))
        .routes(routes!(events::events))
        .routes(routes!(export::csv))
        .routes(routes!(export::json))
        .split_for_parts();
    let described = statuses::with_those_of_every_address(described);
    let router = router
        .method_not_allowed_fallback(async || ApiFailure::from(Failure::wrong_method()))
        .route("/w/{workspace}/api/{*path}", any(nothing_here));
    (router, described)
}
