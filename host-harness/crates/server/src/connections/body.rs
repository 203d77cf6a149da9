//! Bodies: a request's has its time, an answer's says when it was read.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::limiter::RequestGuard;

/// The body took too long.
#[derive(Debug, thiserror::Error)]
#[error("the request was not complete in time")]
pub(super) struct TooSlow;

/// The body of a request, which has to be whole in time. The time begins when it is first read.
pub(super) struct TimedBody {
    incoming: Incoming,
    within: Duration,
    patience: Option<Pin<Box<Sleep>>>,
}

impl TimedBody {
    pub(super) fn within(incoming: Incoming, within: Duration) -> Self {
        Self {
            incoming,
            within,
            patience: None,
        }
    }
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let within = self.within;
        let patience = self
            .patience
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(within)));
        patience
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// The body of an answer, while which is read the connection has something to do.
pub(super) struct GuardedBody {
    body: Body,
    _request: RequestGuard,
}

impl GuardedBody {
    pub(super) fn new(body: Body, requests: RequestGuard) -> Self {
        Self {
            body,
            _request: requests,
        }
    }
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
