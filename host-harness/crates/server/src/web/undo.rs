//! Taking a run back.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use server_pages as pages;

use super::asked::{Asked, Asks};
use super::failure::Failure;
use super::forms::{Posted, PostedByAdministrator, see_other};
use super::notices::{self, NoticeCode};
use super::once::Carried;
use super::visitor::Administrator;
use crate::desk::DeskError;

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}/undo`: the runs that can be taken back.
pub(super) async fn undoable(Administrator(visitor): Administrator) -> Page {
    let view = visitor.desk.undoable().await?;
    let page = pages::undoable(&visitor.frame(None)?, &view);
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/undo/{run}`: what taking it back would do.
pub(super) async fn show(
    Administrator(visitor): Administrator,
    Path((_, run)): Path<(String, String)>,
    Asks(asked): Asks<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.undo_view(&run).await?;
    Ok(Html(pages::undo(&frame, &view, None).into_string()))
}

/// `POST /w/{workspace}/undo/plan`: finds out what taking a `run` back would do.
pub(super) async fn plan(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let run = posted.text("run");
            let who = &posted.visitor.session.who;
            posted.visitor.desk.plan_undo(&run, who)?;
            let page = format!("/undo/{}", pages::in_query(&run));
            Ok(posted.to(&page, Some(NoticeCode::UndoPlanned)))
        })
        .await
}

/// `POST /w/{workspace}/undo`: takes a `run` back, exactly as the plan `approve` says.
pub(super) async fn undo(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    match Arc::new(posted).once_or_not(carry).await? {
        Carried::To(location) => Ok(see_other(&location)),
        Carried::Not(response) => Ok(response),
    }
}

async fn carry(posted: Arc<Posted>) -> Result<Carried, Failure> {
    let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
    let (run, digest) = (posted.text("run"), posted.text("approve"));
    match desk.undo(&run, posted.approving(&digest), who).await {
        Err(error @ DeskError::Unconfirmed { .. }) => {
            let view = desk.undo_view(&run).await?;
            let frame = posted.visitor.frame(None)?;
            let page = pages::undo(&frame, &view, Some(&error.to_string()));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let response = (status, Html(page.into_string())).into_response();
            Ok(Carried::Not(response))
        }
        begun => {
            begun?;
            Ok(Carried::To(posted.to("", Some(NoticeCode::Undoing))))
        }
    }
}
