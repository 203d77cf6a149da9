//! What a component prints, kept within bounds.
//!
//! A full pipe must not become the component's problem: a closed standard output makes `println!`
//! panic, and a blocked one makes it wait. So everything is accepted, the first bytes are kept and
//! the rest is swallowed.

use bytes::Bytes;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// The most that is taken in one write.
const CHUNK: usize = 64 << 10;

/// A stream that keeps its first bytes and swallows the rest.
#[derive(Clone)]
pub(super) struct BoundedOutput {
    kept: Arc<Mutex<Kept>>,
}

struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    swallowed: u64,
}

impl BoundedOutput {
    pub(super) fn new(limit: usize) -> Self {
        let kept = Kept {
            bytes: Vec::new(),
            limit,
            swallowed: 0,
        };
        Self {
            kept: Arc::new(Mutex::new(kept)),
        }
    }

    fn accept(&self, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = kept.limit.saturating_sub(kept.bytes.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        kept.bytes.extend_from_slice(first);
        kept.swallowed += rest.len() as u64;
    }

    fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept.bytes).into_owned()
    }

    fn swallowed(&self) -> u64 {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .swallowed
    }
}

impl IsTerminal for BoundedOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for BoundedOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for BoundedOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.accept(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for BoundedOutput {
    async fn ready(&mut self) {}
}

impl AsyncWrite for BoundedOutput {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.accept(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What the component printed during a call, within [`Limits::output_bytes`].
///
/// It is kept apart from errors on purpose: a panic message comes through here in full, and may
/// hold whatever the component was working on. `Debug` shows sizes only.
///
/// [`Limits::output_bytes`]: super::Limits::output_bytes
#[derive(Clone)]
pub struct GuestOutput {
    pub(super) stdout: BoundedOutput,
    pub(super) stderr: BoundedOutput,
}

impl GuestOutput {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            stdout: BoundedOutput::new(limit),
            stderr: BoundedOutput::new(limit),
        }
    }

    /// Standard output. **May hold personal data and secrets**: for a developer's eyes, not for a
    /// log.
    pub fn sensitive_stdout(&self) -> String {
        self.stdout.text()
    }

    /// Standard error, where panic messages go. **May hold personal data and secrets**: for a
    /// developer's eyes, not for a log.
    pub fn sensitive_stderr(&self) -> String {
        self.stderr.text()
    }

    /// Bytes of both streams that were beyond the limit.
    pub fn swallowed_bytes(&self) -> u64 {
        self.stdout.swallowed() + self.stderr.swallowed()
    }
}

impl fmt::Debug for GuestOutput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GuestOutput")
            .field("stdout_bytes", &self.stdout.text().len())
            .field("stderr_bytes", &self.stderr.text().len())
            .field("swallowed_bytes", &self.swallowed_bytes())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_kept_and_the_rest_is_swallowed() {
        let output = GuestOutput::new(5);
        let mut stream = output.stderr.clone();
        stream.write(Bytes::from_static(b"abc")).unwrap();
        stream.write(Bytes::from_static(b"defg")).unwrap();
        stream.write(Bytes::from_static(b"h")).unwrap();
        assert_eq!(output.sensitive_stderr(), "abcde");
        assert_eq!(output.swallowed_bytes(), 3);
        assert!(
            stream.check_write().unwrap() > 0,
            "a full stream still takes more"
        );
    }

    #[test]
    fn debug_output_does_not_show_what_was_printed() {
        let output = GuestOutput::new(100);
        output.stdout.accept(b"jane@example.com");
        assert!(!format!("{output:?}").contains("jane"));
    }
}
