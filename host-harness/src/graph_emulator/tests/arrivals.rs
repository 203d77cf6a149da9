use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::graph_emulator::{Emulator, Fault};

async fn emulator() -> Emulator {
    Emulator::start(EmulatorOptions::default()).await.unwrap()
}

/// Asks for the organisation, without a token, on a connection of its own.
async fn ask(emulator: &Emulator) -> TcpStream {
    let url = emulator.graph_url();
    let authority = url.split_once("://").unwrap().1;
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "GET /v1.0/organization HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A cut may be a reset, and what came before it counts.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_test_waits_for_the_request_that_is_held_and_lets_it_go() {
    let emulator = emulator().await;
    let control = emulator.control();
    control.inject(Fault {
        skip: 1,
        times: Some(1),
        hold: true,
        ..Fault::default()
    });
    let mut arrived = pin!(control.requests_arrived(2));
    assert!(read(ask(&emulator).await).await.starts_with("HTTP/1.1 401"));
    let waiting = arrived
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(waiting, Poll::Pending, "one request has arrived, not two");

    let held = ask(&emulator).await;
    arrived.await;
    assert_eq!(control.overview().arrived, 2);
    let another = read(ask(&emulator).await).await;
    assert!(another.starts_with("HTTP/1.1 401"), "others are answered");
    let mut nothing = [0];
    assert!(held.try_read(&mut nothing).is_err(), "no answer yet");
    control.release_held();
    assert!(read(held).await.starts_with("HTTP/1.1 401"));
    assert_eq!(control.overview().arrived, 3);
}

#[tokio::test]
async fn a_client_that_goes_away_while_it_is_held_leaves_the_emulator_answering() {
    let emulator = emulator().await;
    let control = emulator.control();
    control.inject(Fault {
        times: Some(1),
        hold: true,
        ..Fault::default()
    });
    let held = ask(&emulator).await;
    control.requests_arrived(1).await;
    drop(held);
    assert!(read(ask(&emulator).await).await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_body_breaks_off_after_the_bytes_that_were_let_through() {
    let emulator = emulator().await;
    for bytes in [0, 10] {
        emulator.control().inject(Fault {
            times: Some(1),
            cut_body_after: Some(bytes),
            ..Fault::default()
        });
        let text = read(ask(&emulator).await).await;
        let (head, body) = text.split_once("\r\n\r\n").expect("the headers");
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .expect("a length");
        assert_eq!(body.len() as u64, bytes);
        assert!(announced.parse::<u64>().unwrap() > bytes, "{announced}");
    }
    emulator.control().inject(Fault {
        times: Some(1),
        cut_body_after: Some(1_000_000),
        ..Fault::default()
    });
    let text = read(ask(&emulator).await).await;
    assert!(text.ends_with("}}"), "a longer cut cuts nothing: {text}");
}
