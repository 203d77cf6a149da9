//! Signs in, and gets pages, as a browser does.

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use server::{Role, Server};

/// Somebody who is signed in.
pub(super) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    root: String,
    cookie: String,
}

impl Browser {
    /// Comes in by a link.
    pub(super) async fn sign_in(server: &Server, workspace: &str) -> anyhow::Result<Self> {
        let invited = server
            .operator()
            .invite(workspace, "bench", Role::Administrator)?;
        let (_, code) = invited
            .link
            .split_once("code=")
            .context("the link has no code")?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let root = format!("http://{}", server.address());
        let request = Request::post(format!("{root}/sign-in"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(format!("code={code}")))?;
        let response = client.request(request).await?;
        ensure!(
            response.status() == StatusCode::SEE_OTHER,
            "not let in: {}",
            response.status()
        );
        let cookie = response.headers().get(header::SET_COOKIE);
        let cookie = cookie
            .and_then(|cookie| cookie.to_str().ok())
            .unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self {
            client,
            root,
            cookie,
        })
    }

    /// A page.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<String> {
        let request = Request::get(format!("{}{path}", self.root))
            .header(header::COOKIE, &self.cookie)
            .body(Full::default())?;
        let response = self.client.request(request).await?;
        ensure!(
            response.status() == StatusCode::OK,
            "{path}: {}",
            response.status()
        );
        let body = response.into_body().collect().await?.to_bytes();
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}
