//! A server that may have few files open: it neither denies anybody, nor fails anybody for it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{BINARY, Process};

/// Tells a process of this binary to connect, and where.
const IDLERS: &str = "IDLE_CONNECTIONS_TO";

/// Connections of one such process: fewer than a process may have files, wherever this runs.
const EACH: usize = 500;

/// Connects often, says nothing, and stays until its input ends. It runs in a process of its own.
#[test]
fn idle_connections() {
    let Ok(address) = std::env::var(IDLERS) else {
        return;
    };
    let connections: Vec<_> = (0..EACH)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    println!("connected");
    let _ = std::io::stdin().read(&mut [0]);
    drop(connections);
}

/// A process with idle connections.
struct Idlers(Child);

impl Idlers {
    fn start(address: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "server::few_files::idle_connections",
                "--nocapture",
            ])
            .env(IDLERS, address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let connected = lines
            .map_while(Result::ok)
            .any(|line| line.contains("connected"));
        assert!(connected, "it could not connect");
        Self(child)
    }
}

impl Drop for Idlers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn healthz(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn five_thousand_idle_connections_deny_nobody() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::with_files(data.path(), 1_024);
    let address = process.address.trim_start_matches("http://").to_owned();
    let mut idlers = Vec::new();
    for _ in 0..5_000 / EACH {
        idlers.push(Idlers::start(&address));
        // Whatever else this machine does disturbs one measurement, not three of them.
        let took = (0..3).map(|_| {
            let started = Instant::now();
            let answer = healthz(&address).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            started.elapsed()
        });
        let took = took.min().unwrap();
        assert!(
            took < Duration::from_secs(1),
            "{took:?} with {}",
            idlers.len() * EACH
        );
    }
    let log = process.kill();
    assert!(!log.contains("accept failed"), "{log}");
}

#[test]
fn many_workspaces_that_are_due_at_once_are_no_more_open_than_there_are_files() {
    // Each has about ten files while it is open: without a bound, most of them would find none.
    let limit = "ulimit -n 256; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limit, BINARY, "bench", "server"])
        .args(["--workspaces", "60", "--people", "1", "--contacts", "0"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
