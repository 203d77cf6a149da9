//! The wire: a loopback listener, HTTP/1.1, and connections that can be cut.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emulated_http::{Call, Reply};
use emulator_controls::interface;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::control::Control;
use crate::control_interface;
use crate::service::Service;

/// The largest request body. The service's own limit is not documented.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Connections at a time; further ones wait until one ends.
const MOST_CONNECTIONS: usize = 1_024;

/// Cutting a connection is an error to the HTTP layer, which then closes it without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut, as an injected fault asks")]
struct Disconnect;

/// Everything that a connection needs.
#[derive(Clone)]
pub(crate) struct Frontend {
    pub(crate) service: Arc<Service>,
    pub(crate) control: Control,
}

/// Accepts connections until the task is dropped, and its connections with it.
pub(crate) async fn serve(listener: TcpListener, front: Frontend) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    // Without this, small answers wait for an acknowledgement.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(speak(stream, front.clone()));
                }
                // Out of descriptors, or a peer that is gone already: the next one may do.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn speak(stream: TcpStream, front: Frontend) {
    let service = service_fn(move |request| {
        let front = front.clone();
        async move { front.answer(request).await }
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
    ) -> Result<Response<Full<Bytes>>, Disconnect> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let mut call = Call::new(parts.method, target, "http://127.0.0.1");
        call.headers = parts.headers;
        let concerns_control = interface::concerns(&call);
        let _under_way = (!concerns_control).then(|| UnderWay::begin(&self.service));
        let reply = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(collected) => {
                call.body = collected.to_bytes().to_vec();
                if concerns_control {
                    control_interface::answer(&self.control, &call)
                } else {
                    self.service.respond(&call)
                }
            }
            Err(_) => self.service.too_large(),
        };
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        if reply.hang_up {
            return Err(Disconnect);
        }
        Ok(response(reply))
    }
}

/// A request that is being answered; counted for as long as it lives.
struct UnderWay<'s>(&'s Service);

impl<'s> UnderWay<'s> {
    fn begin(service: &'s Service) -> Self {
        service.open().log.begin();
        Self(service)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.open().log.end();
    }
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let body = Full::<Bytes>::new(Bytes::from(reply.body));
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
