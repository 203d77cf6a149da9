//! The world in which the client is tested: a script of requests and answers, time that passes only
//! where the client waits, and randomness from a seed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use guest_kit::retry::Budget;
use guest_kit::{
    Certificate, Clock, Directive, Entropy, Http, HttpFailure, HttpRequest, HttpResponse,
    KeptToken, Level, Method, Outside, Progress, RunControl, SecretError, SecretValue, Secrets,
    Signer, Signing, SigningError, Timestamp, TokenCache,
};
use serde_json::{Value, json};

use crate::connection::{Cloud, Connection, Credential};

use super::client::Client;

pub(super) const LOGIN: &str = "https://login.example";
pub(super) const GRAPH: &str = "https://graph.example";
pub(super) const SECRET: &str = "s3cr3t&value";
pub(super) const BEARER: &str = "header.payload.signature";

/// Everything the client is given.
pub(super) struct World {
    pub(super) connection: Connection,
    pub(super) budget: Budget,
    pub(super) secret: Result<&'static str, SecretError>,
    pub(super) signing: Signature,
    /// Says "stop" once so much time has passed.
    pub(super) stop_at: Option<Duration>,
    pub(super) wall_clock: Timestamp,
    elapsed: Cell<Duration>,
    random: Cell<u64>,
    script: RefCell<VecDeque<Expected>>,
    sent: RefCell<Vec<Sent>>,
    events: RefCell<Vec<String>>,
    /// What the host keeps: for what, the token, and until when on the clock of the test.
    kept: RefCell<Vec<(String, String, Duration)>>,
}

struct Expected {
    method: Method,
    url: String,
    answer: Result<HttpResponse, HttpFailure>,
}

/// A request as it was sent.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// On the clock of the test.
    pub(super) at: Duration,
}

impl Sent {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|(candidate, _)| *candidate == name);
        header.map(|(_, value)| value.as_str())
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            connection: Connection {
                tenant: "contoso.example".to_owned(),
                cloud: Cloud::Global,
                client_id: "app-1".to_owned(),
                credential: secret("client-secret"),
                fallback: None,
                login: LOGIN.to_owned(),
                graph: GRAPH.to_owned(),
            },
            budget: Budget::until(Duration::from_secs(3_600)),
            secret: Ok(SECRET),
            signing: Signature::default(),
            stop_at: None,
            wall_clock: Timestamp(784_111_777_000),
            elapsed: Cell::new(Duration::ZERO),
            random: Cell::new(0x5eed),
            script: RefCell::default(),
            sent: RefCell::default(),
            events: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    /// A world whose client gets its token first.
    pub(super) fn signed_in() -> Self {
        let world = Self::new();
        world.expect_token(3_599);
        world
    }

    pub(super) fn client(&self) -> Client<'_> {
        Client::new(self.outside(), &self.connection, self.budget)
    }

    pub(super) fn outside(&self) -> Outside<'_> {
        Outside {
            http: self,
            secrets: self,
            signing: &self.signing,
            tokens: self,
            clock: self,
            entropy: self,
            control: self,
        }
    }

    pub(super) fn expect_token(&self, expires_in: u64) {
        self.expect_token_like(BEARER, expires_in);
    }

    /// The next sign-in gives this token.
    pub(super) fn expect_token_like(&self, bearer: &str, expires_in: u64) {
        let token =
            json!({"token_type": "Bearer", "expires_in": expires_in, "access_token": bearer});
        self.expect_sign_in(Ok(answer(200, &token)));
    }

    pub(super) fn expect_sign_in(&self, answer: Result<HttpResponse, HttpFailure>) {
        let Connection { login, tenant, .. } = &self.connection;
        let url = format!("{login}/{tenant}/oauth2/v2.0/token");
        self.expect(Method::Post, url, answer);
    }

    /// The next request of Graph is a GET of this path below `/v1.0`.
    pub(super) fn expect_get(&self, path: &str, answer: HttpResponse) {
        self.expect(Method::Get, format!("{GRAPH}/v1.0{path}"), Ok(answer));
    }

    pub(super) fn expect_failure(&self, path: &str, failure: HttpFailure) {
        self.expect(Method::Get, format!("{GRAPH}/v1.0{path}"), Err(failure));
    }

    pub(super) fn expect_batch(&self, status: u16, responses: Value) {
        let answer = answer(status, &json!({"responses": responses}));
        self.expect(Method::Post, format!("{GRAPH}/v1.0/$batch"), Ok(answer));
    }

    pub(super) fn expect_batch_failure(&self, failure: HttpFailure) {
        self.expect(Method::Post, format!("{GRAPH}/v1.0/$batch"), Err(failure));
    }

    fn expect(&self, method: Method, url: String, answer: Result<HttpResponse, HttpFailure>) {
        self.script.borrow_mut().push_back(Expected {
            method,
            url,
            answer,
        });
    }

    /// Takes back what is left of the script.
    pub(super) fn forget_the_rest(&self) {
        self.script.borrow_mut().clear();
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.borrow().clone()
    }

    pub(super) fn events(&self) -> Vec<String> {
        self.events.borrow().clone()
    }

    /// The host keeps this token, as an earlier call got it for this connection.
    pub(super) fn keep(&self, bearer: &str, good_for: Duration) {
        self.keep_for(&self.connection.credential, bearer, good_for);
    }

    /// The host keeps this token, as an earlier call got it for this credential.
    pub(super) fn keep_for(&self, credential: &Credential, bearer: &str, good_for: Duration) {
        let Connection {
            tenant, client_id, ..
        } = &self.connection;
        let mut credentials = self.connection.credential.identity();
        if *credential != self.connection.credential {
            credentials = format!("{credentials} {}", credential.identity());
        }
        let issued_for = format!(
            "{LOGIN} {tenant} {client_id} {credentials} https://graph.microsoft.com/.default"
        );
        let token = KeptToken {
            value: bearer.to_owned(),
            good_for,
        };
        self.put(&issued_for, &token);
    }

    /// The token that the host keeps, and how long it is good.
    pub(super) fn kept(&self) -> Option<(String, Duration)> {
        let kept = self.kept.borrow();
        let (_, value, until) = kept.first()?;
        assert_eq!(kept.len(), 1, "of one connection");
        Some((value.clone(), until.saturating_sub(self.passed())))
    }

    pub(super) fn advance(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get() + duration);
    }

    /// The time that has passed.
    pub(super) fn passed(&self) -> Duration {
        self.elapsed.get()
    }
}

/// A script that was not played to its end is a failed test.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left: Vec<_> = self.script.get_mut().iter().map(|next| &next.url).collect();
            assert!(left.is_empty(), "never asked for: {left:?}");
        }
    }
}

/// A client secret of that name.
pub(super) fn secret(name: &str) -> Credential {
    Credential::Secret {
        name: name.to_owned(),
        expires: None,
    }
}

/// The key `app-key`, whose signature is a word.
#[derive(Default)]
pub(super) struct Signature {
    /// Why it does not sign.
    pub(super) refusal: Option<SigningError>,
    /// What was signed.
    pub(super) signed: RefCell<Vec<String>>,
}

impl Signing for Signature {
    fn get(&self, name: &str) -> Result<Box<dyn Signer + '_>, SigningError> {
        match name {
            "app-key" => Ok(Box::new(self)),
            _ => Err(SigningError::NotFound),
        }
    }
}

impl Signer for &Signature {
    fn certificate(&self) -> Certificate {
        Certificate {
            thumbprint_sha256: vec![0xab; 32],
            thumbprint_sha1: vec![0xcd; 20],
            not_before: Timestamp(0),
            not_after: Timestamp(u64::MAX),
        }
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        vec![b"leaf".to_vec(), b"issuer".to_vec()]
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.signed
            .borrow_mut()
            .push(String::from_utf8(message.to_vec()).unwrap());
        match &self.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(b"signature".to_vec()),
        }
    }
}

/// An answer with a JSON body.
pub(super) fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

/// The service's error envelope, with personal data where the service puts it.
pub(super) fn refusal(status: u16, code: &str) -> HttpResponse {
    answer(status, &error_body(code))
}

pub(super) fn error_body(code: &str) -> Value {
    json!({"error": {
        "code": code,
        "message": "Resource 'jane.doe@contoso.com' does not exist",
        "innerError": {"date": "2023-02-14T11:10:50", "request-id": "c6bde806-1a0d"},
    }})
}

pub(super) fn with_header(mut response: HttpResponse, name: &str, value: &str) -> HttpResponse {
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}

impl Http for World {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let expected = self.script.borrow_mut().pop_front();
        let expected = expected.unwrap_or_else(|| panic!("not in the script: {}", request.url));
        assert_eq!(
            (request.method, &request.url),
            (expected.method, &expected.url)
        );
        self.sent.borrow_mut().push(Sent {
            headers: request.headers.clone(),
            body: String::from_utf8(request.body.clone()).unwrap(),
            at: self.passed(),
        });
        match expected.answer {
            Ok(answer) if answer.body.len() > request.max_response => {
                Err(HttpFailure::ResponseTooLarge {
                    limit: request.max_response,
                })
            }
            answer => answer,
        }
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        let passed = u64::try_from(self.passed().as_millis()).unwrap();
        Timestamp(self.wall_clock.0 + passed)
    }

    fn elapsed(&self) -> Duration {
        self.passed()
    }

    fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// SplitMix64, from a fixed seed.
impl Entropy for World {
    fn next_u64(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Secrets for World {
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError> {
        let is_named = |credential: &Credential| match credential {
            Credential::Secret { name: known, .. } | Credential::Federated { token: known } => {
                known == name
            }
            Credential::Certificate { .. } => false,
        };
        assert!(self.connection.credentials().any(is_named), "{name}");
        self.secret
            .clone()
            .map(|value| SecretValue::new(value.to_owned()))
    }
}

impl TokenCache for World {
    fn get(&self, issued_for: &str) -> Option<KeptToken> {
        let kept = self.kept.borrow();
        let (_, value, until) = kept.iter().find(|(of, ..)| of == issued_for)?;
        Some(KeptToken {
            value: value.clone(),
            good_for: until.checked_sub(self.passed())?,
        })
    }

    fn put(&self, issued_for: &str, token: &KeptToken) {
        self.forget(issued_for);
        let until = self.passed() + token.good_for;
        let kept = (issued_for.to_owned(), token.value.clone(), until);
        self.kept.borrow_mut().push(kept);
    }

    fn forget(&self, issued_for: &str) {
        self.kept.borrow_mut().retain(|(of, ..)| of != issued_for);
    }
}

impl RunControl for World {
    fn log(&self, level: Level, event: &str, fields: &[(&str, String)]) {
        self.events
            .borrow_mut()
            .push(format!("{level:?} {event} {fields:?}"));
    }

    fn progress(&self, _: Progress) -> Directive {
        match self.stop_at {
            Some(moment) if self.passed() >= moment => Directive::Stop,
            _ => Directive::GoOn,
        }
    }
}
