//! The four steps.

use std::sync::Arc;

use api_types::shapes::ProblemShape;
use api_types::views::MappingFormView;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use server_db::SaveError;
use server_pages as pages;

use super::consent;
use super::current_user::RequireAdmin;
use super::failure::Failure;
use super::forms::{AdminForm, VerifiedForm, see_other};
use super::idempotency::Submission;
use super::notices::{self, NoticeCode};
use super::query::{PageQuery, QueryParams};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::jobs::job::Job;
use crate::services::setup::connection_form::{ConnectForm, Forget};
use crate::services::setup::save_mapping::Saved;
use crate::services::{jobs, review, setup};
use crate::settings::SettingsForm;

/// After how many seconds a page looks again that waits for Microsoft.
const LOOK_AGAIN: &str = "4";

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}/setup/connect`.
pub(super) async fn connect(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Result<Response, Failure> {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = setup::connection_form::connect_view(&user.ws)?;
    let page = Html(pages::connect(&frame, &view).into_string());
    let spreads = view.platform.is_some_and(|platform| platform.spreading);
    if spreads {
        // The page looks again until the test that is being repeated has said something else.
        return Ok(([(header::REFRESH, LOOK_AGAIN)], page).into_response());
    }
    Ok(page.into_response())
}

/// `POST /w/{workspace}/setup/connect`: saves, then tests the connection or goes to Microsoft.
pub(super) async fn save_connection(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    let submitted = Arc::new(submitted);
    let wants_consent = submitted.text("action") == "consent";
    let carried = Arc::clone(&submitted).submit_once_or_refuse(carry_connection);
    match carried.await? {
        Submission::Refused(response) => Ok(response),
        Submission::Done(_) if wants_consent => consent::ask(&submitted),
        Submission::Done(location) => Ok(see_other(&location)),
    }
}

async fn carry_connection(submitted: Arc<VerifiedForm>) -> Result<Submission, Failure> {
    let form = ConnectForm {
        version: submitted.text("version").parse().unwrap_or_default(),
        tenant: submitted.text("tenant"),
        client_id: submitted.text("client_id"),
        cloud: submitted.text("cloud"),
        secret: submitted.secret("secret"),
        secret_expires: submitted.text("secret_expires"),
        certificate: submitted.secret("certificate"),
        certificate_password: submitted.secret("certificate_password"),
        forget: Forget::named(&submitted.text("forget")).unwrap_or_default(),
    };
    let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
    let problems = setup::connection_form::check_connection(ws, &form)?;
    if !problems.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return connect_again(&submitted, &form, problems, status).map(Submission::Refused);
    }
    match setup::save_connection::save_connection(ws, &form, who) {
        Err(ServiceError::Unsaved(conflict @ SaveError::Conflict { .. })) => {
            let problem = ProblemShape {
                pointer: String::new(),
                message: format!(
                    "{conflict}. What you entered is below, but for secret and certificate. Save again to replace \
                     their changes, or cancel to see them."
                ),
            };
            let current = ConnectForm {
                version: ws.record()?.version,
                ..form
            };
            let status = StatusCode::CONFLICT;
            return connect_again(&submitted, &current, vec![problem], status)
                .map(Submission::Refused);
        }
        saved => saved?,
    }
    let notice = if submitted.text("action") == "consent" {
        NoticeCode::Saved
    } else {
        test_of_saved(ws, who).await
    };
    Ok(Submission::Done(
        submitted.to("/setup/connect", Some(notice)),
    ))
}

/// What was saved stays saved, whatever becomes of its test.
pub(super) async fn test_of_saved(ws: &WorkspaceContext, who: &str) -> NoticeCode {
    match setup::connection_test::test(ws, who).await {
        Ok(tested) if tested.ready => NoticeCode::Tested,
        Ok(_) => NoticeCode::NotReady,
        Err(error) => {
            tracing::info!(%error, "connection test after saving failed");
            NoticeCode::NotTested
        }
    }
}

/// The form as it was submitted, but for secret and certificate, with what is wrong.
fn connect_again(
    submitted: &VerifiedForm,
    form: &ConnectForm,
    problems: Vec<ProblemShape>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let mut view = setup::connection_form::connect_view(&submitted.user.ws)?;
    view.tenant.clone_from(&form.tenant);
    view.client_id.clone_from(&form.client_id);
    view.cloud.clone_from(&form.cloud);
    view.secret_expires.clone_from(&form.secret_expires);
    view.version = form.version.to_string();
    view.problems = problems;
    let page = pages::connect(&submitted.user.frame(None)?, &view);
    Ok((status, Html(page.into_string())).into_response())
}

/// `GET /w/{workspace}/setup/map`.
pub(super) async fn mapping(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = setup::mapping_form::mapping_view(&user.ws).await?;
    Ok(Html(pages::mapping(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/setup/map`.
pub(super) async fn save_mapping(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    let action = submitted.text("action");
    if action != "save" {
        let form = SettingsForm::read(submitted.fields());
        let view = setup::mapping_form::redraw(&submitted.user.ws, form, &action).await?;
        return mapping_again(&submitted, &view, StatusCode::OK);
    }
    match Arc::new(submitted)
        .submit_once_or_refuse(carry_mapping)
        .await?
    {
        Submission::Done(location) => Ok(see_other(&location)),
        Submission::Refused(response) => Ok(response),
    }
}

async fn carry_mapping(submitted: Arc<VerifiedForm>) -> Result<Submission, Failure> {
    let form = SettingsForm::read(submitted.fields());
    let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
    let (saved, setting_up) = setup::save_mapping::save_mapping(ws, form, who).await?;
    let notice = match saved {
        Saved::No(view) => {
            let status = if view.conflict.is_some() {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return mapping_again(&submitted, &view, status).map(Submission::Refused);
        }
        Saved::Yes if !setting_up => {
            return Ok(Submission::Done(submitted.to("", Some(NoticeCode::Saved))));
        }
        Saved::Yes => NoticeCode::Saved,
        Saved::Proposed => NoticeCode::Proposed,
    };
    // The plan begins by itself; where it cannot, the review says so and offers it.
    let _ = jobs::begin::begin(ws, Job::plan(), who);
    Ok(Submission::Done(
        submitted.to("/setup/review", Some(notice)),
    ))
}

/// `POST /w/{workspace}/setup/discard`: gives up settings that wait to be put into force.
pub(super) async fn discard(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
            setup::save_mapping::discard_proposal(ws, who)?;
            Ok(submitted.to("/setup/map", Some(NoticeCode::Discarded)))
        })
        .await
}

fn mapping_again(
    submitted: &VerifiedForm,
    view: &MappingFormView,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = pages::mapping(&submitted.user.frame(None)?, view);
    Ok((status, Html(page.into_string())).into_response())
}

/// `GET /w/{workspace}/setup/review`.
pub(super) async fn review(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = review::view::review(&user.ws).await?;
    Ok(Html(pages::review(&frame, &view, None).into_string()))
}

/// `POST /w/{workspace}/plan`: for the review, or `of` a block, to tell who is concerned.
pub(super) async fn plan(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
            if submitted.text("of") == "block" {
                review::block::plan_block(ws, who).await?;
                return Ok(submitted.to("/blocked", Some(NoticeCode::PlanStarted)));
            }
            jobs::begin::begin(ws, Job::plan(), who)?;
            Ok(submitted.to("/setup/review", Some(NoticeCode::PlanStarted)))
        })
        .await
}
