//! The servers that the component asks, on this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::routing::{get, post};
use host_promises::addresses::{HEADER, TEXT};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The name of the secret that the document asks for.
pub const SECRET_NAME: &str = "conformance-secret";

/// Its value, which is none of anybody's.
pub const SECRET_VALUE: &str = "known-to-everybody";

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(100);

/// How long `/silence` says nothing; whoever asks has gone by then.
const SILENCE: Duration = Duration::from_secs(600);

/// A server that plays the directory, and one that no host may let the component reach. Both end when this is
/// dropped.
#[derive(Debug)]
pub struct Addresses {
    server: SocketAddr,
    forbidden: SocketAddr,
    serving: [JoinHandle<()>; 2],
}

impl Addresses {
    /// Starts both, each at a port that is free.
    ///
    /// # Errors
    ///
    /// Where this machine has none.
    pub async fn start() -> io::Result<Self> {
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (server, forbidden) = (free().await?, free().await?);
        let (at, forbidden_at) = (server.local_addr()?, forbidden.local_addr()?);
        Ok(Self {
            server: at,
            forbidden: forbidden_at,
            serving: [
                tokio::spawn(serve(server, directory(forbidden_at))),
                tokio::spawn(serve(
                    forbidden,
                    Router::new().route("/answer", get(answer)),
                )),
            ],
        })
    }

    /// The document that tells the component where they are, and which secret is given.
    pub fn document(&self) -> Value {
        let server = format!("http://{}", self.server);
        let digest = Sha256::digest(SECRET_VALUE);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "credentials": { "secret": SECRET_NAME },
            "endpoints": { "login": server, "graph": server },
            "conformance": {
                "secretSha256": digest,
                "forbidden": format!("http://{}", self.forbidden),
            },
        })
    }
}

impl Drop for Addresses {
    fn drop(&mut self) {
        for serving in &self.serving {
            serving.abort();
        }
    }
}

async fn serve(listener: TcpListener, router: Router) {
    // It goes on until it is aborted; what a connection fails with, whoever asked hears.
    let _ = axum::serve(listener, router).await;
}

fn directory(forbidden: SocketAddr) -> Router {
    let elsewhere = format!("http://{forbidden}/answer");
    Router::new()
        .route("/answer", get(answer))
        .route(
            "/echo",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .route(
            "/redirect",
            get(|| async move { (StatusCode::FOUND, [(LOCATION, elsewhere)]) }),
        )
        .route("/slow", get(|| tokio::time::sleep(SLOW)))
        .route("/silence", get(|| tokio::time::sleep(SILENCE)))
}

async fn answer() -> ([(&'static str, &'static str); 1], &'static str) {
    ([HEADER], TEXT)
}
