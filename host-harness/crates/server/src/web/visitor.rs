//! Who asks, and whether they may.

use std::sync::Arc;

use api_types::views::{Frame, Notice, Role};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use server_db::Session;

use super::failure::Failure;
use super::state::WebState;
use crate::desk::Desk;
use crate::host::Host;
use crate::token;

/// The session's cookie. Each workspace has its own, by its path.
pub(crate) const COOKIE: &str = "session";

/// Somebody who is signed in to the workspace of the address.
pub(crate) struct Visitor {
    pub(crate) host: Arc<Host>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) session: Session,
    pub(crate) session_hash: Vec<u8>,
    /// Of which the marks of this session's forms are made.
    pub(crate) form_key: Vec<u8>,
    workspace_name: String,
}

impl Visitor {
    /// Paths of the workspace begin so.
    pub(crate) fn root(&self) -> String {
        format!("/w/{}", self.desk.id)
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
            demo: self.host.options.demo,
        })
    }
}

impl FromRequestParts<WebState> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let host = &web.host;
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
        let session = host
            .db
            .session(&session_hash, host.now_ms())?
            // A session of another workspace is none here, and a workspace that is not there is one that
            // one is not signed in to: nobody learns which there are.
            .filter(|session| session.workspace == workspace)
            .ok_or_else(Failure::not_signed_in)?;
        let record = host.db.workspace(&workspace)?;
        let record = record.ok_or_else(Failure::not_signed_in)?;
        Ok(Self {
            desk: host.desk(&workspace),
            host: Arc::clone(host),
            session,
            session_hash,
            form_key: token::key(cookie.value(), "forms"),
            workspace_name: record.name,
        })
    }
}

/// A visitor who is an administrator.
pub(crate) struct Administrator(pub(crate) Visitor);

impl FromRequestParts<WebState> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let visitor = Visitor::from_request_parts(parts, web).await?;
        match visitor.session.role {
            Role::Administrator => Ok(Self(visitor)),
            Role::Member => Err(Failure::forbidden()),
        }
    }
}
