//! The emulated directory: `graph-emulator` in a process of its own, so that memory and processor time of this
//! process are the connector's.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the emulator accepts. It guards nothing.
const SECRET: &str = "bench-secret";

/// A running emulator; dropping it ends its process.
pub(crate) struct Directory {
    endpoints: Endpoints,
    client: NativeClient,
    _process: Process,
}

/// A process that ends with this value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

type NativeClient = Client<HttpConnector, Full<Bytes>>;

/// Reads pages and looks into none of them.
pub(crate) struct Reader {
    client: NativeClient,
    authorization: String,
}

impl Reader {
    /// Sends a batch, and reads the answer to its end.
    pub(crate) async fn batch(&self, graph: &str, body: String) -> anyhow::Result<()> {
        let request = Request::post(format!("{graph}/v1.0/$batch"))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        let (status, answer) = exchange(&self.client, request).await?;
        ensure!(status.is_success(), "the emulator answered {status}");
        ensure!(!answer.is_empty(), "the emulator answered nothing");
        Ok(())
    }

    /// Reads an answer to its end; its length in bytes.
    pub(crate) async fn read(&self, url: &str) -> anyhow::Result<u64> {
        let request = Request::get(url)
            .header("authorization", &self.authorization)
            // The pages of those whose date of creation is not known are asked of the index.
            .header("consistencylevel", "eventual")
            .body(Full::default())?;
        let response = self.client.request(request).await?;
        let status = response.status();
        ensure!(status.is_success(), "the emulator answered {status}");
        let mut body = response.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame?.data_ref().map_or(0, |data| data.len() as u64);
        }
        Ok(length)
    }
}

/// What `graph-emulator --json` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    login: String,
    graph: String,
    tenant_id: String,
    client_id: String,
}

/// Requests that the emulator has answered since its start.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counters {
    requests: u64,
    token_requests: u64,
}

#[derive(Deserialize)]
struct Overview {
    counters: Counters,
}

#[derive(Deserialize)]
struct Answered {
    method: String,
    target: String,
    inner: bool,
}

impl Directory {
    /// Starts one with so many people. `program` has the command `graph-emulator`.
    pub(crate) fn start(program: &Path, users: u64, seed: u64) -> anyhow::Result<Self> {
        let process = Command::new(program)
            .arg("graph-emulator")
            .args(["--users", &users.to_string(), "--seed", &seed.to_string()])
            .args(["--accept-secret", SECRET, "--json", "--plain-listeners"])
            .stdout(Stdio::piped())
            .spawn()
            .context("the emulator cannot be started")?;
        let mut process = Process(process);
        let endpoints =
            read_endpoints(&mut process.0).context("the emulator did not say where it listens")?;
        Ok(Self {
            endpoints,
            client: Client::builder(TokioExecutor::new()).build_http(),
            _process: process,
        })
    }

    /// The roots of its sign-in service and of its Graph.
    pub(crate) fn roots(&self) -> (String, String) {
        (self.endpoints.login.clone(), self.endpoints.graph.clone())
    }

    /// The client secret it accepts.
    pub(crate) fn secret(&self) -> &'static str {
        SECRET
    }

    /// A mapping as a company has it, nine described fields and a custom one, for this directory.
    pub(crate) fn document(&self) -> String {
        json!({
            "tenant": { "id": self.endpoints.tenant_id },
            "credentials": { "clientId": self.endpoints.client_id, "secret": "client-secret" },
            "endpoints": { "login": self.endpoints.login, "graph": self.endpoints.graph },
            "sync": {
                "direction": "one-way", "source": "entra-id", "target": "contacts",
                "preset": "mirror",
                "mapping": {
                    "givenName": "first_name", "surname": "last_name", "displayName": "display_name",
                    "mail": "email", "mobilePhone": "mobile_phone", "companyName": "company",
                    "jobTitle": "job_title", "department": "department",
                    "officeLocation": "office_location", "employeeId": "Staff number",
                },
            },
        })
        .to_string()
    }

    /// The root of its Graph.
    pub(crate) fn graph(&self) -> &str {
        &self.endpoints.graph
    }

    /// Gives the application exactly these permissions.
    pub(crate) async fn permit(&self, permissions: &[&str]) -> anyhow::Result<()> {
        let _: Value = self
            .control(Method::PUT, "/emulator/roles", Some(json!(permissions)))
            .await?;
        Ok(())
    }

    /// Requests to Graph that were answered since the start, those for a token aside.
    pub(crate) async fn graph_requests(&self) -> anyhow::Result<u64> {
        let overview: Overview = self.control(Method::GET, "/emulator", None).await?;
        Ok(overview.counters.requests - overview.counters.token_requests)
    }

    /// Gives so many people, spread over the directory, another job title.
    pub(crate) async fn edit(&self, people: u64) -> anyhow::Result<()> {
        let edits = json!({ "count": people, "changes": { "jobTitle": "Edited {number}" } });
        let _: Value = self
            .control(Method::PATCH, "/emulator/users", Some(edits))
            .await?;
        Ok(())
    }

    /// Lets any number of workspaces be told of changes, as if each had a tenant of its own.
    pub(crate) async fn tell_anybody(&self) -> anyhow::Result<()> {
        let knob = json!({ "anySubscriptions": true });
        let _: Value = self
            .control(Method::PATCH, "/emulator/behaviour", Some(knob))
            .await?;
        Ok(())
    }

    /// Gives one person another job title.
    pub(crate) async fn promote(&self, title: &str) -> anyhow::Result<()> {
        let edit = json!({ "count": 1, "changes": { "jobTitle": title } });
        let _: Value = self
            .control(Method::PATCH, "/emulator/users", Some(edit))
            .await?;
        Ok(())
    }

    /// Every page of Graph that was answered since the start, as a URL, in order.
    pub(crate) async fn urls_read(&self) -> anyhow::Result<Vec<String>> {
        let answered: Vec<Answered> = self
            .control(Method::GET, "/emulator/requests", None)
            .await?;
        Ok(answered
            .into_iter()
            .filter(|request| request.method == "GET" && !request.inner)
            // The count is no page, and needs a header of its own.
            .filter(|request| !request.target.contains("/$count"))
            .map(|request| format!("{}{}", self.endpoints.graph, request.target))
            .collect())
    }

    /// A new client with a token of its own.
    pub(crate) async fn reader(&self) -> anyhow::Result<Reader> {
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }
        let client: NativeClient = Client::builder(TokioExecutor::new()).build_http();
        let Endpoints {
            login,
            graph,
            tenant_id,
            client_id,
        } = &self.endpoints;
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={SECRET}&scope={graph}/.default"
        );
        let request = Request::post(format!("{login}/{tenant_id}/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(form))?;
        let (status, body) = exchange(&client, request).await?;
        ensure!(status.is_success(), "the emulator gave no token: {status}");
        let token: Token = serde_json::from_slice(&body).context("the token is no JSON")?;
        Ok(Reader {
            client,
            authorization: format!("Bearer {}", token.access_token),
        })
    }

    async fn control<T: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<T> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoints.graph))
            .body(Full::from(body))?;
        let (status, body) = exchange(&self.client, request).await?;
        ensure!(
            status.is_success(),
            "the emulator answered {status} to {path}"
        );
        serde_json::from_slice(&body)
            .with_context(|| format!("the emulator's answer to {path} cannot be read"))
    }
}

fn read_endpoints(process: &mut Child) -> Option<Endpoints> {
    let out = process.stdout.take()?;
    serde_json::Deserializer::from_reader(BufReader::new(out))
        .into_iter()
        .next()?
        .ok()
}

async fn exchange(
    client: &NativeClient,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    let response = client
        .request(request)
        .await
        .context("the emulator does not answer")?;
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .context("the emulator's answer broke off")?;
    Ok((status, body.to_bytes()))
}
