//! How a request is answered: met by what is to go wrong, let in or not, led to its resource, and put into the log.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emulated_http::{Call, Reply};
use emulator_controls::faults::Faults;
use http::{Method, StatusCode, header};

use crate::account::Account;
use crate::faults::{Cut, Fault, ForeignRequest};
use crate::moments;
use crate::refusal::{Kind, Refusal};
use crate::request_log::{RequestLog, RequestRecord};
use crate::state::State;
use crate::{Clock, Credentials, EmulatorOptions, contacts, custom_fields, lists};

/// Where the API begins.
const PREFIX: [&str; 3] = ["api", "v1", "contacts"];

/// The whole state of an emulator.
pub(crate) struct Service {
    clock: Clock,
    inner: Mutex<Inner>,
}

pub(crate) struct Inner {
    pub(crate) state: State,
    pub(crate) credentials: Credentials,
    pub(crate) faults: Faults<Fault>,
    pub(crate) log: RequestLog,
    /// How far the control interface put the clock forward.
    pub(crate) advanced: Duration,
}

/// A path of the API.
enum Resource<'a> {
    Contacts,
    Contact(&'a str),
    Lists,
    List(&'a str),
    Members(&'a str),
    Member(&'a str, &'a str),
    CustomFields,
    CustomField(&'a str),
}

impl<'a> Resource<'a> {
    fn of(segments: &[&'a str]) -> Option<Self> {
        match segments.strip_prefix(&PREFIX)? {
            ["contacts"] => Some(Self::Contacts),
            ["contacts", id] => Some(Self::Contact(id)),
            ["lists"] => Some(Self::Lists),
            ["lists", id] => Some(Self::List(id)),
            ["lists", id, "contacts"] => Some(Self::Members(id)),
            ["lists", id, "contacts", contact] => Some(Self::Member(id, contact)),
            ["custom-fields"] => Some(Self::CustomFields),
            ["custom-fields", id] => Some(Self::CustomField(id)),
            _ => None,
        }
    }
}

impl Service {
    pub(crate) fn new(options: &EmulatorOptions) -> Self {
        let now = (options.clock)();
        let inner = Inner {
            state: State {
                account: Account::default(),
                behaviour: options.behaviour.clone(),
                any_channel: false,
                now,
            },
            credentials: options.credentials.clone(),
            faults: Faults::default(),
            log: RequestLog::default(),
            advanced: Duration::ZERO,
        };
        Self {
            clock: options.clock.clone(),
            inner: Mutex::new(inner),
        }
    }

    /// The state, at this moment. A lock is only poisoned by a panic in here, which is a bug that the panic has
    /// reported already; the state behind it is still the best there is.
    pub(crate) fn open(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.state.now = (self.clock)() + inner.advanced;
        inner
    }

    /// Answers one request, and remembers that it did.
    pub(crate) fn respond(&self, call: &Call) -> Reply {
        self.open().respond(call)
    }

    /// A body that cannot be read, or is too large.
    pub(crate) fn too_large(&self) -> Reply {
        let number = self.open().log.number();
        Refusal::plain(Kind::PayloadTooLarge, "The body is too large").reply(number)
    }
}

impl Inner {
    fn respond(&mut self, call: &Call) -> Reply {
        let number = self.log.number();
        let fault = self.faults.meet(call);
        let mut reply = match &fault {
            Some(fault) => self.faulty(call, fault, number),
            None => self.answer(call, number),
        };
        if let Some(fault) = &fault {
            fault.delay(&mut reply);
        }
        self.log.record(RequestRecord {
            number,
            at: moments::written(self.state.now),
            method: call.method.to_string(),
            target: call.target(),
            status: if reply.hang_up {
                0
            } else {
                reply.status.as_u16()
            },
            fault: fault.is_some(),
        });
        reply
    }

    fn faulty(&mut self, call: &Call, fault: &Fault, number: u64) -> Reply {
        if let Some(request) = &fault.meanwhile {
            self.somebody_else(request);
        }
        if fault.cut == Some(Cut::BeforeCommit) {
            return cut(Reply::empty(StatusCode::OK));
        }
        let replaced = fault.answer(number);
        let reply = replaced.unwrap_or_else(|| self.answer(call, number));
        match fault.cut {
            Some(_) => cut(reply),
            None => reply,
        }
    }

    /// Does what somebody else asks for, who may also write what the service writes by itself.
    pub(crate) fn somebody_else(&mut self, request: &ForeignRequest) -> Reply {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
        let mut call = Call::new(method, &request.target, "http://127.0.0.1");
        call.headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        if !request.body.is_null() {
            call.body = request.body.to_string().into_bytes();
        }
        self.state.any_channel = true;
        let answered = self.dispatch(&call);
        self.state.any_channel = false;
        answered.unwrap_or_else(|refusal| refusal.reply(0))
    }

    fn answer(&mut self, call: &Call, number: u64) -> Reply {
        if call.target().len() > self.state.behaviour.longest_target {
            return Reply::empty(StatusCode::URI_TOO_LONG);
        }
        if !self.credentials.are_of(call) {
            // No body is documented.
            return Reply::empty(StatusCode::UNAUTHORIZED);
        }
        self.dispatch(call)
            .unwrap_or_else(|refusal| refusal.reply(number))
    }

    fn dispatch(&mut self, call: &Call) -> Result<Reply, Refusal> {
        let segments = call.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let state = &mut self.state;
        let Some(resource) = Resource::of(&segments) else {
            let detail = "There is nothing at this path";
            return Err(Refusal::plain(Kind::RequestNotRecognised, detail));
        };
        match (resource, call.method.as_str()) {
            (Resource::Contacts, "GET") => contacts::page(state, call),
            (Resource::Contacts, "POST") => contacts::create(state, call),
            (Resource::Contact(id), "GET") => contacts::get(state, id),
            (Resource::Contact(id), "PATCH") => contacts::update(state, call, id),
            (Resource::Contact(id), "DELETE") => contacts::delete(state, id),
            (Resource::Lists, "GET") => lists::page(state, call),
            (Resource::Lists, "POST") => lists::create(state, call),
            (Resource::List(id), "GET") => lists::get(state, id),
            (Resource::List(id), "PATCH") => lists::update(state, call, id),
            (Resource::List(id), "DELETE") => lists::delete(state, id),
            (Resource::Members(id), "PATCH") => lists::change_members(state, call, id),
            (Resource::Member(list, contact), "POST") => {
                lists::change_member(state, list, contact, true)
            }
            (Resource::Member(list, contact), "DELETE") => {
                lists::change_member(state, list, contact, false)
            }
            (Resource::CustomFields, "GET") => custom_fields::page(state, call),
            (Resource::CustomFields, "POST") => custom_fields::create(state, call),
            (Resource::CustomField(id), "GET") => custom_fields::get(state, id),
            (Resource::CustomField(id), "PATCH") => custom_fields::update(state, call, id),
            (Resource::CustomField(id), "DELETE") => custom_fields::delete(state, id),
            _ => {
                let detail = "The path does not have this method";
                Err(Refusal::plain(Kind::MethodNotAllowed, detail))
            }
        }
    }
}

fn cut(mut reply: Reply) -> Reply {
    reply.hang_up = true;
    reply
}

impl Credentials {
    /// Whether a request has them: HTTP Basic, the key as user name and the secret as password.
    fn are_of(&self, call: &Call) -> bool {
        let Some(stated) = call.header(header::AUTHORIZATION.as_str()) else {
            return false;
        };
        let Some((scheme, encoded)) = stated.split_once(' ') else {
            return false;
        };
        let expected = format!("{}:{}", self.key, self.secret);
        scheme.eq_ignore_ascii_case("basic")
            && STANDARD
                .decode(encoded.trim())
                .is_ok_and(|decoded| decoded == expected.as_bytes())
    }
}
