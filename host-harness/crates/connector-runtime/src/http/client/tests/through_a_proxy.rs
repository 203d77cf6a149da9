//! The client through a forward proxy of a few lines.

use super::*;
use crate::http::{Proxy, Trouble};
use std::sync::Mutex;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// A proxy on loopback that answers CONNECT with a head, and then leads to one server, whatever it was asked
/// for.
struct TestProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    async fn answering(head: &'static str, upstream: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => request.push(byte),
                            Err(_) => return,
                        }
                    }
                    let request = String::from_utf8(request).unwrap();
                    heard.lock().unwrap().push(request);
                    let _ = stream.write_all(head.as_bytes()).await;
                    if let Some(upstream) = upstream {
                        let mut upstream = TcpStream::connect(upstream).await.unwrap();
                        let _ = copy_bidirectional(&mut stream, &mut upstream).await;
                    }
                });
            }
        });
        Self { address, asked }
    }

    fn proxy(&self) -> Proxy {
        Proxy::new(&format!("http://{}", self.address)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn through(proxy: Proxy) -> HttpOptions {
    HttpOptions {
        proxy: Some(proxy),
        ..HttpOptions::default()
    }
}

const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn requests_go_through_the_tunnel_and_share_it() {
    let server = Server::replying(OK).await;
    let proxy = TestProxy::answering(ESTABLISHED, Some(server.address)).await;
    let access = server.access(&through(proxy.proxy()));
    for _ in 0..3 {
        assert_eq!(fetch(&access, server.request()).await.unwrap(), "ok");
    }
    let target = server.address;
    assert_eq!(
        proxy.asked(),
        [format!(
            "CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n"
        )]
    );
    assert_eq!(access.trouble(), None);
}

#[tokio::test]
async fn a_name_that_this_machine_resolves_is_asked_for_by_its_judged_address() {
    let server = Server::replying(OK).await;
    let port = server.address.port();
    let policy = HttpPolicy::default()
        .with_loopback(&format!("localhost:{port}"))
        .unwrap();
    let url = format!("http://localhost:{port}/");

    let proxy = TestProxy::answering(ESTABLISHED, Some(server.address)).await;
    let access = HttpAccess::new(policy.clone(), &through(proxy.proxy())).unwrap();
    assert_eq!(fetch(&access, get(&url)).await.unwrap(), "ok");
    assert!(
        proxy.asked()[0].starts_with(&format!("CONNECT 127.0.0.1:{port} ")),
        "{:?}",
        proxy.asked()
    );

    let proxy = TestProxy::answering(ESTABLISHED, Some(server.address)).await;
    let access = HttpAccess::new(policy, &through(proxy.proxy().by_name(true))).unwrap();
    assert_eq!(fetch(&access, get(&url)).await.unwrap(), "ok");
    assert!(
        proxy.asked()[0].starts_with(&format!("CONNECT localhost:{port} ")),
        "{:?}",
        proxy.asked()
    );
}

#[tokio::test]
async fn a_name_that_this_machine_does_not_know_is_asked_for_by_name() {
    let proxy = TestProxy::answering("HTTP/1.1 502 Bad Gateway\r\n\r\n", None).await;
    let policy = HttpPolicy::new(["graph.invalid"]).unwrap();
    let access = HttpAccess::new(policy, &through(proxy.proxy())).unwrap();
    assert!(fetch(&access, get("https://graph.invalid/")).await.is_err());
    assert!(
        proxy.asked()[0].starts_with("CONNECT graph.invalid:443 "),
        "{:?}",
        proxy.asked()
    );
}

#[tokio::test]
async fn what_the_policy_prohibits_the_proxy_is_not_asked_for() {
    let proxy = TestProxy::answering(ESTABLISHED, None).await;
    // It resolves to this machine, and was not named as a loopback address.
    let policy = HttpPolicy::new(["localhost"]).unwrap();
    let access = HttpAccess::new(policy, &through(proxy.proxy())).unwrap();
    let error = fetch(&access, get("https://localhost/")).await.unwrap_err();
    assert!(matches!(error, Error::DestinationIpProhibited), "{error}");
    assert!(proxy.asked().is_empty());
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_with_its_cause() {
    for (head, words) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
            "--proxy-credentials",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "does not let"),
        (
            "HTTP/1.0 503 Service Unavailable\r\n\r\n",
            "could not reach",
        ),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "(400)"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "no proxy"),
        ("", "no proxy"),
    ] {
        let server = Server::replying(OK).await;
        let proxy = TestProxy::answering(head, None).await;
        let access = server.access(&through(proxy.proxy()));
        let error = fetch(&access, server.request()).await.unwrap_err();
        assert!(
            matches!(error, Error::DestinationUnavailable),
            "{head}: {error}"
        );
        let Some(Trouble::Proxy(told)) = access.trouble() else {
            panic!("{head}: {:?}", access.trouble());
        };
        assert!(
            told.contains(words) && told.contains(&proxy.address.to_string()),
            "{told}"
        );
        assert_eq!(server.connections.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn credentials_are_given_to_the_proxy_alone() {
    let server = Server::replying(OK).await;
    let proxy = TestProxy::answering(ESTABLISHED, Some(server.address)).await;
    let signed_in = proxy.proxy().with_credentials("me:hunter2").unwrap();
    let access = server.access(&through(signed_in));
    assert_eq!(fetch(&access, server.request()).await.unwrap(), "ok");
    assert!(proxy.asked()[0].contains("proxy-authorization: Basic bWU6aHVudGVyMg==\r\n"));

    let proxy = TestProxy::answering("HTTP/1.1 407 No\r\n\r\n", None).await;
    let signed_in = proxy.proxy().with_credentials("me:hunter2").unwrap();
    let access = server.access(&through(signed_in));
    fetch(&access, server.request()).await.unwrap_err();
    let told = format!("{:?}", access.trouble());
    assert!(told.contains("does not accept the credentials"), "{told}");
    assert!(
        !told.contains("hunter2") && !told.contains("bWU6"),
        "{told}"
    );
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_by_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = Server::replying(OK).await;
    let proxy = Proxy::new(&format!("http://{address}")).unwrap();
    let access = server.access(&through(proxy));
    fetch(&access, server.request()).await.unwrap_err();
    let told = format!("{:?}", access.trouble());
    assert!(
        told.contains("cannot be reached") && told.contains(&address.to_string()),
        "{told}"
    );
}
