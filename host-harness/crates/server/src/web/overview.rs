//! The overview, and what can be looked at from there.

use std::sync::Arc;

use api_types::views::{ConnectionState, Role, SetupStep};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use server_pages as pages;

use super::current_user::{CurrentUser, RequireAdmin};
use super::failure::Failure;
use super::forms::{AdminForm, VerifiedForm, location, see_other};
use super::idempotency::Submission;
use super::notices::{self, NoticeCode};
use super::query::{PageQuery, QueryParams, object_id};
use crate::services::error::ServiceError;
use crate::services::jobs::job::Job;
use crate::services::review::buckets::bucket;
use crate::services::{disconnect, jobs, overview, people, review, setup};

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}`.
pub(super) async fn overview(
    user: CurrentUser,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = overview::view::overview(&user.ws, user.session.role).await?;
    Ok(Html(pages::overview(&frame, &view).into_string()))
}

/// `GET /w/{workspace}/live`: what changes by itself.
pub(super) async fn live(user: CurrentUser) -> Page {
    let frame = user.frame(None)?;
    let view = overview::view::overview(&user.ws, user.session.role).await?;
    Ok(Html(pages::overview_live(&frame, &view).into_string()))
}

/// `GET /w/{workspace}/contacts`.
pub(super) async fn contacts(
    user: CurrentUser,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let address = PageQuery::filled(asked.address);
    let view = people::contacts::contacts(&user.ws, address, asked.after).await?;
    Ok(Html(
        pages::contacts(&user.frame(None)?, &view).into_string(),
    ))
}

/// `GET /w/{workspace}/activity`.
pub(super) async fn activity(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let view = overview::activity::activity(&user.ws, asked.before)?;
    Ok(Html(
        pages::activity(&user.frame(None)?, &view).into_string(),
    ))
}

/// `GET /w/{workspace}/ledger`.
pub(super) async fn ledger(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let ledger = overview::report::ledger(&user.ws).await?;
    let people = people::not_synced::unwritten_people(&user.ws, ledger.clone()).await?;
    Ok(Html(pages::ledger(&frame, &ledger, &people).into_string()))
}

/// `GET /w/{workspace}/people/not-synced?reason=CODE`.
pub(super) async fn not_synced(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let reason = PageQuery::filled(asked.reason).ok_or_else(Failure::not_found)?;
    let view = people::not_synced::not_synced_people(&user.ws, reason.clone(), asked.after).await?;
    let root = user.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("reason", &reason), ("after", next)]);
        format!("{root}/people/not-synced?{query}")
    });
    let back = (root.as_str(), "Overview");
    let page = pages::people(&user.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/people/missing?field=NAME`.
pub(super) async fn missing(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let field = PageQuery::filled(asked.field).ok_or_else(Failure::not_found)?;
    let label = crate::labels::field(&field);
    let view =
        people::contacts::missing_people(&user.ws, field.clone(), label, asked.after).await?;
    let root = user.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("field", &field), ("after", next)]);
        format!("{root}/people/missing?{query}")
    });
    let back = (root.as_str(), "Overview");
    let page = pages::people(&user.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/plan/{digest}/people?of=CODE`.
pub(super) async fn planned(
    RequireAdmin(user): RequireAdmin,
    axum::extract::Path((_, digest)): axum::extract::Path<(String, String)>,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Page {
    let of = asked
        .of
        .as_deref()
        .and_then(bucket)
        .ok_or_else(Failure::not_found)?;
    let view = people::planned::planned_people(&user.ws, digest.clone(), of, asked.after).await?;
    let root = user.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("of", of.code), ("after", next)]);
        format!("{root}/plan/{digest}/people?{query}")
    });
    let (back, name) = match review::plans::undone_by(&user.ws, &digest).await? {
        Some(run) => (format!("{root}/undo/{run}"), "Undo a run"),
        None => (format!("{root}/setup/review"), "Review"),
    };
    let back = (back.as_str(), name);
    let page = pages::people(&user.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

/// `GET /w/{workspace}/blocked`.
pub(super) async fn blocked(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Result<Response, Failure> {
    let Some(view) = review::block::block(&user.ws, asked.after).await? else {
        return Ok(Redirect::to(&user.root()).into_response());
    };
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let page = pages::blocked(&frame, &view, None);
    Ok(Html(page.into_string()).into_response())
}

/// `POST /w/{workspace}/sync`: approves what `approve` names, or begins a sync of a `mode`.
pub(super) async fn sync(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    match Arc::new(submitted)
        .submit_once_or_refuse(carry_sync)
        .await?
    {
        Submission::Done(location) => Ok(see_other(&location)),
        Submission::Refused(response) => Ok(response),
    }
}

async fn carry_sync(submitted: Arc<VerifiedForm>) -> Result<Submission, Failure> {
    let (ws, who) = (&submitted.user.ws, &submitted.user.session.who);
    let digest = submitted.text("approve");
    if !digest.is_empty() {
        return match review::approval::approve(ws, submitted.approving(&digest), who).await {
            Err(error @ ServiceError::Unconfirmed { .. }) => {
                approval_again(&submitted, &error.to_string()).await
            }
            approved => {
                approved?;
                Ok(Submission::Done(
                    submitted.to("", Some(NoticeCode::Approved)),
                ))
            }
        };
    }
    let full = match submitted.text("mode").as_str() {
        "full" => true,
        "incremental" | "" => false,
        _ => {
            return Err(Failure::bad_request(
                "There is no sync of this kind: it is `incremental` or `full`.",
                "Go back, and press one of the buttons.",
            ));
        }
    };
    jobs::begin::sync(ws, full, who)?;
    let notice = if full {
        NoticeCode::FullSyncStarted
    } else {
        NoticeCode::SyncStarted
    };
    Ok(Submission::Done(submitted.to("", Some(notice))))
}

/// The page on which something was to be approved, with what is wrong with the number of deletions.
async fn approval_again(submitted: &VerifiedForm, problem: &str) -> Result<Submission, Failure> {
    let (ws, frame) = (&submitted.user.ws, submitted.user.frame(None)?);
    let page = if submitted.text("of") == "block" {
        match review::block::block(ws, None).await? {
            Some(view) => pages::blocked(&frame, &view, Some(problem)),
            None => return Ok(Submission::Done(submitted.to("", None))),
        }
    } else {
        pages::review(&frame, &review::view::review(ws).await?, Some(problem))
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let response = (status, Html(page.into_string())).into_response();
    Ok(Submission::Refused(response))
}

/// `POST /w/{workspace}/test`: tests the connection as it is.
pub(super) async fn test(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let tested =
                setup::connection_test::test(&submitted.user.ws, &submitted.user.session.who)
                    .await?;
            let notice = if tested.ready {
                NoticeCode::Works
            } else {
                NoticeCode::WorksNot
            };
            Ok(submitted.to("/setup/connect", Some(notice)))
        })
        .await
}

/// `POST /w/{workspace}/stop`.
pub(super) async fn stop(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            jobs::begin::stop(&submitted.user.ws, &submitted.user.session.who)?;
            Ok(submitted.to("", Some(NoticeCode::Stopping)))
        })
        .await
}

/// `POST /w/{workspace}/retry`.
pub(super) async fn retry(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let person = object_id(&submitted.text("user"))?;
            jobs::begin::begin(
                &submitted.user.ws,
                Job::Retry { user: person },
                &submitted.user.session.who,
            )?;
            Ok(submitted.to("/ledger", Some(NoticeCode::RetryStarted)))
        })
        .await
}

/// `GET /w/{workspace}/disconnect`.
pub(super) async fn ask_to_disconnect(RequireAdmin(user): RequireAdmin) -> Page {
    let left = disconnect::left_behind(&user.ws)?;
    let page = pages::disconnect(&user.frame(None)?, &left, None);
    Ok(Html(page.into_string()))
}

/// `POST /w/{workspace}/disconnect`.
pub(super) async fn disconnect(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    if submitted.text("confirm") != "DISCONNECT" {
        let problem = "Type DISCONNECT, in capitals, to disconnect.";
        let left = disconnect::left_behind(&submitted.user.ws)?;
        let page = pages::disconnect(&submitted.user.frame(None)?, &left, Some(problem));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok((status, Html(page.into_string())).into_response());
    }
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            disconnect::disconnect(&submitted.user.ws, &submitted.user.session.who)?;
            Ok(submitted.to("", Some(NoticeCode::Disconnecting)))
        })
        .await
}

/// `GET /w/{workspace}/setup`: the step at which the set-up is.
pub(super) async fn setup(RequireAdmin(user): RequireAdmin) -> Result<Response, Failure> {
    let view = overview::view::overview(&user.ws, Role::Administrator).await?;
    let path = match view.connection {
        ConnectionState::SettingUp(SetupStep::Map) => "/setup/map",
        ConnectionState::SettingUp(SetupStep::Review | SetupStep::Done) => "/setup/review",
        ConnectionState::SettingUp(SetupStep::Connect) | ConnectionState::Disconnected => {
            "/setup/connect"
        }
        ConnectionState::Connected => "",
    };
    Ok(Redirect::to(&location(&user, path, None)).into_response())
}
