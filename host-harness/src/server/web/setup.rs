//! The four steps.

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;
use std::sync::Arc;

use super::failure::Failure;
use super::forms::{Posted, PostedByAdministrator, location, see_other};
use super::notices::{self, NoticeCode};
use super::overview::Asked;
use super::token;
use super::visitor::{Administrator, Visitor};
use crate::server::desk::{ConnectForm, Desk, Job, Saved, consent_page};
use crate::server::host::Host;
use crate::server::pages;
use crate::server::settings::SettingsForm;
use crate::server::views::MappingFormView;
use crate::shapes::ProblemShape;

/// How long a round trip to Microsoft's consent page may take.
const CONSENT_MS: i64 = 60 * 60 * 1000;

type Page = Result<Html<String>, Failure>;

/// `GET /w/{workspace}/setup/connect`.
pub(super) async fn connect(
    Administrator(visitor): Administrator,
    Query(asked): Query<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.connect_view()?;
    Ok(Html(pages::connect(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/setup/connect`: saves, then tests the connection or goes to Microsoft.
pub(super) async fn save_connection(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    let form = ConnectForm {
        version: posted.text("version").parse().unwrap_or_default(),
        tenant: posted.text("tenant"),
        client_id: posted.text("client_id"),
        cloud: posted.text("cloud"),
        secret: posted.secret("secret"),
        secret_expires: posted.text("secret_expires"),
    };
    let visitor = &posted.visitor;
    let already = visitor
        .host
        .books
        .is_submitted(&visitor.desk.id, &posted.text("submission"))?;
    if !already {
        let problems = visitor.desk.check_connection(&form)?;
        if !problems.is_empty() {
            return connect_again(&posted, &form, problems);
        }
    }
    let consent = posted.text("action") == "consent";
    let location = posted
        .once_to(async |posted: &Posted| {
            let visitor = &posted.visitor;
            let who = &visitor.session.who;
            visitor.desk.save_connection(&form, who)?;
            if consent {
                return begin_consent(posted);
            }
            let tested = visitor.desk.test(who).await?;
            let notice = if tested.ready {
                NoticeCode::Tested
            } else {
                NoticeCode::NotReady
            };
            Ok(posted.to("/setup/connect", Some(notice)))
        })
        .await?;
    if consent {
        to_microsoft(&posted.visitor, &location)
    } else {
        Ok(see_other(&location))
    }
}

/// Leads to Microsoft by a page that goes on by itself: browsers hold where a posted form is redirected to
/// against `form-action` (<https://www.w3.org/TR/CSP3/#directive-form-action>), all the way through
/// whichever hosts Microsoft signs people in at.
fn to_microsoft(visitor: &Visitor, address: &str) -> Result<Response, Failure> {
    let page = pages::consent(&visitor.frame(None)?, address).into_string();
    let refresh = (header::REFRESH, format!("0; url={address}"));
    Ok(([refresh], Html(page)).into_response())
}

/// The form as it was posted, but for the secret, with what is wrong.
fn connect_again(
    posted: &Posted,
    form: &ConnectForm,
    problems: Vec<ProblemShape>,
) -> Result<Response, Failure> {
    let mut view = posted.visitor.desk.connect_view()?;
    view.tenant.clone_from(&form.tenant);
    view.client_id.clone_from(&form.client_id);
    view.cloud.clone_from(&form.cloud);
    view.version = form.version.to_string();
    view.problems = problems;
    let page = pages::connect(&posted.visitor.frame(None)?, &view);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok((status, Html(page.into_string())).into_response())
}

/// Binds a state to the session, and says where Microsoft's consent page is.
fn begin_consent(posted: &Posted) -> Result<String, Failure> {
    let visitor = &posted.visitor;
    let host = &visitor.host;
    let state = token::new()?;
    let record = visitor.desk.record()?;
    let page = consent_page(host, &record, &state).ok_or_else(|| {
        Failure::bad_request(
            "Tenant and application are not known yet.",
            "Fill them in, and save.",
        )
    })?;
    let act = Desk::act(host, &visitor.session.who, "consent-asked", None);
    host.books.begin_consent(
        &token::hash(&state),
        &visitor.desk.id,
        &visitor.session_hash,
        act.at_ms.saturating_add(CONSENT_MS),
        act,
    )?;
    Ok(page)
}

/// What Microsoft's page leads back with
/// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>). The tenant is there too; it
/// could be anybody's, so it is not looked at.
#[derive(Debug, Deserialize)]
pub(super) struct ConsentAnswer {
    state: Option<String>,
    error: Option<String>,
    admin_consent: Option<String>,
}

/// `GET /consent`: the one address that is registered with the application. It only finds the workspace;
/// the session is asked for there.
pub(super) async fn find_consent(
    State(host): State<Arc<Host>>,
    Query(answer): Query<ConsentAnswer>,
) -> Result<Response, Failure> {
    let state = answer.state.as_deref().unwrap_or_default();
    let workspace = host
        .books
        .workspace_of_consent(&token::hash(state), host.now_ms())?
        .ok_or_else(unknown_state)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    for (name, value) in [
        ("error", answer.error),
        ("admin_consent", answer.admin_consent),
    ] {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let query = query.finish();
    Ok(see_other(&format!("/w/{workspace}/setup/consent?{query}")))
}

fn unknown_state() -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "This answer was not asked for",
        "Nobody here asked Microsoft for this consent, or it was more than an hour ago, or it was \
         answered already. Nothing was changed.",
        "Go to the first step of the set-up, and ask for consent again.",
    )
}

/// `GET /w/{workspace}/setup/consent`: ends the round trip. `error` is looked at first, because
/// `admin_consent` is `True` also where consent was refused.
pub(super) async fn end_consent(
    Administrator(visitor): Administrator,
    Query(answer): Query<ConsentAnswer>,
) -> Result<Response, Failure> {
    let host = &visitor.host;
    let state = token::hash(answer.state.as_deref().unwrap_or_default());
    if !host
        .books
        .end_consent(&state, &visitor.session_hash, host.now_ms())?
    {
        return Err(unknown_state());
    }
    let (action, notice) = match (answer.error.as_deref(), answer.admin_consent.as_deref()) {
        (Some("consent_required" | "permission_denied" | "access_denied"), _) => {
            ("consent-refused", NoticeCode::ConsentDeclined)
        }
        (None, Some(granted)) if granted.eq_ignore_ascii_case("true") => {
            ("consent-granted", NoticeCode::ConsentGranted)
        }
        _ => ("consent-refused", NoticeCode::ConsentFailed),
    };
    let act = Desk::act(host, &visitor.session.who, action, None);
    host.books.note(Some(&visitor.desk.id), act)?;
    visitor.desk.live.changed();
    Ok(see_other(&location(
        &visitor,
        "/setup/connect",
        Some(notice),
    )))
}

/// `GET /w/{workspace}/setup/map`.
pub(super) async fn mapping(Administrator(visitor): Administrator) -> Page {
    let view = visitor.desk.mapping_view().await?;
    Ok(Html(
        pages::mapping(&visitor.frame(None)?, &view).into_string(),
    ))
}

/// `POST /w/{workspace}/setup/map`.
pub(super) async fn save_mapping(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    let form = SettingsForm::read(posted.fields());
    let action = posted.text("action");
    let visitor = &posted.visitor;
    if action != "save" {
        let view = visitor.desk.redrawn(form, &action).await?;
        return mapping_again(&posted, &view, StatusCode::OK);
    }
    if visitor
        .host
        .books
        .is_submitted(&visitor.desk.id, &posted.text("submission"))?
    {
        return posted.once(async |_| Err(Failure::forged())).await;
    }
    let (saved, setting_up) = visitor
        .desk
        .save_mapping(form, &visitor.session.who)
        .await?;
    if let Saved::No(view) = saved {
        let status = if view.conflict.is_some() {
            StatusCode::CONFLICT
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return mapping_again(&posted, &view, status);
    }
    posted
        .once(async |posted: &Posted| {
            if !setting_up {
                return Ok(posted.to("", Some(NoticeCode::Saved)));
            }
            // The plan begins by itself; where it cannot, the review says so and offers it.
            let who = &posted.visitor.session.who;
            let _ = posted.visitor.desk.begin(Job::Plan { full: true }, who);
            Ok(posted.to("/setup/review", Some(NoticeCode::Saved)))
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
    Query(asked): Query<Asked>,
) -> Page {
    let frame = visitor.frame(notices::of_code(asked.notice.as_deref()))?;
    let view = visitor.desk.review().await?;
    Ok(Html(pages::review(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/plan`: for the review, or `of` a block, to tell who is concerned.
pub(super) async fn plan(
    PostedByAdministrator(posted): PostedByAdministrator,
) -> Result<Response, Failure> {
    posted
        .once(async |posted: &Posted| {
            let (desk, who) = (&posted.visitor.desk, &posted.visitor.session.who);
            if posted.text("of") == "block" {
                desk.plan_block(who).await?;
                return Ok(posted.to("/blocked", Some(NoticeCode::PlanStarted)));
            }
            desk.begin(Job::Plan { full: true }, who)?;
            Ok(posted.to("/setup/review", Some(NoticeCode::PlanStarted)))
        })
        .await
}
