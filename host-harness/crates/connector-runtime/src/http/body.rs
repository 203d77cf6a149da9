//! The body of an answer, bounded in size and in the time between its pieces.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use wasmtime_wasi_http::Error;

/// A body that ends with an error where it grows too long or stalls. The connection is given up
/// then, and returned to the pool when the body was read to its end.
pub(super) struct BoundedBody {
    incoming: Option<Incoming>,
    limit: u64,
    received: u64,
    between_bytes: Duration,
    /// Runs only while the component waits: what it does between two reads is its own time.
    patience: Option<Pin<Box<Sleep>>>,
    /// One of the requests in flight, as long as the body is.
    _permit: OwnedSemaphorePermit,
}

impl BoundedBody {
    pub(super) fn new(
        incoming: Incoming,
        limit: u64,
        between_bytes: Duration,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            incoming: Some(incoming),
            limit,
            received: 0,
            between_bytes,
            patience: None,
            _permit: permit,
        }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.incoming = None;
        Poll::Ready(Some(Err(error)))
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        match Pin::new(incoming).poll_frame(context) {
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Err(_))) => self.fail(Error::HttpResponseIncomplete),
            Poll::Ready(Some(Ok(frame))) => {
                self.patience = None;
                self.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                if self.received > self.limit {
                    let limit = self.limit;
                    return self.fail(Error::HttpResponseBodySize(Some(limit)));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending => {
                let between_bytes = self.between_bytes;
                let patience = self
                    .patience
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(between_bytes)));
                match patience.as_mut().poll(context) {
                    Poll::Ready(()) => self.fail(Error::ConnectionReadTimeout),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}
