//! What one page of 999 users costs the pure core: parsing it, reading its people, deciding about
//! them, and naming the changes. Run with `cargo bench -p entra-connector`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark on made-up data that stops where the data is wrong"
)]
#![allow(
    missing_docs,
    reason = "`criterion_group!` makes undocumented functions"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use entra_connector::config;
use entra_connector::config::settings::Settings;
use entra_directory::graph::link::GraphRoot;
use entra_directory::graph::page::{self, Page};
use sync_core::contact::{Contact, ContactId, Link};
use sync_core::mapping::person::{Item, Person};
use sync_core::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription, StoreLimits};
use sync_core::reconcile::correlate::Candidates;
use sync_core::reconcile::decide::Rules;
use sync_core::reconcile::decision::{Action, Addition, Decision};
use sync_core::reconcile::digest::PlanDigest;

const USERS: u64 = 999;

const DOCUMENT: &str = r#"{ "sync": { "direction": "one-way", "source": "entra-id", "target": "contacts",
  "preset": "mirror", "mapping": { "givenName": "first_name", "surname": "last_name", "displayName": "display_name",
  "mail": "email", "mobilePhone": "mobile_phone", "companyName": "company", "jobTitle": "job_title",
  "department": "department", "officeLocation": "office_location", "employeeId": "Staff number" } } }"#;

fn store() -> StoreDescription {
    let fields = [
        ("first_name", Some(FieldRole::GivenName)),
        ("last_name", Some(FieldRole::FamilyName)),
        ("display_name", Some(FieldRole::DisplayName)),
        ("email", Some(FieldRole::Email)),
        ("mobile_phone", Some(FieldRole::Phone)),
        ("company", Some(FieldRole::Company)),
        ("job_title", None),
        ("department", None),
        ("office_location", None),
    ];
    StoreDescription {
        fields: fields
            .into_iter()
            .map(|(name, role)| FieldDescription {
                name: name.to_owned(),
                label: name.to_owned(),
                kind: FieldKind::Text,
                mandatory: false,
                max_length: Some(256),
                role,
            })
            .collect(),
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

fn settings() -> Settings {
    config::read(DOCUMENT, &store()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn root() -> GraphRoot {
    GraphRoot::new("https://graph.microsoft.com")
}

/// A page as Graph sends it, every eighth person without a mobile phone, one name in ten escaped.
fn page() -> Vec<u8> {
    let mut text = String::from(
        r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$top=999&$skiptoken=abc","value":["#,
    );
    for number in 0..USERS {
        if number > 0 {
            text.push(',');
        }
        let surname = if number % 10 == 0 {
            r#"O\u2019Neil"#
        } else {
            "Ångström"
        };
        let phone = if number % 8 == 0 {
            "null"
        } else {
            "\"+1 425 555 0100\""
        };
        write!(
            text,
            r#"{{"id":"6ea91a8d-e32e-41a1-b7bd-{number:012}","accountEnabled":true,"companyName":"Contoso","department":"Sales","displayName":"Person {number}","employeeId":"{number:06}","givenName":"Person","jobTitle":"Account Manager","mail":"person{number}@contoso.com","mobilePhone":{phone},"officeLocation":"18/2111","otherMails":[],"surname":"{surname}","userPrincipalName":"person{number}@contoso.com"}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    text.into_bytes()
}

fn parse<'p>(bytes: &'p [u8], settings: &Settings, root: &GraphRoot) -> Page<'p> {
    page::parse(bytes, settings.mapping.selection(), root).unwrap()
}

fn people(settings: &Settings) -> Vec<Person> {
    let bytes = page();
    let page = parse(&bytes, settings, &root());
    let reader = settings.reader("Contoso");
    page.users
        .iter()
        .filter_map(|user| match reader.read_item(user) {
            Item::Live(person) => Some(person),
            Item::Gone { .. } | Item::Nameless => None,
        })
        .collect()
}

fn decide(settings: &Settings, people: &[Person], contacts: &[Contact]) -> Vec<Decision> {
    let rules = Rules::new(&settings.mapping.rows, &settings.policies);
    let candidates = Candidates::new(contacts, "email");
    people
        .iter()
        .map(|person| {
            let found = candidates.find(&person.object_id, person.match_key.as_deref());
            rules.live(person, found)
        })
        .collect()
}

/// The contacts as they are after the people were created.
fn contacts(decisions: Vec<Decision>) -> Vec<Contact> {
    decisions
        .into_iter()
        .zip(1_u64..)
        .filter_map(|(decision, number)| match decision.action {
            Action::Add(Addition::Create(create)) => Some(Contact {
                id: ContactId::new(number.to_string()),
                version: 1,
                active: true,
                fields: create.fields,
                former: None,
                lists: create.lists.into_iter().map(|list| list.name).collect(),
                link: Some(Link {
                    object_id: create.object_id,
                    base: create.base,
                }),
            }),
            _ => None,
        })
        .collect()
}

fn a_page(criterion: &mut Criterion) {
    let settings = settings();
    let bytes = page();
    let root = root();
    let mut group = criterion.benchmark_group("page of 999");
    group.throughput(Throughput::Elements(USERS));

    group.bench_function("parse", |bench| {
        bench.iter(|| parse(black_box(&bytes), &settings, &root));
    });

    let parsed = parse(&bytes, &settings, &root);
    let reader = settings.reader("Contoso");
    group.bench_function("read people", |bench| {
        bench.iter(|| -> Vec<Item> {
            parsed
                .users
                .iter()
                .map(|user| reader.read_item(black_box(user)))
                .collect()
        });
    });

    let people = people(&settings);
    group.bench_function("decide, all new", |bench| {
        bench.iter(|| decide(&settings, black_box(&people), &[]));
    });

    let created = decide(&settings, &people, &[]);
    let contacts = contacts(created.clone());
    group.bench_function("decide, all in step", |bench| {
        bench.iter(|| decide(&settings, black_box(&people), &contacts));
    });

    group.bench_function("digest, all new", |bench| {
        bench.iter_batched(
            || -> Vec<_> {
                created
                    .iter()
                    .cloned()
                    .map(Decision::into_plan_entry)
                    .collect()
            },
            |entries| {
                let mut digest = PlanDigest::new(&settings.fingerprint);
                entries.iter().for_each(|entry| digest.add(entry));
                digest.finish()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, a_page);
criterion_main!(benches);
