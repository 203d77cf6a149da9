use std::io::Write;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::net::TcpStream;

use super::*;
use crate::{Emulator, EmulatorError, Fault};

async fn send<S>(stream: S, host: &str, target: &str) -> Result<(u16, Value), hyper::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = http::Request::get(target)
        .header("host", host)
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

async fn get(emulator: &Emulator, target: &str) -> Result<(u16, Value), hyper::Error> {
    let url = emulator.graph_url();
    let authority = url.split_once("://").unwrap().1.to_owned();
    let stream = TcpStream::connect(&authority).await.unwrap();
    send(stream, &authority, target).await
}

async fn start(options: EmulatorOptions) -> Emulator {
    Emulator::start(options).await.unwrap()
}

#[tokio::test]
async fn it_answers_over_plain_http_and_stops_when_told() {
    let emulator = start(EmulatorOptions::default()).await;
    let (status, body) = get(&emulator, "/v1.0/users").await.unwrap();
    assert_eq!(
        (status, &body["error"]["message"]),
        (401, &json!("Access token is empty."))
    );
    let (status, overview) = get(&emulator, "/emulator").await.unwrap();
    assert_eq!((status, &overview["users"]), (200, &json!(1000)));
    assert_eq!(
        emulator.requests().len(),
        1,
        "control requests are not logged"
    );
    let authority = emulator.graph_url().replace("http://", "");
    emulator.stop().await;
    assert!(TcpStream::connect(authority).await.is_err());
}

#[tokio::test]
async fn it_speaks_https_with_a_certificate_that_its_authority_signed() {
    let emulator = start(EmulatorOptions {
        tls: true,
        ..EmulatorOptions::default()
    })
    .await;
    let mut roots = rustls::RootCertStore::empty();
    let pem = emulator.ca_pem().unwrap();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let authority = emulator.graph_url().replace("https://", "");
    for name in ["localhost", "127.0.0.1"] {
        let stream = TcpStream::connect(&authority).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let (status, _) = send(stream, &authority, "/v1.0/users").await.unwrap();
        assert_eq!(status, 401);
    }
}

#[tokio::test]
async fn an_injected_cut_closes_the_connection_without_an_answer() {
    let emulator = start(EmulatorOptions::default()).await;
    emulator.control().inject(Fault {
        times: Some(1),
        drop_connection: true,
        ..Fault::default()
    });
    assert!(get(&emulator, "/v1.0/users").await.is_err());
    assert_eq!(get(&emulator, "/v1.0/users").await.unwrap().0, 401);
    assert_eq!(emulator.requests()[0].status, 0);
}

#[test]
fn an_injected_delay_holds_the_real_answer_back() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        times: Some(1),
        delay_ms: 30_000,
        ..Fault::default()
    });
    assert_eq!(
        tenant.get("/v1.0/users").ok().reply.delay,
        Duration::from_secs(30)
    );
    assert_eq!(tenant.get("/v1.0/users").ok().reply.delay, Duration::ZERO);
}

#[tokio::test]
async fn links_lead_to_the_loopback_name_that_the_client_used() {
    let emulator = start(EmulatorOptions::default()).await;
    let authority = emulator.graph_url().replace("http://", "");
    for (host, expected) in [
        ("localhost:9", "http://localhost:9/common/oauth2/authorize"),
        (
            "evil.example",
            &*format!("http://{authority}/common/oauth2/authorize"),
        ),
    ] {
        let stream = TcpStream::connect(&authority).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let request = http::Request::get("/v1.0/users").header("host", host);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(expected), "{host}: {challenge}");
    }
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = EmulatorOptions {
        listen: ([0, 0, 0, 0], 0).into(),
        ..EmulatorOptions::default()
    };
    assert!(matches!(
        Emulator::start(options).await,
        Err(EmulatorError::NotLoopback(_))
    ));
}

#[tokio::test]
async fn a_file_is_loaded_in_either_shape_and_a_bad_one_is_refused_by_name() {
    let start = async |text: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let directory = DirectorySource::File(file.path().to_owned());
        let options = EmulatorOptions {
            directory,
            ..EmulatorOptions::default()
        };
        (Emulator::start(options).await, file)
    };
    let users = r#"[{"id":"a","displayName":"A","shoeSize":4,"mail":null},{"id":"b"}]"#;
    for text in [
        users.to_owned(),
        format!("\u{FEFF}{{\"@odata.context\":\"x\",\"value\":{users}}}"),
    ] {
        let (emulator, _file) = start(&text).await;
        let emulator = emulator.unwrap();
        assert_eq!(emulator.control().overview().users, 2);
        let user = emulator.control().user("a").unwrap();
        assert_eq!(
            Value::Object(user),
            json!({"id": "a", "displayName": "A", "shoeSize": 4})
        );
    }
    for (text, reason) in [
        ("{", "EOF"),
        ("{}", "no array 'value'"),
        ("4", "neither an object nor an array"),
        ("[4]", "user number 1 is not a JSON object"),
        (
            r#"[{"id":"a"},{"displayName":"x"}]"#,
            "user number 2 has no id",
        ),
        (r#"[{"id":"a"},{"id":"A"}]"#, "another user has the id 'A'"),
    ] {
        let (refused, file) = start(text).await;
        let message = refused.err().expect(text).to_string();
        assert!(message.contains(reason), "{message}");
        assert!(message.contains(file.path().to_str().unwrap()), "{message}");
    }
}

#[tokio::test]
async fn a_million_users_are_there_at_once() {
    let directory = DirectorySource::Synthetic {
        users: 1_000_000,
        seed: SEED,
    };
    let tenant = Tenant::with(directory, |_| {});
    assert_eq!(tenant.control.overview().users, 1_000_000);
    assert_eq!(tenant.get("/v1.0/users?$top=999").ok().users().len(), 999);
    let count = tenant.eventual("/v1.0/users?$count=true&$top=1").ok();
    assert_eq!(count.body["@odata.count"], 1_000_000);
}

#[tokio::test]
async fn a_body_that_is_cut_breaks_off_after_what_was_promised_began() {
    let emulator = start(EmulatorOptions::default()).await;
    let whole = whole_body(&emulator).await.unwrap();
    emulator.control().inject(Fault {
        times: Some(1),
        cut_after: Some(10),
        ..Fault::default()
    });
    let (arrived, promised) = whole_body(&emulator).await.unwrap_err();
    assert_eq!((arrived, promised), (whole[..10].to_vec(), whole.len()));
    assert_eq!(whole_body(&emulator).await.unwrap().len(), whole.len());
}

/// The body of an answer, or what arrived of it and how long it was to be.
async fn whole_body(emulator: &Emulator) -> Result<Vec<u8>, (Vec<u8>, usize)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let authority = emulator.graph_url().replace("http://", "");
    let mut stream = TcpStream::connect(&authority).await.unwrap();
    let request =
        format!("GET /v1.0/users HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut may end in an error or just end.
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.to_lowercase();
    let length = length.split("content-length: ").nth(1).unwrap();
    let promised: usize = length.lines().next().unwrap().trim().parse().unwrap();
    // Ids and times differ from answer to answer, the first bytes do not.
    if body.len() == promised {
        Ok(body.as_bytes().to_vec())
    } else {
        Err((body.as_bytes().to_vec(), promised))
    }
}
