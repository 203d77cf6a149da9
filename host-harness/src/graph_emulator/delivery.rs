//! The body of an answer on the wire: the whole one, or the beginning of one that is then cut off.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Cutting a connection is an error to the HTTP layer, which then closes it.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut, as an injected fault asks")]
pub(super) struct HangUp;

/// A body that says how long it is and may break off before.
#[derive(Debug)]
pub(super) struct Delivery {
    announced: u64,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    /// These bytes, and then the end or the cut.
    Bytes {
        bytes: Bytes,
        cut: bool,
    },
    /// A moment in which the HTTP layer writes what it has: it drops that with the connection.
    Flush,
    Cut,
    End,
}

impl Delivery {
    /// The whole body, or its first `cut_after` bytes where that is less.
    pub(super) fn new(body: Vec<u8>, cut_after: Option<usize>) -> Self {
        let mut bytes = Bytes::from(body);
        let announced = bytes.len() as u64;
        let cut = cut_after.is_some_and(|length| length < bytes.len());
        if let Some(length) = cut_after {
            bytes.truncate(length);
        }
        let rest = if bytes.is_empty() && !cut {
            Rest::End
        } else {
            Rest::Bytes { bytes, cut }
        };
        Self { announced, rest }
    }
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        let (now, rest) = match std::mem::replace(&mut self.rest, Rest::End) {
            Rest::Bytes { bytes, cut } => {
                let rest = if cut { Rest::Flush } else { Rest::End };
                (Poll::Ready(Some(Ok(Frame::data(bytes)))), rest)
            }
            Rest::Flush => {
                context.waker().wake_by_ref();
                (Poll::Pending, Rest::Cut)
            }
            Rest::Cut => (Poll::Ready(Some(Err(HangUp))), Rest::End),
            Rest::End => (Poll::Ready(None), Rest::End),
        };
        self.rest = rest;
        now
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.rest, Rest::End)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
