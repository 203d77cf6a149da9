//! Forms: from a page of this session.

use std::sync::Arc;

use api_types::views::Role;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Form, RequestExt as _};
use secrecy::SecretString;

use super::current_user::CurrentUser;
use super::failure::Failure;
use super::in_flight::InFlight;
use super::notices::NoticeCode;
use super::state::WebState;
use crate::services::review::confirmation::Approving;
use crate::token;

/// The longest form token that is one of ours.
const MAX_TOKEN: usize = 64;

/// A form that a signed-in person has submitted. It carries the mark of their session.
pub(crate) struct VerifiedForm {
    pub(crate) user: CurrentUser,
    fields: Vec<(String, String)>,
    /// Forms that are being carried out.
    pub(super) in_flight: Arc<InFlight>,
}

impl VerifiedForm {
    /// A field's value, without white space around it; empty where it is missing.
    pub(crate) fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// A field's value that is a secret.
    pub(crate) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.raw(name).trim())
    }

    /// What somebody approves, with the number of deletions that they typed, as people write numbers.
    pub(crate) fn approving<'a>(&self, digest: &'a str) -> Approving<'a> {
        let mut typed = self.text("deletions");
        typed.retain(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\'' | '\u{2019}'));
        Approving {
            digest,
            deletions: typed.parse().ok(),
        }
    }

    fn raw(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map_or("", |(_, value)| value)
    }

    /// All of it.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Where a path of the workspace is, with something to be said there once.
    pub(crate) fn to(&self, path: &str, notice: Option<NoticeCode>) -> String {
        location(&self.user, path, notice)
    }

    /// What tells this form from every other; see [`idempotency`](super::idempotency).
    pub(super) fn idempotency_key(&self) -> Result<String, Failure> {
        let submission = self.raw("submission");
        if submission.is_empty() || submission.len() > MAX_TOKEN {
            return Err(Failure::forged());
        }
        // The token is among them.
        let said = self.fields.iter().filter(|(name, _)| name != "csrf");
        let said = said.flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        Ok(token::idempotency_key(&self.user.form_key, said))
    }
}

/// Where a path of the workspace is, with something to be said there once.
pub(crate) fn location(user: &CurrentUser, path: &str, notice: Option<NoticeCode>) -> String {
    let root = user.root();
    match notice {
        Some(notice) => format!("{root}{path}?notice={}", notice.code()),
        None => format!("{root}{path}"),
    }
}

/// Leads a browser on, so that going back does not post again.
pub(crate) fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}

impl FromRequest<WebState> for VerifiedForm {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &WebState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let user = CurrentUser::from_request_parts(&mut parts, web).await?;
        let request = Request::from_parts(parts, body);
        let Form(fields) = request
            .extract::<Form<Vec<(String, String)>>, _>()
            .await
            .map_err(|_| {
                Failure::new(
                    StatusCode::BAD_REQUEST,
                    "The form cannot be read",
                    "What was posted is no form, or is longer than any of ours.",
                    "Open the page again and repeat what you wanted to do.",
                )
            })?;
        let submitted = Self {
            user,
            fields,
            in_flight: Arc::clone(&web.in_flight),
        };
        if !token::constant_time_eq(submitted.raw("csrf"), &submitted.user.session.csrf) {
            return Err(Failure::forged());
        }
        web.changes.take(&submitted.user.ws.id)?;
        Ok(submitted)
    }
}

/// A form that an administrator has submitted.
pub(crate) struct AdminForm(pub(crate) VerifiedForm);

impl FromRequest<WebState> for AdminForm {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &WebState) -> Result<Self, Self::Rejection> {
        let submitted = VerifiedForm::from_request(request, web).await?;
        match submitted.user.session.role {
            Role::Administrator => Ok(Self(submitted)),
            Role::Member => Err(Failure::forbidden()),
        }
    }
}
