//! The overview, and what can be looked at from there.

use std::sync::Arc;

use axum::response::{Html, IntoResponse as _, Redirect, Response};
use contact_identity::ObjectId;

use super::asked::{Asked, Asks};
use super::failure::Failure;
use super::forms::{Posted, PostedByAdministrator, location};
use super::notices::{self, NoticeCode};
use super::visitor::{Administrator, Visitor};
use crate::server::desk::{Job, counted};
use crate::server::pages;
use crate::server::views::{ConnectionState, Role, SetupStep};

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
    let view = visitor.desk.overview(Role::Administrator).await?;
    Ok(Html(pages::ledger(&frame, &view.ledger).into_string()))
}

/// `GET /w/{workspace}/people/missing?field=NAME`.
pub(super) async fn missing(
    Administrator(visitor): Administrator,
    Asks(asked): Asks<Asked>,
) -> Page {
    let field = Asked::filled(asked.field).ok_or_else(Failure::not_found)?;
    let label = crate::server::words::field(&field);
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
    let review = format!("{root}/setup/review");
    let back = (review.as_str(), "Review");
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
    let page = pages::blocked(&frame, &view);
    Ok(Html(page.into_string()).into_response())
}

/// `POST /w/{workspace}/sync`: approves what `approve` names, or begins a sync of a `mode`.
pub(super) async fn sync(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: Arc<Posted>| {
            let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
            let digest = posted.text("approve");
            if !digest.is_empty() {
                desk.approve(&digest, who).await?;
                return Ok(posted.to("", Some(NoticeCode::Approved)));
            }
            let full = posted.text("mode") == "full";
            desk.sync(full, who)?;
            let notice = if full {
                NoticeCode::FullSyncStarted
            } else {
                NoticeCode::SyncStarted
            };
            Ok(posted.to("", Some(notice)))
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
            let user = ObjectId::parse(&posted.text("user"))?;
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
        let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
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
