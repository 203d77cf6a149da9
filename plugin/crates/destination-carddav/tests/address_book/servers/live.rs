//! Radicale and Xandikos as they are published, each started once.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::book::{Answer, Asked, Book};
use crate::python;

/// A server, and an address book of its own there.
#[derive(Clone)]
pub(crate) struct Live {
    port: u16,
    path: String,
}

/// The servers, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Radicale,
    Xandikos,
}

/// Runs a module until whoever started it is gone, and with it the other end of the standard input.
const UNTIL_WE_ARE_GONE: &str = "import os, runpy, sys, threading
def watch():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
runpy.run_module(sys.argv.pop(1), run_name='__main__')
";

impl Server {
    /// A new, empty address book; `None` where there is no Python to run the server.
    pub(crate) fn book(self) -> Option<Book> {
        static BOOKS: AtomicU32 = AtomicU32::new(0);
        let port = self.port()?;
        let number = BOOKS.fetch_add(1, Ordering::Relaxed);
        let path = match self {
            Self::Radicale => format!("/ana/book%20{number}/"),
            Self::Xandikos => format!("/user/contacts/book{number}/"),
        };
        let live = Live { port, path };
        let book = Book::Live(live);
        let made = book.somebody("MKCOL", "", &[("content-type", "application/xml")], MAKE);
        assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
        Some(book)
    }

    fn port(self) -> Option<u16> {
        static PORTS: [OnceLock<Option<u16>>; 2] = [OnceLock::new(), OnceLock::new()];
        let [radicale, xandikos] = &PORTS;
        let place = match self {
            Self::Radicale => radicale,
            Self::Xandikos => xandikos,
        };
        *place.get_or_init(|| self.start())
    }

    fn start(self) -> Option<u16> {
        if !python::is_there() {
            assert!(std::env::var_os("CI").is_none(), "Python is needed");
            println!("skipped: there is no Python with venv to run {self:?}");
            return None;
        }
        static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
        let interpreter = INSTALLED.get_or_init(|| {
            let here = Path::new(env!("CARGO_MANIFEST_DIR"));
            let wanted = here
                .ancestors()
                .map(|folder| folder.join("tests/python/requirements.txt"));
            let wanted = wanted.filter(|path| path.exists()).last();
            python::environment("python", &wanted.expect("the packages are listed"))
        });
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{self:?}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new(interpreter);
        command.arg("-c").arg(UNTIL_WE_ARE_GONE);
        match self {
            Self::Radicale => {
                fs::write(folder.join("users"), "ana:open sesame\n").unwrap();
                let told = format!(
                    "[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {0}/users\n\
                     htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {0}/store\n\
[logging]\nlevel = critical\n",
                    folder.display()
                );
                fs::write(folder.join("config"), told).unwrap();
                command
                    .args(["radicale", "--config"])
                    .arg(folder.join("config"));
            }
            Self::Xandikos => {
                command.args(["xandikos", "serve", "--defaults", "-l", "127.0.0.1", "-p"]);
                command
                    .arg(port.to_string())
                    .arg("-d")
                    .arg(folder.join("store"));
                command.arg("--state-dir").arg(folder.join("state"));
            }
        }
        let log = fs::File::create(folder.join("log")).unwrap();
        command
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        // It ends with this process, which keeps the other end of its input open until then.
        std::thread::spawn(move || {
            let _input = input;
            let ended = child.wait();
            println!("a server ended: {ended:?}");
        });
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(port);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(folder.join("log")).unwrap();
        panic!("{self:?} does not answer: {log}");
    }
}

const MAKE: &str = "<?xml version=\"1.0\"?><D:mkcol xmlns:D=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>\
    </D:resourcetype></D:prop></D:set></D:mkcol>";

impl Live {
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// One request on a connection of its own (RFC 9112).
    pub(crate) fn ask(&self, asked: &Asked<'_>) -> Result<Answer, ()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(drop)?;
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .map_err(drop)?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-length: {}\r\n",
            asked.method,
            asked.path,
            self.port,
            asked.body.len()
        );
        let others = asked
            .headers
            .iter()
            .filter(|(name, _)| *name != "content-length");
        for (name, value) in others {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).map_err(drop)?;
        stream.write_all(asked.body).map_err(drop)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(drop)?;
        read(&answer).ok_or(())
    }
}

fn read(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<_> = lines.filter_map(header).collect();
    let body = &answer[end + 4..];
    let has = |wanted: &str| {
        headers
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| &**value)
    };
    let body = match (has("transfer-encoding"), has("content-length")) {
        (Some("chunked"), _) => without_chunks(body)?,
        (_, Some(length)) => body.get(..length.parse().ok()?)?.to_vec(),
        (_, None) => body.to_vec(),
    };
    Some(Answer {
        status,
        headers,
        body,
    })
}

fn without_chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&body[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        body = &body[end + 2..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(body.get(..size)?);
        body = body.get(size + 2..)?;
    }
}
