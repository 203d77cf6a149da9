//! The client against servers of a few lines, on loopback.

use super::*;
use crate::http::ExchangeError;
use bytes::Bytes;
use http_body_util::Empty;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every request head on every connection with `reply`; `hold` keeps the connection open
/// and silent afterwards.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn replying(reply: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while let Ok(byte) = stream.read_u8().await {
                        head.push(byte);
                        if head.ends_with(b"\r\n\r\n") {
                            head.clear();
                            if stream.write_all(reply.as_bytes()).await.is_err() {
                                break;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            connections,
        }
    }

    fn access(&self, options: &HttpOptions) -> HttpAccess {
        let policy = HttpPolicy::default()
            .with_loopback(&self.address.to_string())
            .unwrap();
        HttpAccess::new(policy, options).unwrap()
    }

    fn request(&self) -> Request<WasiBody> {
        get(&format!("http://{}/", self.address))
    }
}

fn get(url: &str) -> Request<WasiBody> {
    let body = Empty::<Bytes>::new().map_err(Into::into).boxed_unsync();
    Request::get(url).body(body).unwrap()
}

fn options(timeouts: HttpTimeouts) -> HttpOptions {
    HttpOptions {
        timeouts,
        ..HttpOptions::default()
    }
}

fn short() -> Duration {
    Duration::from_millis(50)
}

const LIMIT: u64 = 5;

mod through_a_proxy;

async fn fetch(access: &HttpAccess, request: Request<WasiBody>) -> Result<Bytes, Error> {
    let response = access.clone().send(request, None, LIMIT).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let access = server.access(&HttpOptions::default());
    for _ in 0..20 {
        assert_eq!(fetch(&access, server.request()).await.unwrap(), "ok");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn another_workspace_has_the_same_connections_and_exchanges_of_its_own() {
    let server = Server::replying("HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n{}").await;
    let one = server.access(&options(HttpTimeouts::default()));
    let other = one.for_another();
    fetch(&one, server.request()).await.unwrap();
    assert!(one.is_failing());
    assert!(!other.is_failing(), "nothing of its own has failed");
    fetch(&other, server.request()).await.unwrap();
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_body_at_the_limit_arrives_and_one_beyond_it_is_an_error() {
    let full = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345").await;
    let over = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n123456").await;
    let access = full.access(&HttpOptions::default());
    assert_eq!(fetch(&access, full.request()).await.unwrap(), "12345");
    let access = over.access(&HttpOptions::default());
    let error = fetch(&access, over.request()).await.unwrap_err();
    assert!(
        matches!(error, Error::HttpResponseBodySize(Some(LIMIT))),
        "{error}"
    );
}

#[tokio::test]
async fn a_request_of_the_hosts_own_passes_the_same_doors() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345").await;
    let access = server.access(&HttpOptions::default());
    let own = |url: &str| Request::get(url).body(Bytes::new()).unwrap();
    let url = format!("http://{}/", server.address);
    let answer = access.exchange(own(&url), LIMIT).await.unwrap();
    assert_eq!(answer.body(), "12345");
    let longer = access.exchange(own(&url), LIMIT - 1).await;
    assert!(
        matches!(longer, Err(ExchangeError::Unanswered(_))),
        "{longer:?}"
    );
    let denied = access.exchange(own("https://evil.test/"), LIMIT).await;
    assert!(
        matches!(denied, Err(ExchangeError::Denied(_))),
        "{denied:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let server = Server::replying(
        "HTTP/1.1 302 Found\r\nlocation: https://evil.test/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let access = server.access(&HttpOptions::default());
    let response = access.send(server.request(), None, LIMIT).await.unwrap();
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::replying("").await;
    let timeouts = HttpTimeouts {
        connect: short(),
        first_byte: short(),
        ..Default::default()
    };
    let error = fetch(&server.access(&options(timeouts)), server.request())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::HttpResponseTimeout), "{error}");
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12").await;
    let timeouts = HttpTimeouts {
        between_bytes: short(),
        ..Default::default()
    };
    let error = fetch(&server.access(&options(timeouts)), server.request())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error}");
}

#[test]
fn a_component_may_ask_for_less_patience_and_not_for_more() {
    let asked = RequestOptions {
        connect_timeout: Some(Duration::from_secs(1)),
        first_byte_timeout: Some(Duration::from_secs(600)),
        between_bytes_timeout: None,
    };
    let limits = HttpTimeouts::default();
    assert_eq!(
        limits.at_most(Some(asked)),
        HttpTimeouts {
            connect: Duration::from_secs(1),
            ..limits
        }
    );
}

#[tokio::test]
async fn what_is_no_http_is_a_protocol_error() {
    let server = Server::replying("220 smtp.test ready\r\n\r\n").await;
    let access = server.access(&HttpOptions::default());
    let error = fetch(&access, server.request()).await.unwrap_err();
    assert!(matches!(error, Error::HttpProtocolError), "{error}");
}

#[tokio::test]
async fn a_service_fails_as_long_as_its_answers_say_not_now_or_do_not_come() {
    let answers = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n", true),
        ("no HTTP\r\n\r\n", true),
    ];
    for (answer, fails) in answers {
        let server = Server::replying(answer).await;
        let access = server.access(&options(HttpTimeouts::default()));
        assert!(!access.is_failing(), "nothing was asked yet");
        let _ = fetch(&access, server.request()).await;
        assert_eq!(access.is_failing(), fails, "{answer}");
        assert_eq!(access.clone().is_failing(), fails, "clones share it");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_refused_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let policy = HttpPolicy::default()
        .with_loopback(&address.to_string())
        .unwrap();
    let access = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    let error = fetch(&access, get(&format!("http://{address}/")))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ConnectionRefused), "{error}");
}

#[tokio::test]
async fn an_allowed_name_that_resolves_to_this_machine_is_prohibited() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let entry = format!("localhost:{}", server.address.port());
    let policy = HttpPolicy::new([&entry]).unwrap();
    let access = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    let error = fetch(&access, get(&format!("https://{entry}/")))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::DestinationIpProhibited), "{error}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn requests_beyond_those_in_flight_wait_and_are_given_up() {
    let server = Server::replying("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12").await;
    let timeouts = HttpTimeouts {
        connect: short(),
        ..Default::default()
    };
    let access = server.access(&HttpOptions {
        requests_in_flight: 1,
        ..options(timeouts)
    });
    let unread = access
        .clone()
        .send(server.request(), None, LIMIT)
        .await
        .unwrap();
    let error = fetch(&access, server.request()).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionLimitReached), "{error}");
    drop(unread);
    access.send(server.request(), None, LIMIT).await.unwrap();
}

mod tls {
    use super::*;
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use std::io::Write;
    use tokio_rustls::TlsAcceptor;

    /// A TLS server for `localhost` with a certificate of its own making, and that certificate.
    async fn server() -> (SocketAddr, tempfile::NamedTempFile) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut pem = tempfile::NamedTempFile::new().unwrap();
        pem.write_all(made.cert.pem().as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                let _ = stream.write_all(reply).await;
                let _ = stream.flush().await;
            }
        });
        (address, pem)
    }

    fn access(address: SocketAddr, extra_certificates: Option<&Path>) -> (HttpAccess, String) {
        let entry = format!("localhost:{}", address.port());
        let policy = HttpPolicy::default().with_loopback(&entry).unwrap();
        let options = HttpOptions {
            extra_certificates: extra_certificates.map(Path::to_owned),
            ..HttpOptions::default()
        };
        (
            HttpAccess::new(policy, &options).unwrap(),
            format!("https://{entry}/"),
        )
    }

    #[tokio::test]
    async fn an_unknown_certificate_is_refused() {
        let (address, _) = server().await;
        let (access, url) = access(address, None);
        let error = fetch(&access, get(&url)).await.unwrap_err();
        assert!(matches!(error, Error::TlsCertificateError), "{error}");
    }

    #[tokio::test]
    async fn an_extra_certificate_is_trusted() {
        let (address, pem) = server().await;
        let (access, url) = access(address, Some(pem.path()));
        assert_eq!(fetch(&access, get(&url)).await.unwrap(), "ok");
    }

    #[test]
    fn a_file_without_certificates_is_an_error_that_names_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let options = HttpOptions {
            extra_certificates: Some(file.path().to_owned()),
            ..HttpOptions::default()
        };
        let error = HttpAccess::new(HttpPolicy::default(), &options)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&file.path().display().to_string()),
            "{error}"
        );
    }
}
