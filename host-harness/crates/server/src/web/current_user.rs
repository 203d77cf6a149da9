//! Who asks, and whether they may.

use api_types::views::{Frame, Notice, Role};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use server_db::Session;

use super::failure::Failure;
use super::state::WebState;
use crate::services::context::WorkspaceContext;
use crate::token;

/// The session's cookie. Each workspace has its own, by its path.
pub(crate) const COOKIE: &str = "session";

/// Somebody who is signed in to the workspace of the address.
#[derive(Clone)]
pub(crate) struct CurrentUser {
    pub(crate) ws: WorkspaceContext,
    pub(crate) session: Session,
    pub(crate) session_hash: Vec<u8>,
    /// Of which the idempotency keys of this session's forms are made.
    pub(crate) form_key: Vec<u8>,
    /// Of which the proofs of this session's sign-ins at Microsoft are made.
    pub(crate) sign_in_key: Vec<u8>,
    workspace_name: String,
}

impl CurrentUser {
    /// Paths of the workspace begin so.
    pub(crate) fn root(&self) -> String {
        format!("/w/{}", self.ws.id)
    }

    /// What the page has around its content.
    pub(crate) fn frame(&self, notice: Option<Notice>) -> Result<Frame, Failure> {
        Ok(Frame {
            root: self.root(),
            workspace: self.workspace_name.clone(),
            viewer: self.session.who.clone(),
            role: self.session.role,
            csrf: self.session.csrf.clone(),
            submission: token::new()?,
            notice,
            demo: self.ws.app.options.demo,
        })
    }
}

impl FromRequestParts<WebState> for CurrentUser {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let app = &web.app;
        let path = RawPathParams::from_request_parts(parts, web)
            .await
            .map_err(|_| Failure::not_found())?;
        let workspace = path
            .iter()
            .find_map(|(name, value)| (name == "workspace").then(|| value.to_owned()))
            .ok_or_else(Failure::not_found)?;
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(COOKIE).ok_or_else(Failure::not_signed_in)?;
        let session_hash = token::hash(cookie.value());
        let session = app
            .db
            .session(&session_hash, app.now_ms())?
            // A session of another workspace is none here, and a workspace that is not there is one that
            // one is not signed in to: nobody learns which there are.
            .filter(|session| session.workspace == workspace)
            .ok_or_else(Failure::not_signed_in)?;
        let record = app.db.workspace(&workspace)?;
        let record = record.ok_or_else(Failure::not_signed_in)?;
        Ok(Self {
            ws: WorkspaceContext::new(app, &workspace),
            session,
            session_hash,
            form_key: token::key(cookie.value(), "forms"),
            sign_in_key: token::key(cookie.value(), "sign-in"),
            workspace_name: record.name,
        })
    }
}

/// A user who is an administrator.
pub(crate) struct RequireAdmin(pub(crate) CurrentUser);

impl FromRequestParts<WebState> for RequireAdmin {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let user = CurrentUser::from_request_parts(parts, web).await?;
        match user.session.role {
            Role::Administrator => Ok(Self(user)),
            Role::Member => Err(Failure::forbidden()),
        }
    }
}
