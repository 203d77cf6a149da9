//! The wire: a loopback listener, HTTP/1.1, TLS where asked for, and connections that can be cut.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::control::Control;
use super::control_interface;
use super::service::Service;
use super::subscriptions::endpoint::Endpoint;
use super::subscriptions::requests::{Handshake, to_be_asked};
use emulated_http::is_loopback_root;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Door;
use emulated_odata::failure::Failure;
use emulator_controls::interface;

/// The largest request body; Graph takes 4 MB.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Connections at a time; further ones wait until one ends. One on which nothing is asked for 30 seconds
/// does.
const MOST_CONNECTIONS: usize = 1_024;

/// For a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Cutting a connection is an error to the HTTP layer, which then closes it without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut, as an injected fault asks")]
struct Disconnect;

/// Everything that a connection needs.
#[derive(Clone)]
pub(super) struct Frontend {
    pub(super) service: Arc<Service>,
    /// The way to the listeners of notifications.
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) control: Control,
    /// Scheme and authority for links, where a request does not name a loopback host itself.
    pub(super) root: Arc<str>,
    pub(super) acceptor: Option<TlsAcceptor>,
}

/// Accepts connections until the task is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, front: Frontend) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    // Without this, small answers wait for an acknowledgement.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(stream, peer, front.clone()));
                }
                // Out of descriptors, or a peer that is gone already: the next one may do.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, peer: SocketAddr, front: Frontend) {
    let Some(acceptor) = front.acceptor.clone() else {
        return speak(stream, peer, front).await;
    };
    // A failed handshake is the client's to report.
    let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream));
    if let Ok(Ok(stream)) = handshake.await {
        speak(stream, peer, front).await;
    }
}

async fn speak<S>(stream: S, peer: SocketAddr, front: Frontend)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let front = front.clone();
        async move { front.answer(request, peer.ip()).await }
    });
    // Ends with the connection; how it ended concerns nobody here.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Frontend {
    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Result<Response<Answered>, Disconnect> {
        let (parts, body) = request.into_parts();
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let mut call = Call::new(parts.method, target, &self.root);
        call.headers = parts.headers;
        if let Some(host) = call.header(header::HOST.as_str()).map(str::to_owned) {
            self.adopt_host(&mut call, &host);
        }
        let _under_way = (!interface::concerns(&call)).then(|| UnderWay::begin(&self.service));
        let reply = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(collected) => {
                call.body = collected.to_bytes().to_vec();
                self.ask_listeners(&mut call).await;
                self.route(&call, peer)
            }
            Err(_) => self.too_large(&call),
        };
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        if reply.hang_up {
            return Err(Disconnect);
        }
        Ok(response(reply))
    }

    /// Asks the listeners of a subscription whether they want it. The request is answered when they have
    /// answered, as by the service.
    async fn ask_listeners(&self, call: &mut Call) {
        let limit = Duration::from_millis(self.service.behaviour().validation_timeout_ms);
        for url in to_be_asked(&self.service, call) {
            let asked = self.endpoint.ask(&url, limit).await;
            let refused = asked.is_err();
            call.extensions.insert(Handshake(asked));
            if refused {
                return;
            }
        }
    }

    /// A body that cannot be read, or is too large, is refused by whoever it was sent to.
    pub(super) fn too_large(&self, call: &Call) -> Reply {
        const SAID: &str = "The request body could not be read, or is larger than 4 MB.";
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        if interface::concerns(call) {
            return Reply::json(status, &serde_json::json!({"error": SAID}));
        }
        if Door::of(&call.segments()).is_some() {
            return Reply::empty(status);
        }
        let failure = Failure::new(status, "RequestEntityTooLarge", SAID);
        self.service.refuse(call, &failure)
    }

    /// Links lead back to the name by which the client came, if that is a loopback one: clients
    /// refuse links that lead to another host.
    fn adopt_host(&self, call: &mut Call, host: &str) {
        let scheme = self
            .root
            .split_once("://")
            .map_or("http", |(scheme, _)| scheme);
        let root = format!("{scheme}://{host}");
        if is_loopback_root(&root) {
            call.root = root;
        }
    }

    fn route(&self, call: &Call, peer: IpAddr) -> Reply {
        if !interface::concerns(call) {
            return self.service.respond(call);
        }
        if !peer.is_loopback() {
            return Reply::empty(StatusCode::FORBIDDEN);
        }
        control_interface::answer(&self.control, call)
    }
}

/// A request that is being answered; counted for as long as it lives.
struct UnderWay<'s>(&'s Service);

impl<'s> UnderWay<'s> {
    fn begin(service: &'s Service) -> Self {
        service.log().begin();
        Self(service)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.log().end();
    }
}

/// A body that may break off. It promises its whole length either way.
struct Answered {
    bytes: Bytes,
    /// After how many bytes the connection is cut.
    cut_after: Option<usize>,
    promised: u64,
    /// What was sent had the time to leave.
    flushed: bool,
}

impl Body for Answered {
    type Data = Bytes;
    type Error = Disconnect;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Disconnect>>> {
        let most = self.cut_after.unwrap_or(usize::MAX).min(self.bytes.len());
        let sent = self.bytes.split_to(most);
        if !sent.is_empty() {
            self.cut_after = self.cut_after.map(|_| 0);
            return Poll::Ready(Some(Ok(Frame::data(sent))));
        }
        if self.cut_after.is_none() {
            return Poll::Ready(None);
        }
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Disconnect)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

fn response(reply: Reply) -> Response<Answered> {
    let promised = reply.body.len() as u64;
    let mut response = Response::new(Answered {
        bytes: Bytes::from(reply.body),
        cut_after: reply.cut_after,
        promised,
        flushed: false,
    });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// Binds a loopback address.
pub(super) async fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}
