//! HTTP as plain as it can be: what the people of a SCIM server ask of it, and a front before it that stops answering
//! when it is told to.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// A request, or an answer: the first line, the other lines of the head, and the body.
pub(super) struct Message {
    pub(super) first: String,
    head: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// Reads one to its end; `None` where there is none.
    fn read(stream: impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            let read = reader.read_line(&mut line).ok()?;
            (read > 0).then(|| line.trim_end().to_owned())
        };
        let first = line()?;
        let mut head = Vec::new();
        loop {
            match line()? {
                empty if empty.is_empty() => break,
                field => head.push(field),
            }
        }
        let told = |name: &str| {
            head.iter().find_map(|field| {
                let (known, value) = field.split_once(':')?;
                known
                    .eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        let mut body = Vec::new();
        if let Some(length) = told("content-length") {
            body.resize(length.parse().ok()?, 0);
            reader.read_exact(&mut body).ok()?;
        } else if told("transfer-encoding").is_some() {
            loop {
                let mut size = String::new();
                reader.read_line(&mut size).ok()?;
                let size = usize::from_str_radix(size.trim(), 16).ok()?;
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk).ok()?;
                if size == 0 {
                    break;
                }
                body.extend_from_slice(&chunk[..size]);
            }
        }
        head.retain(|field| {
            let name = field.split(':').next().unwrap_or_default();
            ![
                "connection",
                "content-length",
                "transfer-encoding",
                "keep-alive",
            ]
            .iter()
            .any(|left_out| name.eq_ignore_ascii_case(left_out))
        });
        Some(Self { first, head, body })
    }

    fn write(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut text = format!("{}\r\n", self.first);
        for field in &self.head {
            text.push_str(field);
            text.push_str("\r\n");
        }
        let is_without_body = self.first.contains(" 204 ") || self.first.contains(" 304 ");
        if !is_without_body {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("connection: close\r\n\r\n");
        stream.write_all(text.as_bytes())?;
        stream.write_all(&self.body)
    }

    pub(super) fn status(&self) -> u16 {
        let status = self.first.split(' ').nth(1).unwrap_or_default();
        status.parse().unwrap_or_default()
    }
}

/// One exchange with a server. Panics where there is no answer.
pub(super) fn ask(
    authority: &str,
    (method, path): (&str, &str),
    token: &str,
    body: &str,
) -> Message {
    let head = vec![
        format!("host: {authority}"),
        format!("authorization: Bearer {token}"),
        "content-type: application/scim+json".to_owned(),
    ];
    let request = Message {
        first: format!("{method} {path} HTTP/1.1"),
        head,
        body: body.as_bytes().to_vec(),
    };
    exchange(authority, &request).expect("the server answers")
}

fn exchange(authority: &str, request: &Message) -> Option<Message> {
    let stream = TcpStream::connect(authority).ok()?;
    request.write(&stream).ok()?;
    Message::read(&stream)
}

/// A front: requests go on to a server, and are counted where they write.
pub(super) struct Front {
    pub(super) authority: String,
    writes: Arc<AtomicU32>,
    /// After so many writes, nothing is sent on and nothing answered; that last write is done.
    most: Arc<AtomicU32>,
}

impl Front {
    pub(super) fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = Self {
            authority: listener.local_addr().unwrap().to_string(),
            writes: Arc::default(),
            most: Arc::new(AtomicU32::new(u32::MAX)),
        };
        let (writes, most) = (Arc::clone(&front.writes), Arc::clone(&front.most));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (writes, most) = (Arc::clone(&writes), Arc::clone(&most));
                let server = server.clone();
                thread::spawn(move || pass(&stream, &server, &writes, &most));
            }
        });
        front
    }

    /// From now on, so many writes are passed on, and the last of them is not answered.
    pub(super) fn stop_after(&self, writes: u32) {
        self.writes.store(0, Ordering::SeqCst);
        self.most.store(writes, Ordering::SeqCst);
    }

    /// Everything is passed on again.
    pub(super) fn go_on(&self) {
        self.stop_after(u32::MAX);
    }

    /// Requests that wrote, since [`Front::stop_after`].
    pub(super) fn writes(&self) -> u32 {
        self.writes.load(Ordering::SeqCst)
    }
}

fn pass(stream: &TcpStream, server: &str, writes: &AtomicU32, most: &AtomicU32) {
    let Some(request) = Message::read(stream) else {
        return;
    };
    let first = &request.first;
    let is_write = !first.starts_with("GET ") && !first.contains("/.search ");
    let number = match is_write {
        true => writes.fetch_add(1, Ordering::SeqCst) + 1,
        false => writes.load(Ordering::SeqCst),
    };
    let most = most.load(Ordering::SeqCst);
    let is_passed = number < most || (is_write && number == most);
    if is_passed {
        let answer = exchange(server, &request);
        if number < most {
            if let Some(answer) = answer {
                // Whoever asked may be gone.
                let _ = answer.write(stream);
            }
            return;
        }
    }
    // Until whoever asked is gone.
    let _ = (&mut { stream }).read(&mut [0]);
}
