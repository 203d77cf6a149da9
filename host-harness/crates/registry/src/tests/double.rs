//! A registry in memory, which can be told to answer wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use packaging::oci;

use crate::push::Layout;
use crate::transport::Transport;

/// How a registry is; by default as it should be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Behaviour {
    /// It wants a token, which another server has.
    pub(crate) wants_token: bool,
    /// It lists by itself what refers to a manifest.
    pub(crate) lists_referrers: bool,
    /// Its blobs are on another server.
    pub(crate) redirects: bool,
    /// And lead round in a circle.
    pub(crate) goes_round: bool,
    /// A manifest is answered with another one.
    pub(crate) another_manifest: bool,
    /// A blob is answered with other bytes.
    pub(crate) another_blob: bool,
    /// It leads to plain HTTP.
    pub(crate) leads_astray: bool,
}

/// A registry.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) behaviour: Mutex<Behaviour>,
    /// By path, without the repository.
    pub(crate) kept: Mutex<BTreeMap<String, Bytes>>,
    /// Every request: method, URL, and whether it said who it is from.
    pub(crate) asked: Mutex<Vec<(Method, String, bool)>>,
}

const REPOSITORY: &str = "/v2/acme/connector/";

impl Registry {
    pub(crate) fn behaving(behaviour: Behaviour) -> Self {
        Self {
            behaviour: Mutex::new(behaviour),
            ..Self::default()
        }
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let behaviour = *self.behaviour.lock().unwrap();
        let uri = request.uri();
        let authorization = request.headers().get(AUTHORIZATION);
        let said = authorization.is_some();
        let log = (request.method().clone(), uri.to_string(), said);
        self.asked.lock().unwrap().push(log);
        match uri.host().unwrap() {
            "auth.example" => {
                assert!(uri.query().unwrap().contains("scope=repository"));
                return answer(StatusCode::OK, r#"{"token":"a-token"}"#);
            }
            "blobs.example" => {
                assert!(!said, "who one is, is not this server's business");
                let digest = uri.path().trim_start_matches('/');
                return self.blob(digest);
            }
            _ => {}
        }
        if behaviour.wants_token && authorization.is_none_or(|token| token != "Bearer a-token") {
            let challenge = "Bearer realm=\"https://auth.example/token\",\
                             service=\"registry.example\",scope=\"repository:acme/connector:pull\"";
            return with(
                StatusCode::UNAUTHORIZED,
                WWW_AUTHENTICATE.as_str(),
                challenge,
            );
        }
        let path = uri.path().strip_prefix(REPOSITORY).unwrap();
        match (request.method(), path.split_once('/').unwrap()) {
            (&Method::POST, ("blobs", _)) => {
                let place = match behaviour.leads_astray {
                    true => "http://elsewhere.example/upload",
                    false => "/v2/acme/connector/blobs/uploads/1?state=x",
                };
                with(StatusCode::ACCEPTED, LOCATION.as_str(), place)
            }
            (&Method::PUT, ("blobs", _)) => {
                let query = uri.query().unwrap();
                let digest = query.split_once("digest=").unwrap().1.replace("%3A", ":");
                assert_eq!(oci::digest(request.body()), digest);
                self.keep(&format!("blobs/{digest}"), request.body());
                answer(StatusCode::CREATED, "")
            }
            (&Method::PUT, ("manifests", target)) => {
                let digest = oci::digest(request.body());
                self.keep(&format!("manifests/{target}"), request.body());
                self.keep(&format!("manifests/{digest}"), request.body());
                match behaviour.lists_referrers {
                    true => with(StatusCode::CREATED, "oci-subject", "sha256:0"),
                    false => answer(StatusCode::CREATED, ""),
                }
            }
            (&Method::GET, ("blobs", digest)) if behaviour.redirects => {
                let place = match behaviour.goes_round {
                    true => uri.to_string(),
                    false => format!("https://blobs.example/{digest}"),
                };
                with(StatusCode::TEMPORARY_REDIRECT, LOCATION.as_str(), &place)
            }
            (_, ("blobs", digest)) => self.blob(digest),
            (_, ("manifests", _)) => match self.kept.lock().unwrap().get(path) {
                None => answer(StatusCode::NOT_FOUND, ""),
                Some(_) if behaviour.another_manifest => answer(StatusCode::OK, "{}"),
                Some(kept) => Response::new(kept.clone()),
            },
            (method, _) => panic!("{method} {path}"),
        }
    }

    fn blob(&self, digest: &str) -> Response<Bytes> {
        match self.kept.lock().unwrap().get(&format!("blobs/{digest}")) {
            None => answer(StatusCode::NOT_FOUND, ""),
            Some(_) if self.behaviour.lock().unwrap().another_blob => {
                answer(StatusCode::OK, "other")
            }
            Some(kept) => Response::new(kept.clone()),
        }
    }

    pub(crate) fn keep(&self, path: &str, bytes: &Bytes) {
        let mut kept = self.kept.lock().unwrap();
        kept.insert(path.to_owned(), bytes.clone());
    }
}

fn answer(status: StatusCode, body: &str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *answer.status_mut() = status;
    answer
}

fn with(status: StatusCode, name: &str, value: &str) -> Response<Bytes> {
    let builder = Response::builder().status(status).header(name, value);
    builder.body(Bytes::new()).unwrap()
}

impl Transport for &Registry {
    async fn send(&self, request: Request<Bytes>, most: u64) -> Result<Response<Bytes>, String> {
        let answer = self.answer(&request);
        match answer.body().len() as u64 > most {
            true => Err("the answer is too large".to_owned()),
            false => Ok(answer),
        }
    }
}

/// A layout in memory.
pub(crate) struct Files(pub(crate) BTreeMap<String, Vec<u8>>);

impl Layout for Files {
    fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.0.get(path).cloned();
        file.ok_or_else(|| format!("there is no {path}"))
    }
}
