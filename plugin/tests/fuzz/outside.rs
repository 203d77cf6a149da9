//! The outside in memory: a directory of two pages, a store of a few contacts, and whatever a case
//! wants of them otherwise.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use entra_connector::imports::{Consent, Imports, NoNotifications};
use guest_kit::{
    Clock, Directive, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Level, Progress,
    RunControl, SecretError, SecretValue, Secrets, Timestamp,
};
use sync_core::contact::{Change, Contact, ContactId, Field, Link, ObjectId, Who};
use sync_core::ports::{
    Commit, ContactStore, EditsSince, Expected, FieldDescription, FieldKind, FieldRole,
    JournalEntry, Noted, Outcome, PlanEntry, PlanSink, Query, SameContact, State, Statistics,
    StoreDescription, StoreError, StoreLimits, Tally,
};

use serde_json::{Value, json};

use super::mutation::{ADDRESS, Mutation, NAME, spoilt};
use super::sound::{envelope, sound_answer};

mod store;

/// What one answer is otherwise.
#[derive(Clone, Debug)]
pub(crate) enum Twist {
    Spoil(Vec<Mutation>),
    Bytes(Vec<u8>),
    Status(u16),
    Header(&'static str, String),
    /// An error envelope, spoilt.
    Refuse(u16, Vec<Mutation>),
    Fail(HttpFailure),
}

/// What the store says otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oddities {
    pub(crate) description: Option<StoreDescription>,
    /// In place of the contacts that were asked for.
    pub(crate) contacts: Option<Vec<Contact>>,
    /// Contacts that are known again.
    pub(crate) same: Vec<SameContact>,
    /// Each part of what others wrote, in order; after them nothing is left to tell.
    pub(crate) edits: Vec<EditsSince>,
    /// In place of one "applied" for each change.
    pub(crate) outcomes: Option<Vec<Outcome>>,
    pub(crate) state: BTreeMap<String, Vec<u8>>,
    pub(crate) statistics: Option<Statistics>,
    pub(crate) known_links: u64,
    pub(crate) journal: Vec<JournalEntry>,
    pub(crate) notes: Vec<Noted>,
    /// The call of the store, counted from 1, that fails, and how.
    pub(crate) fails: Option<(u32, StoreError)>,
    /// The user of whom the store makes no contact.
    pub(crate) refuses: Option<&'static str>,
}

pub(crate) struct Outside {
    /// By the number of the request.
    pub(crate) twists: BTreeMap<u32, Vec<Twist>>,
    pub(crate) oddities: Oddities,
    contacts: RefCell<BTreeMap<String, Contact>>,
    state: RefCell<BTreeMap<String, Vec<u8>>>,
    plan: RefCell<BTreeMap<String, PlanEntry>>,
    requests: Cell<u32>,
    reports: Cell<u32>,
    store_calls: Cell<u32>,
    elapsed: Cell<Duration>,
    random: Cell<u64>,
    log: RefCell<Vec<String>>,
}

/// Requests and reports after which the host has enough of a call that goes round in circles.
const ENOUGH: u32 = 300;

/// A contact, linked to the user of that number or to nobody.
pub(crate) fn contact(id: u32, user: Option<u32>) -> Contact {
    let field = |name: &str, value: String| Field {
        name: name.to_owned(),
        value,
    };
    let email = field("email", format!("{id}.{ADDRESS}"));
    Contact {
        id: ContactId::new(id.to_string()),
        version: 1,
        active: true,
        fields: vec![email.clone(), field("display_name", NAME.to_owned())],
        link: user.map(|user| Link {
            object_id: ObjectId::new(format!("user-{user}")),
            base: vec![email],
        }),
        former: None,
        lists: vec!["Sales".to_owned()],
    }
}

pub(crate) fn description() -> StoreDescription {
    let field = |name: &str, kind, role| FieldDescription {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        mandatory: false,
        max_length: Some(64),
        role,
    };
    StoreDescription {
        fields: vec![
            field(
                "display_name",
                FieldKind::Text,
                Some(FieldRole::DisplayName),
            ),
            field("email", FieldKind::Email, Some(FieldRole::Email)),
            field("mobile_phone", FieldKind::Phone, Some(FieldRole::Phone)),
        ],
        custom_fields: true,
        atomic: true,
        max_batch: 1_000,
        journal: true,
        marks: true,
        edits: true,
        unlinked: true,
        limits: StoreLimits::default(),
    }
}

impl Outside {
    /// As a host does before each call that plans.
    pub(crate) fn forget_plan(&self) {
        self.plan.borrow_mut().clear();
    }

    pub(crate) fn new() -> Self {
        let contacts = [(1, Some(1)), (2, None), (7, Some(70)), (8, Some(80))]
            .map(|(id, user)| (id.to_string(), contact(id, user)));
        Self {
            twists: BTreeMap::new(),
            oddities: Oddities::default(),
            contacts: RefCell::new(contacts.into()),
            state: RefCell::default(),
            plan: RefCell::default(),
            requests: Cell::new(0),
            reports: Cell::new(0),
            store_calls: Cell::new(0),
            elapsed: Cell::new(Duration::ZERO),
            random: Cell::new(0x5eed),
            log: RefCell::default(),
        }
    }

    pub(crate) fn with(oddities: Oddities) -> Self {
        let outside = Self {
            oddities,
            ..Self::new()
        };
        outside.state.replace(outside.oddities.state.clone());
        outside
    }

    pub(crate) fn imports(&self) -> Imports<'_> {
        Imports {
            http: self,
            store: self,
            state: self,
            plan: self,
            secrets: self,
            signing: &guest_kit::NoSigning,
            tokens: &guest_kit::NoTokens,
            clock: self,
            entropy: self,
            control: self,
            consent: self,
            notifications: &NoNotifications,
        }
    }

    /// A platform that holds what [`Self::kept`] has told of another.
    pub(crate) fn holding(kept: &Value, oddities: Oddities) -> Self {
        let outside = Self::with(oddities);
        // Later, so that no run has the id of an earlier one.
        outside.elapsed.set(Duration::from_hours(1));
        let state = kept["state"].as_object().expect("entries of the state");
        let entry = |(key, value): (&String, &Value)| (key.clone(), value.to_string().into_bytes());
        outside.state.replace(state.iter().map(entry).collect());
        let contacts = kept["contacts"].as_array().expect("contacts").iter();
        let contacts = contacts
            .map(restored)
            .map(|c| (c.id.as_str().to_owned(), c));
        outside.contacts.replace(contacts.collect());
        outside
    }

    /// The state and the contacts.
    pub(crate) fn kept(&self) -> Value {
        let parsed = |value: &Vec<u8>| -> Value { serde_json::from_slice(value).expect("JSON") };
        let state = self.state.borrow();
        let state = state
            .iter()
            .map(|(key, value)| (key.clone(), parsed(value)));
        let contacts = self.contacts.borrow();
        let contacts = contacts.values().map(|contact| {
            json!({
                "id": contact.id.as_str(),
                "version": contact.version,
                "active": contact.active,
                "fields": contact.fields,
                "lists": contact.lists,
                "link": contact.link.as_ref().map(|link| {
                    json!({ "objectId": link.object_id.as_str(), "base": link.base })
                }),
            })
        });
        json!({
            "state": state.collect::<serde_json::Map<_, _>>(),
            "contacts": contacts.collect::<Vec<_>>(),
        })
    }

    pub(crate) fn logged(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    fn called(&self) -> Result<(), StoreError> {
        let number = self.store_calls.get() + 1;
        self.store_calls.set(number);
        match &self.oddities.fails {
            Some((at, error)) if *at == number => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

fn restored(kept: &Value) -> Contact {
    let fields = |value: &Value| -> Vec<Field> {
        serde_json::from_value(value.clone()).expect("fields with values")
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let link = Some(&kept["link"]).filter(|link| link.is_object());
    Contact {
        id: ContactId::new(text(&kept["id"])),
        version: kept["version"].as_u64().expect("a number"),
        active: kept["active"] == true,
        fields: fields(&kept["fields"]),
        link: link.map(|link| Link {
            object_id: ObjectId::new(text(&link["objectId"])),
            base: fields(&link["base"]),
        }),
        former: None,
        lists: serde_json::from_value(kept["lists"].clone()).expect("names"),
    }
}

impl Http for Outside {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let number = self.requests.get() + 1;
        self.requests.set(number);
        if number > ENOUGH {
            return Err(HttpFailure::Denied);
        }
        self.elapsed
            .set(self.elapsed.get() + Duration::from_millis(50));
        let valid = sound_answer(&request.url, &request.body);
        let mut response = HttpResponse {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: valid.to_string().into_bytes(),
        };
        for twist in self.twists.get(&number).into_iter().flatten() {
            match twist {
                Twist::Spoil(mutations) => response.body = spoilt(&valid, mutations),
                Twist::Bytes(bytes) => response.body.clone_from(bytes),
                Twist::Status(status) => response.status = *status,
                Twist::Header(name, value) => {
                    response.headers.push(((*name).to_owned(), value.clone()));
                }
                Twist::Refuse(status, mutations) => {
                    response.status = *status;
                    response.body = spoilt(&envelope("syncStateNotFound"), mutations);
                }
                Twist::Fail(failure) => return Err(failure.clone()),
            }
        }
        Ok(response)
    }
}

impl Outside {
    fn perform(&self, change: Change) -> Outcome {
        let mut contacts = self.contacts.borrow_mut();
        let id = match &change {
            Change::Create(_) => ContactId::new((100 + contacts.len()).to_string()),
            Change::Update(update) => update.contact.contact.clone(),
            Change::Link(link) => link.contact.contact.clone(),
            Change::Remove(removal) => removal.contact.contact.clone(),
            Change::Revert(reversal) => reversal.contact.contact.clone(),
        };
        match change {
            Change::Create(create) if self.oddities.refuses == Some(create.object_id.as_str()) => {
                return Outcome::Refused {
                    field: Some("email".to_owned()),
                    code: "invalid-email".to_owned(),
                };
            }
            Change::Create(create) => {
                let contact = Contact {
                    id: id.clone(),
                    version: 1,
                    active: create.active,
                    fields: create.fields,
                    link: Some(Link {
                        object_id: create.object_id,
                        base: create.base,
                    }),
                    former: None,
                    lists: create.lists.into_iter().map(|list| list.name).collect(),
                };
                contacts.insert(id.as_str().to_owned(), contact);
            }
            Change::Remove(_) => drop(contacts.remove(id.as_str())),
            Change::Update(_) | Change::Link(_) | Change::Revert(_) => {
                if let Some(contact) = contacts.get_mut(id.as_str()) {
                    contact.version += 1;
                }
            }
        }
        Outcome::Applied {
            contact: id,
            version: 2,
        }
    }
}

impl Secrets for Outside {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new("s3cr3t".to_owned()))
    }
}

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        let elapsed = u64::try_from(self.elapsed.get().as_millis()).unwrap_or(u64::MAX);
        Timestamp(1_767_225_600_000_u64.saturating_add(elapsed))
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.elapsed
            .set(self.elapsed.get().saturating_add(duration));
    }
}

impl Entropy for Outside {
    fn next_u64(&self) -> u64 {
        let random = self.random.get();
        let next = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.random.set(next);
        next >> 16
    }
}

impl Consent for Outside {
    fn endpoint(&self, _: &str) -> bool {
        true
    }
}

impl RunControl for Outside {
    fn log(&self, level: Level, event: &str, fields: &[(&str, String)]) {
        self.log
            .borrow_mut()
            .push(format!("{level:?} {event} {fields:?}"));
    }

    fn progress(&self, _: Progress) -> Directive {
        let number = self.reports.get() + 1;
        self.reports.set(number);
        if number > ENOUGH {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}
