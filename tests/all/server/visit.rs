//! A server with a directory of its own, and somebody who visits its pages as a browser does: with a
//! cookie, and with forms that were taken from a page.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use host_harness::component::{component_bytes, destination_bytes};
use host_harness::graph_emulator::{
    Control, DirectorySource, Emulator, EmulatorOptions, TenantOptions,
};
use host_harness::runtime::WallClock;
use host_harness::schedule::Tier;
use host_harness::server::{Endpoints, KeySource, Role, Server, ServerOptions};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::world::people;

/// The client secret of every test here; whoever finds it anywhere has found a leak.
pub const SECRET: &str = "Xq8Q~client-secret-of-the-tests~7b";

/// A clock that stands until it is set.
pub struct SetClock(AtomicU64);

impl SetClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
    }

    pub fn set_back(&self, by: Duration) {
        self.0.fetch_sub(by.as_millis() as u64, Ordering::Relaxed);
    }
}

impl WallClock for SetClock {
    fn since_epoch(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A server, the directory that its workspaces are connected with, and its folder.
pub struct Place {
    pub emulator: Emulator,
    pub tenant: TenantOptions,
    pub clock: Arc<SetClock>,
    pub data: TempDir,
    pub options: ServerOptions,
    server: Option<Server>,
}

impl Place {
    /// A server without workspaces, and a directory with so many people.
    pub async fn with_people(count: u32) -> Self {
        Self::with(DirectorySource::Users(people(count)), |tenant| tenant).await
    }

    /// A server without workspaces, and a directory of one's own.
    pub async fn with(
        directory: DirectorySource,
        tenant: impl FnOnce(TenantOptions) -> TenantOptions,
    ) -> Self {
        Self::of(directory, tenant, false).await
    }

    /// The same, where the directory tells the server of changes.
    pub async fn told_of_changes(count: u32) -> Self {
        Self::of(DirectorySource::Users(people(count)), |tenant| tenant, true).await
    }

    async fn of(
        directory: DirectorySource,
        tenant: impl FnOnce(TenantOptions) -> TenantOptions,
        notifications: bool,
    ) -> Self {
        let tenant = tenant(TenantOptions {
            client_secret: SECRET.to_owned(),
            ..TenantOptions::default()
        });
        let emulator = Emulator::start(EmulatorOptions {
            tenant: tenant.clone(),
            directory,
            plain_listeners: true,
            ..EmulatorOptions::default()
        })
        .await
        .unwrap();
        let data = tempfile::tempdir().unwrap();
        // 2026-11-21T08:00:00Z.
        let clock = Arc::new(SetClock(AtomicU64::new(1_795_248_000_000)));
        let options = ServerOptions {
            component: Bytes::from_static(component_bytes()),
            destinations: vec![(
                "messagemedia".to_owned(),
                Bytes::from_static(destination_bytes("messagemedia").unwrap()),
            )],
            data: data.path().join("server"),
            keys: KeySource::File(data.path().join("vault.key")),
            compiled: Some(compiled()),
            parallel: 2,
            endpoints: Some(Endpoints {
                login: emulator.login_url(),
                graph: emulator.graph_url(),
            }),
            public_url: String::new(),
            application: None,
            notifications,
            demo: false,
            ca_file: None,
            proxy: None,
            clock: clock.clone(),
        };
        let mut place = Self {
            emulator,
            tenant,
            clock,
            data,
            options,
            server: None,
        };
        place.start().await;
        place
    }

    /// Starts the server, which does not run.
    pub async fn start(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.options.public_url = format!("http://{}", listener.local_addr().unwrap());
        let redirect = format!("{}/consent", self.options.public_url);
        self.emulator.control().register_redirect_uri(redirect);
        self.server = Some(Server::start(listener, self.options.clone()).await.unwrap());
    }

    /// Ends the server in peace.
    pub async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    /// Starts the server anew, with a directory whose certificate nobody here trusts. It is there while
    /// what is returned is kept.
    pub async fn behind_a_certificate_of_its_own(&mut self) -> Emulator {
        let gateway = Emulator::start(EmulatorOptions {
            tenant: self.tenant.clone(),
            tls: true,
            ..EmulatorOptions::default()
        })
        .await
        .unwrap();
        self.stop().await;
        self.options.endpoints = Some(Endpoints {
            login: gateway.login_url(),
            graph: gateway.graph_url(),
        });
        self.start().await;
        gateway
    }

    /// Tenant and client id of the directory's application.
    pub fn application(&self) -> (&str, &str) {
        (&self.tenant.tenant_id, &self.tenant.client_id)
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn control(&self) -> &Control {
        self.emulator.control()
    }

    /// The server's folder.
    pub fn folder(&self) -> &Path {
        &self.options.data
    }

    /// Makes a workspace.
    pub fn add(&self, id: &str, preset: &str) {
        let operator = self.server().operator();
        let made = operator.add_workspace(id, "Acme", Tier::Standard, "UTC", preset);
        assert!(made.unwrap());
    }

    /// Makes a workspace, connects it and syncs it once.
    pub async fn connected(&self, id: &str, sync: Value) {
        self.add(id, "mirror");
        self.connect(id, sync).await;
        self.sync(id, false).await;
    }

    /// Connects a workspace.
    pub async fn connect(&self, id: &str, sync: Value) {
        let document = json!({
            "tenant": { "id": self.tenant.tenant_id },
            "credentials": { "clientId": self.tenant.client_id, "secret": "client-secret" },
            "sync": sync,
        });
        let secret = SecretString::from(SECRET);
        let ready = self
            .server()
            .connect(id, &document.to_string(), &secret)
            .await;
        assert!(ready.unwrap(), "the connection works");
    }

    /// Syncs, and waits for the end.
    pub async fn sync(&self, id: &str, full: bool) {
        self.server().sync(id, full).unwrap();
        self.server().idle().await;
    }

    /// Approves what the review shows, with the number of deletions that it names, and waits for the end:
    /// what puts settings into force that wait for it.
    pub async fn approve_review(&self, visit: &mut Visit) {
        let begun = visit.post_api("/plan", json!({})).await;
        // Saving may have begun it already.
        assert!(
            begun.status == StatusCode::ACCEPTED || begun.status == StatusCode::CONFLICT,
            "{}",
            begun.body
        );
        self.server().idle().await;
        let review = visit.api("/review").await;
        let approval = json!({
            "approve": review["digest"],
            "deletions": review["removals"]["deleted"],
        });
        let answer = visit.post_api("/sync", approval).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        self.server().idle().await;
    }

    /// Lets somebody in.
    pub async fn visit(&self, workspace: &str, who: &str, role: Role) -> Visit {
        let operator = self.server().operator();
        let link = operator.invite(workspace, who, role).unwrap().link;
        let (_, code) = link.split_once("code=").unwrap();
        let mut visit = Visit::stranger(&self.options.public_url);
        let answer = visit.send("/sign-in", &[("code", code)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        visit.root = format!("/w/{workspace}");
        visit
    }

    pub async fn administrator(&self, workspace: &str) -> Visit {
        self.visit(workspace, "Ada", Role::Administrator).await
    }
}

/// Compiled once for all servers of the tests, in a folder that is nobody else's.
fn compiled() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compiled-for-servers")
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of the first hidden field of that name.
    pub fn field(&self, name: &str) -> String {
        let begin = format!("name=\"{name}\" value=\"");
        let (_, rest) = self
            .body
            .split_once(&begin)
            .unwrap_or_else(|| panic!("no field {name} in\n{}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// Somebody with a browser.
pub struct Visit {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
    /// Of the workspace, once they are signed in.
    pub root: String,
    pub cookie: Option<String>,
}

impl Visit {
    /// Somebody who is not signed in.
    pub fn stranger(origin: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            origin: origin.to_owned(),
            root: String::new(),
            cookie: None,
        }
    }

    async fn ask(&mut self, request: http::request::Builder, body: String) -> Answer {
        let mut request = request;
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Full::from(body)).unwrap();
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Posts anything to an address of the server, or to a whole one, as a program does.
    pub async fn post_anything(&mut self, path: &str, body: Vec<u8>) -> Answer {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        };
        let request = Request::post(address).body(Full::from(body)).unwrap();
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Gets any address of the server, or a whole one.
    pub async fn fetch(&mut self, path: &str) -> Answer {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        };
        self.ask(Request::get(address), String::new()).await
    }

    /// Opens something that goes on being told.
    pub async fn listen(
        &self,
        path: &str,
    ) -> impl BodyExt<Data = Bytes, Error: std::fmt::Debug> + Unpin + use<> {
        let request = Request::get(format!("{}{}{path}", self.origin, self.root))
            .header(header::COOKIE, self.cookie.as_deref().unwrap_or_default())
            .body(Full::default())
            .unwrap();
        let response = self.client.request(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    }

    /// Gets a page of the workspace.
    pub async fn get(&mut self, path: &str) -> Answer {
        let path = format!("{}{path}", self.root);
        self.fetch(&path).await
    }

    /// Gets JSON of the workspace's API, which must be there.
    pub async fn api(&mut self, path: &str) -> Value {
        let answer = self.get(&format!("/api{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// Posts these fields to an address of the server.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = Request::post(format!("{}{path}", self.origin))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, body.join("&")).await
    }

    /// Opens a page of the workspace and posts a form from there, with what forms carry.
    pub async fn post(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).await;
        self.post_from(&page, path, fields).await
    }

    /// Posts a form from a page that was opened before.
    pub async fn post_from(
        &mut self,
        page: &Answer,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let (csrf, submission) = (page.field("csrf"), page.field("submission"));
        let mut all = vec![("csrf", csrf.as_str()), ("submission", submission.as_str())];
        all.extend_from_slice(fields);
        let path = format!("{}{path}", self.root);
        self.send(&path, &all).await
    }

    /// Posts the first step of the set-up, from a page that was opened before: saves and tests the
    /// connection with the secret of these tests, but for what is otherwise.
    pub async fn connect_from(
        &mut self,
        page: &Answer,
        (tenant, client): (&str, &str),
        otherwise: &[(&str, &str)],
    ) -> Answer {
        let version = page.field("version");
        let mut fields = otherwise.to_vec();
        for usual in [
            ("version", version.as_str()),
            ("tenant", tenant),
            ("client_id", client),
            ("cloud", "global"),
            ("secret", SECRET),
            ("secret_expires", ""),
            ("action", "save"),
        ] {
            if otherwise.iter().all(|(name, _)| *name != usual.0) {
                fields.push(usual);
            }
        }
        self.post_from(page, "/setup/connect", &fields).await
    }

    /// Posts JSON to the workspace's API, with the token that keeps other sites out.
    pub async fn post_api(&mut self, path: &str, body: Value) -> Answer {
        let token = self.api("/session").await["csrfToken"].clone();
        let body = body.to_string();
        self.ask_api(Method::POST, path, token.as_str(), &body)
            .await
    }

    /// Puts JSON there.
    pub async fn put_api(&mut self, path: &str, body: &Value) -> Answer {
        let token = self.api("/session").await["csrfToken"].clone();
        let body = body.to_string();
        self.ask_api(Method::PUT, path, token.as_str(), &body).await
    }

    /// Sends anything there, with any token or none.
    pub async fn ask_api(
        &mut self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{}/api{path}", self.origin, self.root))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header("x-csrf-token", token);
        }
        self.ask(request, body.to_owned()).await
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
