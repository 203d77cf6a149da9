//! The four steps.

use std::sync::Arc;

use api_types::shapes::ProblemShape;
use api_types::views::MappingFormView;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use server_db::SaveError;
use server_pages as pages;

use super::asked::{Asked, Asks};
use super::consent;
use super::failure::Failure;
use super::forms::{Posted, PostedByAdministrator, see_other};
use super::notices::{self, NoticeCode};
use super::once::Carried;
use super::visitor::Administrator;
use crate::desk::{ConnectForm, Desk, DeskError, Job, Saved};
use crate::settings::SettingsForm;

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}/setup/connect`.
pub(super) async fn connect(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.connect_view()?;
    Ok(Html(pages::connect(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/setup/connect`: saves, then tests the connection or goes to Microsoft.
pub(super) async fn save_connection(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    let posted = Arc::new(posted);
    let wants_consent = posted.text("action") == "consent";
    let carried = Arc::clone(&posted).once_or_not(carry_connection);
    match carried.await? {
        Carried::Not(response) => Ok(response),
        Carried::To(_) if wants_consent => consent::ask(&posted),
        Carried::To(location) => Ok(see_other(&location)),
    }
}

async fn carry_connection(posted: Arc<Posted>) -> Result<Carried, Failure> {
    let form = ConnectForm {
        version: posted.text("version").parse().unwrap_or_default(),
        tenant: posted.text("tenant"),
        client_id: posted.text("client_id"),
        cloud: posted.text("cloud"),
        secret: posted.secret("secret"),
        secret_expires: posted.text("secret_expires"),
    };
    let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
    let problems = desk.check_connection(&form)?;
    if !problems.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return connect_again(&posted, &form, problems, status).map(Carried::Not);
    }
    match desk.save_connection(&form, who) {
        Err(DeskError::Unsaved(conflict @ SaveError::Conflict { .. })) => {
            let problem = ProblemShape {
                pointer: String::new(),
                message: format!(
                    "{conflict}. What you entered is below, but for the secret. Save again to replace \
                     their changes, or cancel to see them."
                ),
            };
            let current = ConnectForm {
                version: desk.record()?.version,
                ..form
            };
            let status = StatusCode::CONFLICT;
            return connect_again(&posted, &current, vec![problem], status).map(Carried::Not);
        }
        saved => saved?,
    }
    let notice = if posted.text("action") == "consent" {
        NoticeCode::Saved
    } else {
        test_of_saved(desk, who).await
    };
    Ok(Carried::To(posted.to("/setup/connect", Some(notice))))
}

/// What was saved stays saved, whatever becomes of its test.
async fn test_of_saved(desk: &Arc<Desk>, who: &str) -> NoticeCode {
    match desk.test(who).await {
        Ok(tested) if tested.ready => NoticeCode::Tested,
        Ok(_) => NoticeCode::NotReady,
        Err(error) => {
            tracing::info!(%error, "a connection was saved and not tested");
            NoticeCode::NotTested
        }
    }
}

/// The form as it was posted, but for the secret, with what is wrong.
fn connect_again(
    posted: &Posted,
    form: &ConnectForm,
    problems: Vec<ProblemShape>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let mut view = posted.visitor.desk.connect_view()?;
    view.tenant.clone_from(&form.tenant);
    view.client_id.clone_from(&form.client_id);
    view.cloud.clone_from(&form.cloud);
    view.secret_expires.clone_from(&form.secret_expires);
    view.version = form.version.to_string();
    view.problems = problems;
    let page = pages::connect(&posted.visitor.frame(None)?, &view);
    Ok((status, Html(page.into_string())).into_response())
}

/// `GET /w/{workspace}/setup/map`.
pub(super) async fn mapping(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.mapping_view().await?;
    Ok(Html(pages::mapping(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/setup/map`.
pub(super) async fn save_mapping(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    let action = posted.text("action");
    if action != "save" {
        let form = SettingsForm::read(posted.fields());
        let view = posted.visitor.desk.redrawn(form, &action).await?;
        return mapping_again(&posted, &view, StatusCode::OK);
    }
    match Arc::new(posted).once_or_not(carry_mapping).await? {
        Carried::To(location) => Ok(see_other(&location)),
        Carried::Not(response) => Ok(response),
    }
}

async fn carry_mapping(posted: Arc<Posted>) -> Result<Carried, Failure> {
    let form = SettingsForm::read(posted.fields());
    let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
    let (saved, setting_up) = desk.save_mapping(form, who).await?;
    let notice = match saved {
        Saved::No(view) => {
            let status = if view.conflict.is_some() {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return mapping_again(&posted, &view, status).map(Carried::Not);
        }
        Saved::Yes if !setting_up => {
            return Ok(Carried::To(posted.to("", Some(NoticeCode::Saved))));
        }
        Saved::Yes => NoticeCode::Saved,
        Saved::Proposed => NoticeCode::Proposed,
    };
    // The plan begins by itself; where it cannot, the review says so and offers it.
    let _ = desk.begin(Job::plan(), who);
    Ok(Carried::To(posted.to("/setup/review", Some(notice))))
}

/// `POST /w/{workspace}/setup/discard`: gives up settings that wait to be put into force.
pub(super) async fn discard(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
            desk.discard_proposal(who)?;
            Ok(posted.to("/setup/map", Some(NoticeCode::Discarded)))
        })
        .await
}

fn mapping_again(
    posted: &Posted,
    view: &MappingFormView,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = pages::mapping(&posted.visitor.frame(None)?, view);
    Ok((status, Html(page.into_string())).into_response())
}

/// `GET /w/{workspace}/setup/review`.
pub(super) async fn review(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.review().await?;
    Ok(Html(pages::review(&frame, &view, None).into_string()))
}

/// `POST /w/{workspace}/plan`: for the review, or `of` a block, to tell who is concerned.
pub(super) async fn plan(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
            if posted.text("of") == "block" {
                desk.plan_block(who).await?;
                return Ok(posted.to("/blocked", Some(NoticeCode::PlanStarted)));
            }
            desk.begin(Job::plan(), who)?;
            Ok(posted.to("/setup/review", Some(NoticeCode::PlanStarted)))
        })
        .await
}
