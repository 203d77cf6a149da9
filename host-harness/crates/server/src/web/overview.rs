//! The overview, and what can be looked at from there.

use std::sync::Arc;

use api_types::views::{ConnectionState, Role, SetupStep};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use server_pages as pages;

use super::asked::{Asked, Asks, object_id};
use super::failure::Failure;
use super::forms::{Posted, PostedByAdministrator, location, see_other};
use super::notices::{self, NoticeCode};
use super::once::Carried;
use super::visitor::{Administrator, Visitor};
use crate::desk::{DeskError, Job, counted};

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}`.
pub(super) async fn overview(visitor: Visitor, Asks(asked): Asks<Asked>) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.overview(visitor.session.role).await?;
    Ok(Html(pages::overview(&frame, &view).into_string()))
}

/// `GET /w/{workspace}/live`: what changes by itself.
pub(super) async fn live(visitor: Visitor) -> Page {
    let frame = visitor.frame(None)?;
    let view = visitor.desk.overview(visitor.session.role).await?;
    Ok(Html(pages::overview_live(&frame, &view).into_string()))
}

/// `GET /w/{workspace}/contacts`.
pub(super) async fn contacts(visitor: Visitor, Asks(asked): Asks<Asked>) -> Page {
    let address = Asked::filled(asked.address);
    let view = visitor.desk.contacts(address, asked.after).await?;
    Ok(Html(
        pages::contacts(&visitor.frame(None)?, &view).into_string(),
    ))
}

/// `GET /w/{workspace}/activity`.
pub(super) async fn activity(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let view = visitor.desk.activity(asked.before)?;
    Ok(Html(
        pages::activity(&visitor.frame(None)?, &view).into_string(),
    ))
}

/// `GET /w/{workspace}/ledger`.
pub(super) async fn ledger(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let ledger = visitor.desk.ledger().await?;
    let people = visitor.desk.unwritten_people(ledger.clone()).await?;
    Ok(Html(pages::ledger(&frame, &ledger, &people).into_string()))
}

/// `GET /w/{workspace}/people/not-synced?reason=CODE`.
pub(super) async fn not_synced(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let reason = Asked::filled(asked.reason).ok_or_else(Failure::not_found)?;
    let view = visitor
        .desk
        .not_synced_people(reason.clone(), asked.after)
        .await?;
    let root = visitor.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("reason", &reason), ("after", next)]);
        format!("{root}/people/not-synced?{query}")
    });
    let back = (root.as_str(), "Overview");
    let page = pages::people(&visitor.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/people/missing?field=NAME`.
pub(super) async fn missing(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let field = Asked::filled(asked.field).ok_or_else(Failure::not_found)?;
    let label = crate::words::field(&field);
    let view = visitor
        .desk
        .missing_people(field.clone(), label, asked.after)
        .await?;
    let root = visitor.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("field", &field), ("after", next)]);
        format!("{root}/people/missing?{query}")
    });
    let back = (root.as_str(), "Overview");
    let page = pages::people(&visitor.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

/// `GET /w/{workspace}/plan/{digest}/people?of=CODE`.
pub(super) async fn planned(
    Administrator(visitor): Administrator,
    axum::extract::Path((_, digest)): axum::extract::Path<(String, String)>,
    Asks(asked): Asks<Asked>,
) -> Page {
    let of = asked
        .of
        .as_deref()
        .and_then(counted)
        .ok_or_else(Failure::not_found)?;
    let view = visitor
        .desk
        .planned_people(digest.clone(), of, asked.after)
        .await?;
    let root = visitor.root();
    let more = view.next.as_ref().map(|next| {
        let query = query(&[("of", of.code), ("after", next)]);
        format!("{root}/plan/{digest}/people?{query}")
    });
    let (back, name) = match visitor.desk.undone_by(&digest).await? {
        Some(run) => (format!("{root}/undo/{run}"), "Undo a run"),
        None => (format!("{root}/setup/review"), "Review"),
    };
    let back = (back.as_str(), name);
    let page = pages::people(&visitor.frame(None)?, &view, back, more.as_deref());
    Ok(Html(page.into_string()))
}

fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

/// `GET /w/{workspace}/blocked`.
pub(super) async fn blocked(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Result<Response, Failure> {
    let Some(view) = visitor.desk.block(asked.after).await? else {
        return Ok(Redirect::to(&visitor.root()).into_response());
    };
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let page = pages::blocked(&frame, &view, None);
    Ok(Html(page.into_string()).into_response())
}

/// `POST /w/{workspace}/sync`: approves what `approve` names, or begins a sync of a `mode`.
pub(super) async fn sync(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    match Arc::new(posted).once_or_not(carry_sync).await? {
        Carried::To(location) => Ok(see_other(&location)),
        Carried::Not(response) => Ok(response),
    }
}

async fn carry_sync(posted: Arc<Posted>) -> Result<Carried, Failure> {
    let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
    let digest = posted.text("approve");
    if !digest.is_empty() {
        return match desk.approve(posted.approving(&digest), who).await {
            Err(error @ DeskError::Unconfirmed { .. }) => {
                approval_again(&posted, &error.to_string()).await
            }
            approved => {
                approved?;
                Ok(Carried::To(posted.to("", Some(NoticeCode::Approved))))
            }
        };
    }
    let full = match posted.text("mode").as_str() {
        "full" => true,
        "incremental" | "" => false,
        _ => {
            return Err(Failure::bad_request(
                "There is no sync of this kind: it is `incremental` or `full`.",
                "Go back, and press one of the buttons.",
            ));
        }
    };
    desk.sync(full, who)?;
    let notice = if full {
        NoticeCode::FullSyncStarted
    } else {
        NoticeCode::SyncStarted
    };
    Ok(Carried::To(posted.to("", Some(notice))))
}

/// The page on which something was to be approved, with what is wrong with the number of deletions.
async fn approval_again(posted: &Posted, problem: &str) -> Result<Carried, Failure> {
    let (desk, frame) = (&posted.visitor.desk, posted.visitor.frame(None)?);
    let page = if posted.text("of") == "block" {
        match desk.block(None).await? {
            Some(view) => pages::blocked(&frame, &view, Some(problem)),
            None => return Ok(Carried::To(posted.to("", None))),
        }
    } else {
        pages::review(&frame, &desk.review().await?, Some(problem))
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let response = (status, Html(page.into_string())).into_response();
    Ok(Carried::Not(response))
}

/// `POST /w/{workspace}/test`: tests the connection as it is.
pub(super) async fn test(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let tested = posted
                .visitor
                .desk
                .test(&posted.visitor.session.who)
                .await?;
            let notice = if tested.ready {
                NoticeCode::Works
            } else {
                NoticeCode::WorksNot
            };
            Ok(posted.to("/setup/connect", Some(notice)))
        })
        .await
}

/// `POST /w/{workspace}/stop`.
pub(super) async fn stop(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            posted.visitor.desk.stop(&posted.visitor.session.who)?;
            Ok(posted.to("", Some(NoticeCode::Stopping)))
        })
        .await
}

/// `POST /w/{workspace}/retry`.
pub(super) async fn retry(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let user = object_id(&posted.text("user"))?;
            posted
                .visitor
                .desk
                .begin(Job::Retry { user }, &posted.visitor.session.who)?;
            Ok(posted.to("/ledger", Some(NoticeCode::RetryStarted)))
        })
        .await
}

/// `GET /w/{workspace}/disconnect`.
pub(super) async fn ask_to_disconnect(Administrator(visitor): Administrator) -> Page {
    Ok(Html(
        pages::disconnect(&visitor.frame(None)?, None).into_string(),
    ))
}

/// `POST /w/{workspace}/disconnect`.
pub(super) async fn disconnect(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    if posted.text("confirm") != "DISCONNECT" {
        let problem = "Type DISCONNECT, in capitals, to disconnect.";
        let page = pages::disconnect(&posted.visitor.frame(None)?, Some(problem));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok((status, Html(page.into_string())).into_response());
    }
    posted
        .once(async |posted: Arc<Posted>| {
            posted
                .visitor
                .desk
                .disconnect(&posted.visitor.session.who)?;
            Ok(posted.to("", Some(NoticeCode::Disconnecting)))
        })
        .await
}

/// `GET /w/{workspace}/setup`: the step at which the set-up is.
pub(super) async fn setup(Administrator(visitor): Administrator) -> Result<Response, Failure> {
    let view = visitor.desk.overview(Role::Administrator).await?;
    let path = match view.connection {
        ConnectionState::SettingUp(SetupStep::Map) => "/setup/map",
        ConnectionState::SettingUp(SetupStep::Review | SetupStep::Done) => "/setup/review",
        ConnectionState::SettingUp(SetupStep::Connect) | ConnectionState::Disconnected => {
            "/setup/connect"
        }
        ConnectionState::Connected => "",
    };
    Ok(Redirect::to(&location(&visitor, path, None)).into_response())
}
