//! Where the contacts are kept.

use std::sync::Arc;

use api_types::shapes::ProblemShape;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use server_pages as pages;

use super::current_user::RequireAdmin;
use super::failure::Failure;
use super::forms::{AdminForm, VerifiedForm, see_other};
use super::idempotency::Submission;
use super::notices::{self, NoticeCode};
use super::query::{PageQuery, QueryParams};
use super::setup::test_of_saved;
use crate::services::setup;
use crate::services::setup::destination::{DestinationForm, SavedDestination};
use crate::settings::Settings;

/// `GET /w/{workspace}/setup/destination`.
pub(super) async fn show(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Result<Html<String>, Failure> {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = setup::destination::destination_view(&user.ws).await?;
    Ok(Html(pages::destination(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/setup/destination`: saves, and tests the connection where there is one.
pub(super) async fn save(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    match Arc::new(submitted).submit_once_or_refuse(carry).await? {
        Submission::Refused(response) => Ok(response),
        Submission::Done(location) => Ok(see_other(&location)),
    }
}

async fn carry(submitted: Arc<VerifiedForm>) -> Result<Submission, Failure> {
    let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
    let entered = submitted.text("settings");
    let settings = match entered.as_str() {
        "" => None,
        text => match serde_json::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let problem = ProblemShape {
                    pointer: "settings".to_owned(),
                    message: format!("This is no JSON: {error}."),
                };
                return again(&submitted, vec![problem]).await;
            }
        },
    };
    let form = DestinationForm {
        version: submitted.text("version").parse().unwrap_or_default(),
        settings,
        secret: submitted.secret("secret"),
    };
    match setup::destination::save_destination(ws, &form, who).await? {
        SavedDestination::No(problems) => return again(&submitted, problems).await,
        SavedDestination::Yes => {}
    }
    let connects =
        Settings::read(&ws.record()?.settings).is_ok_and(|settings| !settings.tenant().is_empty());
    let notice = match connects {
        true => test_of_saved(ws, who).await,
        false => NoticeCode::Saved,
    };
    Ok(Submission::Done(
        submitted.to("/setup/destination", Some(notice)),
    ))
}

/// The form as it was submitted, but for the secret, with what is wrong.
async fn again(
    submitted: &VerifiedForm,
    problems: Vec<ProblemShape>,
) -> Result<Submission, Failure> {
    let mut view = setup::destination::destination_view(&submitted.user.ws).await?;
    view.text = submitted.text("settings");
    view.problems = problems;
    let page = pages::destination(&submitted.user.frame(None)?, &view);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let response = (status, Html(page.into_string())).into_response();
    Ok(Submission::Refused(response))
}
