//! The same as the pages, for programs: JSON, described by OpenAPI.
//!
//! A program signs in as a browser does and sends the session's cookie. What changes something also needs
//! the header `x-csrf-token` with the token that `GET …/api/session` tells, so that no other site's page
//! can do it in somebody's name.

mod caller;
mod saving;
mod statuses;

use api_types::views::{
    ActivityView, BlockView, ConnectView, ContactsView, MappingFormView, OverviewView, PeopleView,
    ReviewView, Role, UndoView, UndoableView,
};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::any;
use contact_identity::ObjectId;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::caller::{Acting, Admin, Answer, ApiFailure, Asks, Caller, Says};
use super::asked::Asked;
use super::failure::{Failure, FailureBody};
use super::state::WebState;
use super::{events, export};
use crate::desk::{Approving, Job, counted};

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
    /// How many contacts what is approved deletes, as the review and the block tell it under `removals`.
    /// Where it deletes none, it may be left out.
    deletions: Option<u64>,
}

/// What is to be taken back.
#[derive(Deserialize, ToSchema)]
struct UndoPlanBody {
    /// The id of a run.
    run: String,
}

/// What is taken back.
#[derive(Deserialize, ToSchema)]
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
async fn contacts(Caller(visitor): Caller, Asks(asked): Asks) -> Answer<ContactsView> {
    let address = Asked::filled(asked.address);
    Ok(Json(visitor.desk.contacts(address, asked.after).await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/activity",
    params(("workspace" = String, Path), ("before" = Option<i64>, Query)),
    responses((status = 200, body = ActivityView), (status = 403, body = FailureBody)))]
async fn activity(Admin(visitor): Admin, Asks(asked): Asks) -> Answer<ActivityView> {
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
    Asks(asked): Asks,
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
async fn missing(Admin(visitor): Admin, Asks(asked): Asks) -> Answer<PeopleView> {
    let field = Asked::filled(asked.field).ok_or_else(Failure::not_found)?;
    let label = crate::words::field(&field);
    Ok(Json(
        visitor
            .desk
            .missing_people(field, label, asked.after)
            .await?,
    ))
}

#[utoipa::path(get, path = "/w/{workspace}/api/people/not-synced",
    description = "Who is not synced for a reason, as the overview counts them. Of whom the settings leave out, \
                   nothing but the id is known.",
    params(("workspace" = String, Path), ("reason" = String, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = PeopleView), (status = 403, body = FailureBody)))]
async fn not_synced(Admin(visitor): Admin, Asks(asked): Asks) -> Answer<PeopleView> {
    let reason = Asked::filled(asked.reason).ok_or_else(Failure::not_found)?;
    let people = visitor.desk.not_synced_people(reason, asked.after);
    Ok(Json(people.await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/blocked",
    params(("workspace" = String, Path), ("after" = Option<String>, Query)),
    responses((status = 200, body = Option<BlockView>), (status = 403, body = FailureBody)))]
async fn blocked(Admin(visitor): Admin, Asks(asked): Asks) -> Answer<Option<BlockView>> {
    Ok(Json(visitor.desk.block(asked.after).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/blocked/plan",
    description = "Plans what the run that a limit stopped would do, where no plan names whom it is about.",
    params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan_block(Acting(visitor): Acting) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor.desk.plan_block(&visitor.session.who).await?;
    Ok(begun())
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
    visitor.desk.begin(Job::plan(), &visitor.session.who)?;
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
    Acting(visitor): Acting,
    Says(body): Says<SyncBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let who = &visitor.session.who;
    match &body.approve {
        Some(digest) => {
            let approving = Approving {
                digest,
                deletions: body.deletions,
            };
            visitor.desk.approve(approving, who).await?;
        }
        None => visitor.desk.sync(body.full, who)?,
    }
    Ok(begun())
}

#[utoipa::path(get, path = "/w/{workspace}/api/undo", params(("workspace" = String, Path)),
    description = "The runs of the history that changed contacts, newest first.",
    responses((status = 200, body = UndoableView), (status = 403, body = FailureBody)))]
async fn undoable(Admin(visitor): Admin) -> Answer<UndoableView> {
    Ok(Json(visitor.desk.undoable().await?))
}

#[utoipa::path(get, path = "/w/{workspace}/api/undo/{run}",
    description = "What taking a run back would do, as far as that was planned. The people behind its numbers \
                   are found as those of any plan.",
    params(("workspace" = String, Path), ("run" = String, Path)),
    responses((status = 200, body = UndoView), (status = 403, body = FailureBody)))]
async fn undo_of(
    Admin(visitor): Admin,
    Path((_, run)): Path<(String, String)>,
) -> Answer<UndoView> {
    Ok(Json(visitor.desk.undo_view(&run).await?))
}

#[utoipa::path(post, path = "/w/{workspace}/api/undo/plan",
    description = "Finds out what taking a run back would do.",
    params(("workspace" = String, Path)), request_body = UndoPlanBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
async fn plan_undo(
    Acting(visitor): Acting,
    Says(body): Says<UndoPlanBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor.desk.plan_undo(&body.run, &visitor.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/undo",
    description = "Takes a run back, exactly as a plan says. Scheduled syncs wait after it until somebody has \
                   synced, or they would do again what the settings say.",
    params(("workspace" = String, Path)), request_body = UndoBody,
    responses((status = 202, body = Begun), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
async fn undo(
    Acting(visitor): Acting,
    Says(body): Says<UndoBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let approving = Approving {
        digest: &body.approve,
        deletions: body.deletions,
    };
    let desk = &visitor.desk;
    desk.undo(&body.run, approving, &visitor.session.who)
        .await?;
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
    responses((status = 202, body = Begun), (status = 400, body = FailureBody),
        (status = 403, body = FailureBody), (status = 409, body = FailureBody)))]
async fn retry(
    Acting(visitor): Acting,
    Says(body): Says<RetryBody>,
) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    let user = ObjectId::parse(&body.user).map_err(Failure::from)?;
    let job = Job::Retry { user };
    visitor.desk.begin(job, &visitor.session.who)?;
    Ok(begun())
}

#[utoipa::path(post, path = "/w/{workspace}/api/disconnect", params(("workspace" = String, Path)),
    responses((status = 202, body = Begun), (status = 403, body = FailureBody)))]
async fn disconnect(Acting(visitor): Acting) -> Result<(StatusCode, Json<Begun>), ApiFailure> {
    visitor.desk.disconnect(&visitor.session.who)?;
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
        .routes(routes!(blocked))
        .routes(routes!(plan_block))
        .routes(routes!(test))
        .routes(routes!(plan))
        .routes(routes!(sync))
        .routes(routes!(stop))
        .routes(routes!(retry))
        .routes(routes!(disconnect))
        .routes(routes!(saving::save_connection))
        .routes(routes!(saving::save_settings))
        .routes(routes!(saving::discard_settings))
        .routes(routes!(saving::ask_for_consent))
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
