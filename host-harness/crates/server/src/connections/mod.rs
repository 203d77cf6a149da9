//! The connections of the web server: how many there are, and how long each may take for what.
//!
//! A connection is a file of the process, and whoever has opened one need not say anything. So there are
//! fewer of them than the process may have files; one that has nothing to do makes room for one that comes;
//! and each step has its time: the head of a request, its body, the reading of the answer.

mod body;
mod limiter;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tower_service::Service as _;

use self::body::{GuardedBody, TimedBody};
use self::limiter::{ConnectionLimiter, ConnectionPermit};

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// For the head of a request, and for the next request on a connection. 15 s.
    head: Duration,
    /// For the body of a request, from its first byte to its last. 30 s.
    body: Duration,
    /// For the client to take a piece of the answer. 30 s.
    taking: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            body: Duration::from_secs(30),
            taking: Duration::from_secs(30),
        }
    }
}

/// What of a request is in memory before it is handled, in bytes; a longer head is refused.
const BUFFER: usize = 64 << 10;

/// The most connections, however many files the process may have.
const MAX_CONNECTIONS: u64 = 4_096;

/// Between two tries to accept, where that fails: the system is out of something.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How many connections there may be where the process may have so many files: a quarter.
pub(super) fn max_connections(open_files: u64) -> usize {
    usize::try_from((open_files / 4).clamp(16, MAX_CONNECTIONS)).unwrap_or(usize::MAX)
}

/// Answers connections until the server ends, and then those requests that have begun.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    connections: usize,
    times: Times,
    closing: watch::Receiver<bool>,
) {
    let connections = ConnectionLimiter::at_most(connections);
    let mut ending = closing.clone();
    let mut pause = PAUSE;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|closing| *closing) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                pause = PAUSE;
                // None is admitted where all the others are being answered.
                if let Some(permit) = connections.try_admit() {
                    let router = router.clone();
                    let conversation =
                        converse(stream, peer, router, permit, times, closing.clone());
                    tokio::spawn(conversation);
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, again_in = ?pause, "accept failed");
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }
    drop(listener);
    connections.drained().await;
}

/// The client went away before it was accepted.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

/// Answers the requests of one connection.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    permit: ConnectionPermit,
    times: Times,
    mut closing: watch::Receiver<bool>,
) {
    // Without this, small answers wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(times.taking));
    let permit = Arc::new(permit);
    let requests = Arc::clone(&permit);
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = requests.begin_request();
        let mut request = request.map(|body| Body::new(TimedBody::within(body, times.body)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.clone();
        async move {
            let answer: Response<Body> = router.call(request).await?;
            Ok::<_, std::convert::Infallible>(answer.map(|body| GuardedBody::new(body, busy)))
        }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut conversation = pin!(conversation);
    let mut is_ending = false;
    loop {
        tokio::select! {
            ended = conversation.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = permit.evicted() => return,
            _ = closing.wait_for(|closing| *closing), if !is_ending => {
                is_ending = true;
                conversation.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn door(
        connections: usize,
    ) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", get(async || "here"))
            .route("/echo", post(async |body: String| body))
            .route(
                "/slow",
                get(async || {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    "at last"
                }),
            );
        let closing = watch::Sender::new(false);
        let times = Times {
            head: Duration::from_millis(500),
            body: Duration::from_millis(500),
            taking: Duration::from_millis(500),
        };
        let closed = closing.subscribe();
        let serving = tokio::spawn(serve(listener, router, connections, times, closed));
        (address, closing, serving)
    }

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    #[tokio::test]
    async fn who_says_nothing_makes_room_for_who_comes_and_who_is_answered_stays() {
        let (address, _closing, _serving) = door(4).await;
        let slow = tokio::spawn(async move { ask(address, "/slow").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(ask(address, "/").await.ends_with("here"));
        assert!(slow.await.unwrap().ends_with("at last"));
    }

    #[tokio::test]
    async fn where_everybody_is_being_answered_nobody_else_is_let_in() {
        let (address, _closing, _serving) = door(1).await;
        let slow = tokio::spawn(async move { ask(address, "/slow").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(ask(address, "/").await, "");
        assert!(slow.await.unwrap().ends_with("at last"));
        assert!(ask(address, "/").await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_head_a_body_and_the_next_request_have_their_time() {
        let (address, _closing, _serving) = door(8).await;
        let begun = [
            "",
            "GET / HT",
            "POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\nfive!",
            "GET / HTTP/1.1\r\nhost: here\r\n\r\n",
        ];
        for text in begun {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let long = Duration::from_secs(5);
            let ended = tokio::time::timeout(long, stream.read_to_end(&mut answer));
            assert!(ended.await.is_ok(), "{text}: it is still there");
        }
    }

    #[tokio::test]
    async fn the_end_waits_for_requests_that_have_begun_and_for_nobody_else() {
        let (address, closing, serving) = door(8).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let slow = tokio::spawn(async move { ask(address, "/slow").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        closing.send_replace(true);
        let ended = tokio::time::timeout(Duration::from_secs(5), serving).await;
        assert!(ended.is_ok(), "it has not ended");
        assert!(slow.await.unwrap().ends_with("at last"));
    }

    #[test]
    fn there_are_fewer_connections_than_files() {
        assert_eq!(max_connections(1_024), 256);
        assert_eq!(max_connections(0), 16);
        assert_eq!(max_connections(1 << 20), 4_096);
    }
}
