//! Requests to one repository, with who one is.

use std::sync::Mutex;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};
use packaging::oci::{self, Descriptor};
use url::Url;

use crate::authorization::challenge;
use crate::error::RegistryError;
use crate::reference::{Reference, Target, is_digest};
use crate::transport::{Credentials, Transport};

/// The most bytes that a manifest may have: what registries have to take (distribution-spec, "Pushing Manifests").
const LARGEST_MANIFEST: u64 = 4 << 20;

/// How often a blob may be somewhere else.
const MOST_REDIRECTS: usize = 3;

/// A client of one repository.
#[derive(Debug)]
pub struct Client<T> {
    transport: T,
    /// Of the registry.
    base: Url,
    place: Reference,
    credentials: Option<Credentials>,
    /// What the last challenge was answered with.
    authorization: Mutex<Option<HeaderValue>>,
}

/// A request, as it can be sent more than once.
pub(crate) struct Asked<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) accept: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: Bytes,
    pub(crate) most_bytes: u64,
}

/// A manifest that is what it was asked for as.
pub(crate) struct Found {
    pub(crate) bytes: Bytes,
    pub(crate) digest: String,
}

impl<T: Transport> Client<T> {
    /// A client of the repository of `place`, over https, or over plain HTTP where `is_plain`: for a registry on this
    /// machine.
    ///
    /// # Errors
    ///
    /// Where the registry is none that can be named in a URL.
    pub fn new(
        transport: T,
        place: &Reference,
        is_plain: bool,
        credentials: Option<Credentials>,
    ) -> Result<Self, RegistryError> {
        let scheme = if is_plain { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{}/", place.registry));
        Ok(Self {
            transport,
            base: base.map_err(|_| RegistryError::Location)?,
            place: place.clone(),
            credentials,
            authorization: Mutex::new(None),
        })
    }

    /// The repository.
    pub(crate) fn place(&self) -> &Reference {
        &self.place
    }

    /// A URL of the repository.
    pub(crate) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let path = format!("v2/{}/{path}", self.place.repository);
        self.base.join(&path).map_err(|_| RegistryError::Location)
    }

    /// Where an answer leads: over https, or to the registry itself.
    pub(crate) fn location(
        &self,
        from: &Url,
        answer: &Response<Bytes>,
    ) -> Result<Url, RegistryError> {
        let told = answer.headers().get(LOCATION);
        let url = told
            .and_then(|told| told.to_str().ok())
            .and_then(|told| from.join(told).ok());
        let url = url.ok_or(RegistryError::Location)?;
        let may_be_asked = url.scheme() == "https" || self.is_registry(&url);
        may_be_asked.then_some(url).ok_or(RegistryError::Location)
    }

    fn is_registry(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Sends a request, and once more with what a challenge asks for.
    pub(crate) async fn send(&self, asked: Asked<'_>) -> Result<Response<Bytes>, RegistryError> {
        let answer = self.send_once(&asked).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.is_registry(&asked.url) {
            return Ok(answer);
        }
        let refused = RegistryError::Refused { status: 401 };
        let challenge = challenge(answer.headers()).ok_or(refused)?;
        let is_plain = self.base.scheme() == "http";
        let credentials = self.credentials.as_ref();
        let value = challenge.answer(&self.transport, credentials, is_plain);
        let value = value.await?;
        *self.lock() = Some(value);
        self.send_once(&asked).await
    }

    async fn send_once(&self, asked: &Asked<'_>) -> Result<Response<Bytes>, RegistryError> {
        let mut request = Request::builder()
            .method(asked.method.clone())
            .uri(asked.url.as_str());
        for (name, value) in [(ACCEPT, asked.accept), (CONTENT_TYPE, asked.content_type)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        // Who one is, is nobody's business to whom the registry leads.
        let known = self.lock().clone();
        if let Some(value) = known.filter(|_| self.is_registry(&asked.url)) {
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.body(asked.body.clone());
        let request = request.map_err(|_| RegistryError::Location)?;
        let sent = self.transport.send(request, asked.most_bytes).await;
        sent.map_err(RegistryError::Transport)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<HeaderValue>> {
        self.authorization
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A manifest; nothing where there is none. One that was asked for by its digest has it.
    pub(crate) async fn manifest(
        &self,
        target: &Target,
        media_type: &str,
    ) -> Result<Option<Found>, RegistryError> {
        let answer = self.send(Asked {
            method: Method::GET,
            url: self.url(&format!("manifests/{}", target.path()))?,
            accept: Some(media_type),
            content_type: None,
            body: Bytes::new(),
            most_bytes: LARGEST_MANIFEST,
        });
        let answer = answer.await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        expect(&answer, StatusCode::OK, "the request for a manifest")?;
        let bytes = answer.into_body();
        let digest = oci::digest(&bytes);
        if let Target::Digest(expected) = target {
            same("manifest", expected, &digest)?;
        }
        Ok(Some(Found { bytes, digest }))
    }

    /// The bytes of a descriptor, which are what it says.
    pub(crate) async fn blob(&self, descriptor: &Descriptor) -> Result<Bytes, RegistryError> {
        if !is_digest(&descriptor.digest) {
            return Err(RegistryError::Form("digest"));
        }
        let mut url = self.url(&format!("blobs/{}", descriptor.digest))?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.send(Asked {
                method: Method::GET,
                url: url.clone(),
                accept: None,
                content_type: None,
                body: Bytes::new(),
                most_bytes: descriptor.size,
            });
            let answer = answer.await?;
            if answer.status().is_redirection() {
                url = self.location(&url, &answer)?;
                continue;
            }
            if answer.status() == StatusCode::NOT_FOUND {
                return Err(RegistryError::NotFound(descriptor.digest.clone()));
            }
            expect(&answer, StatusCode::OK, "the request for a file")?;
            let bytes = answer.into_body();
            same("file", &descriptor.digest, &oci::digest(&bytes))?;
            return Ok(bytes);
        }
        Err(RegistryError::Location)
    }
}

/// That something is what was asked for.
fn same(what: &'static str, expected: &str, found: &str) -> Result<(), RegistryError> {
    if expected == found {
        return Ok(());
    }
    Err(RegistryError::AnotherDigest {
        what,
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

/// That an answer is the one that the protocol has.
pub(crate) fn expect(
    answer: &Response<Bytes>,
    expected: StatusCode,
    doing: &'static str,
) -> Result<(), RegistryError> {
    let status = answer.status().as_u16();
    match status {
        _ if answer.status() == expected => Ok(()),
        401 | 403 => Err(RegistryError::Refused { status }),
        _ => Err(RegistryError::Answer { doing, status }),
    }
}
