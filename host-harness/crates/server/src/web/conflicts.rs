//! Values that both sides have changed.

use std::sync::Arc;

use axum::response::{Html, Response};
use connector_contract::Side;
use connector_runtime::Decision;
use server_pages as pages;

use super::current_user::RequireAdmin;
use super::failure::Failure;
use super::forms::{AdminForm, VerifiedForm};
use super::notices::{self, NoticeCode};
use super::query::{PageQuery, QueryParams, object_id};
use crate::services::conflicts;

/// `GET /w/{workspace}/conflicts`.
pub(super) async fn show(
    RequireAdmin(user): RequireAdmin,
    QueryParams(asked): QueryParams<PageQuery>,
) -> Result<Html<String>, Failure> {
    let frame = user.frame(notices::of_code(asked.notice.as_deref()))?;
    let after = PageQuery::filled(asked.after).map(|after| object_id(&after));
    let after = after.transpose()?.map(|after| after.into_string());
    let view = conflicts::conflicts(&user.ws, after.as_deref()).await?;
    Ok(Html(pages::conflicts(&frame, &view).into_string()))
}

/// `POST /w/{workspace}/conflicts`: the value of the side `take` counts.
pub(super) async fn decide(AdminForm(submitted): AdminForm) -> Result<Response, Failure> {
    submitted
        .submit_once(async |submitted: Arc<VerifiedForm>| {
            let side = Side::named(&submitted.text("take")).ok_or_else(Failure::not_found)?;
            let seen = submitted.text("seenAtMs").parse();
            let decision = Decision {
                user: object_id(&submitted.text("user"))?.into_string(),
                attribute: submitted.text("attribute"),
                seen_at_ms: seen.map_err(|_| Failure::not_found())?,
                side,
            };
            let who = &submitted.user.session.who;
            conflicts::decide(&submitted.user.ws, decision, who).await?;
            Ok(submitted.to("/conflicts", Some(NoticeCode::Decided)))
        })
        .await
}
