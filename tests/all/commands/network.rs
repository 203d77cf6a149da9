//! The way to the directory: certificates, leave for this machine, and a forward proxy are said once, with
//! `connect`, and a failure names the option that it lacks.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::desk::{CONNECT, Desk, Ended, program};
use crate::world::person;

/// A command without any option about the way.
fn bare(desk: &Desk, arguments: &[&str]) -> Ended {
    without_proxies(desk, arguments).output().unwrap().into()
}

/// A command in an environment that names no proxy.
fn without_proxies(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .args(["--data", "data"])
        .current_dir(desk.folder.path());
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(variable);
    }
    command
}

fn connecting<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = CONNECT.to_vec();
    arguments.extend(more);
    arguments
}

async fn over_tls() -> Desk {
    let desk = Desk::over_tls(vec![person(1, "Zoe", "Vance")]).await;
    std::fs::write(desk.path("ca.pem"), desk.emulator.ca_pem().unwrap()).unwrap();
    desk.configure(json!({ "preset": "mirror" }));
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn what_connect_was_told_of_the_way_holds_for_what_comes_after() {
    let desk = over_tls().await;
    let told = connecting(&["--allow-loopback", "--ca-file", "ca.pem"]);
    bare(&desk, &told).with(0).saying("Connected to Contoso");
    for command in [
        &["plan"][..],
        &["sync"],
        &["retry", &crate::world::object_id(1)],
    ] {
        bare(&desk, command).with(0);
    }
    // Also a new configuration is connected in the same way.
    desk.configure(json!({ "preset": "additive" }));
    bare(&desk, &["connect", "connector.json"]).with(0);
    // What is taken back is asked for again.
    let taken_back = ["plan", "--allow-loopback=false"];
    bare(&desk, &taken_back).with(2).saying("--allow-loopback");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_refused_changes_nothing_of_the_way() {
    let desk = over_tls().await;
    desk.configure(json!({ "preset": "no such preset" }));
    let told = connecting(&["--allow-loopback", "--ca-file", "ca.pem"]);
    bare(&desk, &told).with(1).saying("/sync/preset");
    assert!(!desk.path("data/network.json").exists());
    desk.configure(json!({ "preset": "mirror" }));
    bare(&desk, &CONNECT).with(2).saying("--allow-loopback");
    // A directory that is connected stays so.
    bare(&desk, &told).with(0);
    desk.configure(json!({ "preset": "no such preset" }));
    bare(&desk, &connecting(&["--ca-file", "none"])).with(1);
    bare(&desk, &["plan"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_trusts_is_told_with_the_option() {
    let desk = over_tls().await;
    let failed = bare(&desk, &connecting(&["--allow-loopback", "--json"])).with(1);
    let checks = failed.json()["checks"].clone();
    let advice = checks[0]["advice"].as_str().unwrap();
    assert!(advice.contains("--ca-file FILE"), "{checks}");
    bare(&desk, &["plan"]).with(1).saying("--ca-file FILE");
    bare(&desk, &["sync"]).with(1).saying("--ca-file FILE");
    for (bytes, words) in [
        (&b"\xFF\xFE-\0-\0"[..], "UTF-16"),
        (b"\x30\x82\x01\x0a", "DER"),
        (b"nothing", "no certificate"),
    ] {
        std::fs::write(desk.path("bad.pem"), bytes).unwrap();
        bare(&desk, &["plan", "--ca-file", "bad.pem"])
            .with(1)
            .saying(words)
            .saying("bad.pem");
    }
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend(std::fs::read(desk.path("ca.pem")).unwrap());
    std::fs::write(desk.path("marked.pem"), marked).unwrap();
    bare(&desk, &["plan", "--ca-file", "marked.pem"]).with(0);
}

/// A forward proxy that answers CONNECT with a status, and what it was asked.
fn proxy(status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let heard = Arc::clone(&heard);
            std::thread::spawn(move || tunnel(stream, status, &heard));
        }
    });
    (address, asked)
}

fn tunnel(mut stream: TcpStream, status: &str, heard: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.extend(byte),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    heard.lock().unwrap().push(head);
    let _ = write!(stream, "HTTP/1.1 {status}\r\n\r\n");
    if !status.starts_with("200") {
        return;
    }
    let server = TcpStream::connect(target).unwrap();
    let (mut up_from, mut up_to) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(Shutdown::Write);
    });
    let (mut down_from, mut down_to) = (server, stream);
    let _ = std::io::copy(&mut down_from, &mut down_to);
    let _ = down_to.shutdown(Shutdown::Both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_named_once_and_everything_goes_through_it() {
    let desk = over_tls().await;
    let (address, asked) = proxy("200 OK");
    std::fs::write(desk.path("proxy.txt"), "me:hunter2\r\n").unwrap();
    let told = connecting(&[
        "--allow-loopback",
        "--ca-file",
        "ca.pem",
        "--proxy",
        &address,
        "--proxy-credentials",
        "@proxy.txt",
    ]);
    bare(&desk, &told).with(0);
    let after_connect = asked.lock().unwrap().len();
    assert!(after_connect > 0);
    bare(&desk, &["sync"]).with(0);
    let asked = asked.lock().unwrap().clone();
    assert!(asked.len() > after_connect, "sync went another way");
    for head in &asked {
        assert!(head.starts_with("CONNECT 127.0.0.1:"), "{head}");
        assert!(
            head.contains("proxy-authorization: Basic bWU6aHVudGVyMg=="),
            "{head}"
        );
    }
    let remembered = std::fs::read_to_string(desk.path("data/network.json")).unwrap();
    assert!(!remembered.contains("hunter2"), "{remembered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_is_told_with_its_cause() {
    let desk = over_tls().await;
    for (status, words) in [
        ("407 Proxy Authentication Required", "--proxy-credentials"),
        ("403 Forbidden", "let its operator allow it"),
    ] {
        let (address, _) = proxy(status);
        let told = connecting(&[
            "--replace",
            "--allow-loopback",
            "--ca-file",
            "ca.pem",
            "--proxy",
            &address,
        ]);
        bare(&desk, &told).with(1).saying(words).saying(&address);
        bare(&desk, &["plan"]).with(1).saying(words);
    }
    for (wrong, words) in [
        ("http://me:hunter2@127.0.0.1:3128", "--proxy-credentials"),
        ("socks5://127.0.0.1:1080", "http://HOST:PORT"),
        ("127.0.0.1:3128", "http://HOST:PORT"),
    ] {
        let refused = bare(&desk, &connecting(&["--proxy", wrong]))
            .with(2)
            .saying(words);
        assert!(!refused.err.contains("hunter2"), "{refused:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_used_and_a_failure_says_so() {
    let desk = over_tls().await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("https://{}", closed.local_addr().unwrap());
    drop(closed);
    let text = std::fs::read_to_string(desk.path("connector.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["endpoints"]["login"] = json!(nowhere);
    std::fs::write(desk.path("connector.json"), document.to_string()).unwrap();
    let told = connecting(&["--allow-loopback"]);
    for (variable, is_told) in [
        ("HTTPS_PROXY", true),
        ("ALL_PROXY", true),
        ("ANOTHER", false),
    ] {
        let mut command = without_proxies(&desk, &told);
        command.env(variable, "http://me:hunter2@proxy.example:3128");
        let failed = Ended::from(command.output().unwrap()).with(1);
        assert!(!failed.out.contains("hunter2") && !failed.err.contains("hunter2"));
        let words = format!("{variable} names a proxy, and is not used");
        assert_eq!(failed.out.contains(&words), is_told, "{failed:#?}");
        assert_eq!(failed.out.contains("--proxy http://HOST:PORT"), is_told);
    }
}
