//! Taking a run back.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use server_pages as pages;

use super::current_user::RequireAdmin;
use super::failure::Failure;
use super::forms::{AdminForm, VerifiedForm, see_other};
use super::idempotency::Submission;
use super::notices::{self, NoticeCode};
use super::query::{PageQuery, QueryParams};
use crate::services::error::ServiceError;
use crate::services::undo;

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}/undo`: the runs that can be taken back.
pub(super) async fn undoable(RequireAdmin(user): RequireAdmin) -> Page {
    let view = undo::undoable(&user.ws).await?;
    let page = pages::undoable(&user.frame(None)?, &view);
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/undo/{run}`: what taking it back would do.
pub(super) async fn show(
    RequireAdmin(user): RequireAdmin,
    Path((_, run)): Path<(String, String)>,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = undo::undo_view(&user.ws, &run).await?;
    Ok(Html(pages::undo(&frame, &view, None).into_string()))
}

/// `POST /w/{workspace}/undo/plan`: finds out what taking a `run` back would do.
pub(super) async fn plan(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let run = submitted.text("run");
            let who = &submitted.user.session.who;
            undo::plan_undo(&submitted.user.ws, &run, who)?;
            let page = format!("/undo/{}", pages::in_query(&run));
            Ok(submitted.to(&page, Some(NoticeCode::UndoPlanned)))
        })
        .await
}

/// `POST /w/{workspace}/undo`: takes a `run` back, exactly as the plan `approve` says.
pub(super) async fn undo(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    match Arc::new(submitted).submit_once_or_refuse(carry).await? {
        Submission::Done(location) => Ok(see_other(&location)),
        Submission::Refused(response) => Ok(response),
    }
}

async fn carry(submitted: Arc<VerifiedForm>) -> Result<Submission, Failure> {
    let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
    let (run, digest) = (submitted.text("run"), submitted.text("approve"));
    match undo::undo(ws, &run, submitted.approving(&digest), who).await {
        Err(error @ ServiceError::Unconfirmed { .. }) => {
            let view = undo::undo_view(ws, &run).await?;
            let frame = submitted.user.frame(None)?;
            let page = pages::undo(&frame, &view, Some(&error.to_string()));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let response = (status, Html(page.into_string())).into_response();
            Ok(Submission::Refused(response))
        }
        begun => {
            begun?;
            Ok(Submission::Done(
                submitted.to("", Some(NoticeCode::Undoing)),
            ))
        }
    }
}
