//! The way out, from inside the component.

use super::{limited, plan, told, workspace};
use host_harness::runtime::{CallError, HttpAccess, HttpOptions, HttpPolicy, Limits, Workspace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one request, and says where.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let _ = stream.read(&mut request).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
            .await
            .unwrap();
    });
    address.to_string()
}

#[tokio::test]
async fn a_named_host_is_reached_and_counted() {
    let authority = server().await;
    let policy = HttpPolicy::default().with_loopback(&authority).unwrap();
    let http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    let answer = plan(
        &Workspace {
            http,
            ..workspace()
        },
        &format!("http http://{authority}/"),
    )
    .await;
    assert_eq!(answer.result.as_deref(), Ok("200, 5 bytes"));
    assert_eq!(answer.stats.http_requests, 1);
}

#[tokio::test]
async fn a_host_that_is_not_named_is_denied_with_and_without_a_body() {
    let authority = server().await;
    let policy = HttpPolicy::new(["graph.microsoft.com"]).unwrap();
    let http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    let workspace = Workspace {
        http,
        ..workspace()
    };
    for request in ["http", "post"] {
        let message = told(&workspace, &format!("{request} http://{authority}/")).await;
        assert!(message.contains("HttpRequestDenied"), "{message}");
        let message = told(&workspace, &format!("{request} https://evil.test/")).await;
        assert!(message.contains("HttpRequestDenied"), "{message}");
    }
}

#[tokio::test]
async fn a_workspace_without_network_denies_every_request() {
    let answer = plan(&workspace(), "http https://graph.microsoft.com/").await;
    assert!(matches!(answer.result, Err(CallError::Guest { .. })));
    assert_eq!(
        (
            answer.stats.http_requests,
            answer.stats.refused_http_requests
        ),
        (0, 1)
    );
}

#[tokio::test]
async fn too_long_a_response_is_an_error_the_component_can_handle() {
    let authority = server().await;
    let policy = HttpPolicy::default().with_loopback(&authority).unwrap();
    let http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
    let limits = Limits {
        response_bytes: 4,
        ..Limits::default()
    };
    let workspace = Workspace {
        http,
        ..limited(limits)
    };
    let message = told(&workspace, &format!("http http://{authority}/")).await;
    assert!(
        message.contains("body size exceeds limit: 4 bytes"),
        "{message}"
    );
}
