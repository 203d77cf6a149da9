//! A listener of notifications on this machine, which answers as a test says.

use std::sync::Mutex;

use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::*;
use emulated_http::Query;

/// What a listener does when it is asked, or told.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// Says back what it is asked, and takes what it is told.
    Right,
    /// Answers so, whatever it is asked.
    Says(&'static str),
    /// Answers this status to everything.
    Status(StatusCode),
    /// Answers 503 so often to what it is told, and then takes it.
    Fails(usize),
    /// Does not answer.
    Silent,
}

#[derive(Default)]
struct Heard {
    asked: Vec<String>,
    told: Vec<Value>,
}

pub(super) struct Listener {
    pub(super) url: String,
    heard: Arc<Mutex<Heard>>,
    told: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    pub(super) async fn start(manner: Manner) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?for=contoso", socket.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (count, told) = watch::channel(0);
        let count = Arc::new(count);
        let kept = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (heard, count) = (Arc::clone(&kept), Arc::clone(&count));
                let service = service_fn(move |request| {
                    answer(request, manner, Arc::clone(&heard), Arc::clone(&count))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self {
            url,
            heard,
            told,
            task,
        }
    }

    /// The questions, as they were sent.
    pub(super) fn asked(&self) -> Vec<String> {
        self.heard.lock().unwrap().asked.clone()
    }

    /// What it was told, once that is so many requests.
    pub(super) async fn told(&self, requests: usize) -> Vec<Value> {
        let mut told = self.told.clone();
        let waited = told.wait_for(|known| *known >= requests);
        tokio::time::timeout(Duration::from_secs(20), waited)
            .await
            .expect("notifications in time")
            .unwrap();
        self.heard.lock().unwrap().told.clone()
    }
}

async fn answer(
    request: http::Request<Incoming>,
    manner: Manner,
    heard: Arc<Mutex<Heard>>,
    count: Arc<watch::Sender<usize>>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let target = request.uri().path_and_query().unwrap().to_string();
    let query = request.uri().query().unwrap_or_default().to_owned();
    assert_eq!(request.method(), Method::POST);
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let token = Query::parse(&query)
        .get("validationtoken")
        .map(str::to_owned);
    let answer = |status: StatusCode, said: String| {
        Ok(Response::builder()
            .status(status)
            .header("content-type", "text/plain; charset=utf-8")
            .body(Full::from(said))
            .unwrap())
    };
    if matches!(manner, Manner::Silent) {
        std::future::pending::<()>().await;
    }
    if let Manner::Status(status) = manner {
        return answer(status, String::new());
    }
    if let Some(token) = token {
        assert!(body.is_empty(), "the question has no body");
        heard.lock().unwrap().asked.push(target);
        return match manner {
            Manner::Says(said) => answer(StatusCode::OK, said.to_owned()),
            _ => answer(StatusCode::OK, token),
        };
    }
    let told = {
        let mut heard = heard.lock().unwrap();
        heard.told.push(serde_json::from_slice(&body).unwrap());
        heard.told.len()
    };
    count.send_replace(told);
    match manner {
        Manner::Fails(times) if told <= times => {
            answer(StatusCode::SERVICE_UNAVAILABLE, String::new())
        }
        _ => answer(StatusCode::ACCEPTED, String::new()),
    }
}
