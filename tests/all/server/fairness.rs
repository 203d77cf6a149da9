//! Tenants whose directory fails, beside tenants whose directory works: the healthy ones are done in
//! about the time that they need alone, however the others fail.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::visit::{Place, SECRET};

/// So many that a run of a healthy tenant takes long beside the few milliseconds that a failing one takes to
/// begin: those it takes from others, and no order of turns gives them back.
const PEOPLE: u32 = 10_000;

/// How many healthy and failing tenants there are: fewer than `FAIRNESS=20,300` has, for the time that it
/// takes to connect them.
fn numbers() -> (usize, usize) {
    let asked = std::env::var("FAIRNESS").unwrap_or_else(|_| "6,60".to_owned());
    let (healthy, failing) = asked.split_once(',').unwrap();
    (healthy.parse().unwrap(), failing.parse().unwrap())
}

/// What a failing tenant's secret ends with; the sign-in service does not see it.
const MARK: &str = "-failing";

/// How a directory fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// Not at all.
    None,
    Error,
    Throttled,
    /// Accepts, and says nothing.
    Silent,
    Garbage,
    /// A byte, and after a while another one.
    Drip,
    /// Closes the connection.
    Closed,
}

/// Stands before the sign-in service, and fails for the tenants that are marked.
struct Sentry {
    url: String,
    failure: watch::Sender<Failure>,
}

impl Sentry {
    async fn before(login_url: &str) -> Self {
        let upstream = login_url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let failure = watch::Sender::new(Failure::None);
        let watching = failure.subscribe();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, watching) = (upstream.clone(), watching.clone());
                tokio::spawn(async move {
                    let _ = answer(stream, &upstream, watching).await;
                });
            }
        });
        Self { url, failure }
    }
}

async fn answer(
    mut stream: TcpStream,
    upstream: &str,
    mut failure: watch::Receiver<Failure>,
) -> std::io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    let failing = *failure.borrow_and_update();
    if !body.contains(MARK) || failing == Failure::None {
        return pass_on(stream, upstream, &head, &body.replace(MARK, "")).await;
    }
    let over = failure.changed();
    match failing {
        Failure::Error => {
            let answer = "HTTP/1.1 500 Oops\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await
        }
        Failure::Throttled => {
            let answer = "HTTP/1.1 429 Slow\r\nretry-after: 5\r\ncontent-length: 2\r\n\
                          connection: close\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await
        }
        Failure::Garbage => {
            stream
                .write_all(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
                .await
        }
        Failure::Silent => {
            let _ = over.await;
            Ok(())
        }
        Failure::Drip => tokio::select! {
            _ = over => Ok(()),
            dripped = drip(&mut stream) => dripped,
        },
        Failure::Closed | Failure::None => Ok(()),
    }
}

async fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        .await?;
    loop {
        stream.write_all(b" ").await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Head and body of a request.
async fn request(stream: &mut TcpStream) -> std::io::Result<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Ok((head.to_owned(), body.to_owned()));
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

async fn pass_on(
    mut stream: TcpStream,
    upstream: &str,
    head: &str,
    body: &str,
) -> std::io::Result<()> {
    let mut lines: Vec<String> = head
        .lines()
        .filter(|line| {
            let line = line.to_ascii_lowercase();
            !line.starts_with("content-length:") && !line.starts_with("connection:")
        })
        .map(str::to_owned)
        .collect();
    lines.push(format!("content-length: {}", body.len()));
    lines.push("connection: close".to_owned());
    let mut onward = TcpStream::connect(upstream).await?;
    let text = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
    onward.write_all(text.as_bytes()).await?;
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer).await?;
    stream.write_all(&answer).await
}

async fn connect(place: &Place, id: &str, secret: &str) {
    place.add(id, "mirror");
    let document = json!({
        "tenant": { "id": place.tenant.tenant_id },
        "credentials": { "clientId": place.tenant.client_id, "secret": "client-secret" },
        "sync": { "preset": "mirror" },
    })
    .to_string();
    let secret = SecretString::from(secret.to_owned());
    let ready = place.server().connect(id, &document, &secret);
    assert!(ready.await.unwrap(), "the connection works");
}

/// From now on each run signs in, whatever the server has kept: that is where the failing ones fail.
fn forget_tokens(place: &Place) {
    place.control().revoke_access_tokens();
}

/// Starts a full sync of each.
fn start(place: &Place, name: &str, number: usize) {
    for n in 0..number {
        place.server().sync(&format!("{name}{n}"), true).unwrap();
    }
}

/// How long it takes until no healthy workspace works any more; all of them have succeeded.
async fn healthy_done(place: &Place, healthy: usize, since: Instant) -> Duration {
    let status = |n| place.server().status(&format!("healthy{n}")).unwrap();
    while (0..healthy).any(|n| status(n).running) {
        assert!(since.elapsed() < Duration::from_secs(120), "they starve");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = since.elapsed();
    assert!((0..healthy).all(|n| status(n).succeeded));
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_that_fail_do_not_keep_healthy_ones_waiting_however_they_fail() {
    let (healthy, failing) = numbers();
    let mut place = Place::with_people(PEOPLE).await;
    let sentry = Sentry::before(&place.emulator.login_url()).await;
    place.stop().await;
    place.options.endpoints.as_mut().unwrap().login = sentry.url.clone();
    place.start().await;
    for n in 0..healthy {
        connect(&place, &format!("healthy{n}"), SECRET).await;
    }
    for n in 0..failing {
        connect(&place, &format!("failing{n}"), &format!("{SECRET}{MARK}")).await;
    }
    start(&place, "healthy", healthy);
    place.server().idle().await;

    let mut told = Vec::new();
    for failure in [
        Failure::Silent,
        Failure::Error,
        Failure::Throttled,
        Failure::Garbage,
        Failure::Drip,
        Failure::Closed,
    ] {
        // Whatever else this machine does disturbs a measurement, not eight of them.
        let mut best = f64::INFINITY;
        for _ in 0..8 {
            forget_tokens(&place);
            let since = Instant::now();
            start(&place, "healthy", healthy);
            let alone = healthy_done(&place, healthy, since).await;
            sentry.failure.send_replace(failure);
            forget_tokens(&place);
            start(&place, "failing", failing);
            let since = Instant::now();
            start(&place, "healthy", healthy);
            let beside = healthy_done(&place, healthy, since).await;
            best = best.min(beside.as_secs_f64() / alone.as_secs_f64());
            told.push((failure, alone, beside));
            sentry.failure.send_replace(Failure::None);
            place.server().idle().await;
            if best <= 1.5 {
                break;
            }
        }
        println!("{:?}", told.last());
        assert!(best <= 1.5, "{failure:?}: {told:?}");
    }
}
