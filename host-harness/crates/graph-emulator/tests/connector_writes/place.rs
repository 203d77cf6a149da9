//! The writing side of the connector without a sandbox, on the emulator's service, in time that passes only where
//! somebody waits.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use entra_directory::connection::{Cloud, Connection, Credential};
use entra_directory::graph::client::Client;
use entra_directory::inviter::GuestDoor;
use entra_directory::writer::Writer;
use graph_emulator::{
    Behaviour, Control, DirectorySource, EmulatorInProcess, EmulatorOptions, TenantOptions,
};
use guest_kit::retry::Budget;
use guest_kit::{
    Clock, Directive, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Level, Method,
    NoSigning, NoTokens, Outside, Progress, RunControl, SecretError, SecretValue, Secrets,
    Timestamp,
};
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::mapping::rows::{Direction, Purpose, Row};
use sync_core::ports::directory_writer::{
    AttributeWrite, DirectoryWriter, PersonWrite, WriteOutcome,
};
use sync_core::ports::inviter::Inviter;
use sync_core::settings::Invitations;

/// 2026-01-01T00:00:00Z, in milliseconds.
const BEGINNING: u64 = 1_767_225_600_000;

pub(crate) struct Place {
    emulator: EmulatorInProcess,
    connection: Connection,
    elapsed_ms: Arc<AtomicU64>,
    random: Cell<u64>,
    /// The requests that were sent, by method and path.
    pub(crate) requests: RefCell<Vec<(Method, String)>>,
    pub(crate) log: RefCell<Vec<String>>,
}

impl Place {
    pub(crate) fn new(people: Vec<Value>, roles: &[&str], behaviour: Behaviour) -> Self {
        let elapsed_ms = Arc::new(AtomicU64::new(0));
        let time = Arc::clone(&elapsed_ms);
        let options = EmulatorOptions {
            directory: DirectorySource::Users(people),
            behaviour,
            clock: Arc::new(move || {
                let passed = BEGINNING + time.load(Ordering::Relaxed);
                SystemTime::UNIX_EPOCH + Duration::from_millis(passed)
            }),
            tenant: TenantOptions {
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                ..TenantOptions::default()
            },
            ..EmulatorOptions::default()
        };
        let emulator = EmulatorInProcess::new(&options, "http://127.0.0.1:1").unwrap();
        let root = emulator.url().to_owned();
        Self {
            connection: Connection {
                tenant: options.tenant.tenant_id,
                cloud: Cloud::Global,
                client_id: options.tenant.client_id,
                credential: Credential::Secret {
                    name: "client-secret".to_owned(),
                    expires: None,
                },
                fallback: None,
                login: root.clone(),
                graph: root,
            },
            emulator,
            elapsed_ms,
            random: Cell::new(1),
            requests: RefCell::default(),
            log: RefCell::default(),
        }
    }

    pub(crate) fn control(&self) -> &Control {
        self.emulator.control()
    }

    pub(crate) fn passed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::Relaxed))
    }

    /// Something with the writer of one call, which may wait for hours.
    pub(crate) fn with_writer<T>(&self, ask: impl FnOnce(&dyn DirectoryWriter) -> T) -> T {
        let outside = Outside {
            http: self,
            secrets: self,
            signing: &NoSigning,
            tokens: &NoTokens,
            clock: self,
            entropy: self,
            control: self,
        };
        let budget = Budget::until(self.passed() + Duration::from_secs(24 * 3_600));
        let client = Client::new(outside, &self.connection, budget);
        ask(&Writer::new(&client))
    }

    /// Something with the door of one call.
    pub(crate) fn with_door<T>(&self, ask: impl FnOnce(&dyn Inviter) -> T) -> T {
        let outside = Outside {
            http: self,
            secrets: self,
            signing: &NoSigning,
            tokens: &NoTokens,
            clock: self,
            entropy: self,
            control: self,
        };
        let budget = Budget::until(self.passed() + Duration::from_secs(24 * 3_600));
        let client = Client::new(outside, &self.connection, budget);
        let terms = Invitations {
            redirect_url: "https://contoso.example/".to_owned(),
            send_message: false,
        };
        ask(&GuestDoor::new(&client, &terms, &OnceCell::new()))
    }

    /// Writes everything, twenty people in a call of the writer.
    pub(crate) fn write(&self, people: &[PersonWrite]) -> Vec<Vec<WriteOutcome>> {
        self.with_writer(|writer| {
            let calls = people
                .chunks(20)
                .map(|twenty| writer.write(twenty).unwrap());
            calls.flatten().collect()
        })
    }

    pub(crate) fn property(&self, id: &str, name: &str) -> Option<String> {
        let user = self.control().user(id)?;
        Some(user.get(name)?.as_str()?.to_owned())
    }

    fn pass(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap();
        self.elapsed_ms.fetch_add(time, Ordering::Relaxed);
    }
}

/// A row that writes an attribute.
fn row(attribute: &str) -> Row {
    Row {
        attribute: ["mobilePhone", "otherMails"]
            .into_iter()
            .find(|known| *known == attribute)
            .unwrap_or_default(),
        field: "field".to_owned(),
        label: String::new(),
        purpose: Purpose::Plain,
        mandatory: false,
        only_on_create: false,
        max_length: None,
        direction: Direction::Reverse,
        always_filled: false,
    }
}

pub(crate) fn person(id: &str, writes: &[(&str, Option<&str>, Option<&str>)]) -> PersonWrite {
    let writes = writes
        .iter()
        .map(|(attribute, decided_on, value)| AttributeWrite {
            attribute: (*attribute).to_owned(),
            form: row(attribute).form(),
            decided_on: decided_on.map(str::to_owned),
            value: value.map(str::to_owned),
        });
    PersonWrite {
        user: ObjectId::new(id),
        writes: writes.collect(),
    }
}

impl Http for Place {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        self.pass(Duration::from_millis(20));
        let path = request.url.strip_prefix(self.emulator.url()).unwrap();
        self.requests
            .borrow_mut()
            .push((request.method, path.to_owned()));
        let mut builder = http::Request::builder()
            .method(match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Propfind => "PROPFIND",
                Method::Report => "REPORT",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
            })
            .uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let asked = builder.body(Bytes::from(request.body.clone())).unwrap();
        let response = self
            .emulator
            .answer(asked)
            .ok_or(HttpFailure::Interrupted)?;
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(HttpResponse {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.body().to_vec(),
        })
    }
}

impl Clock for Place {
    fn now(&self) -> Timestamp {
        Timestamp(BEGINNING + self.elapsed_ms.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.passed()
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

impl Entropy for Place {
    fn next_u64(&self) -> u64 {
        self.random.set(self.random.get() + 1);
        self.random.get().wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

impl Secrets for Place {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        let secret = TenantOptions::default().client_secret;
        Ok(SecretValue::new(secret))
    }
}

impl RunControl for Place {
    fn log(&self, _: Level, event: &str, fields: &[(&str, String)]) {
        self.log.borrow_mut().push(format!("{event} {fields:?}"));
    }

    fn progress(&self, _: Progress) -> Directive {
        Directive::GoOn
    }
}
