//! Whatever changes about a person's addresses, a page of changes leads to what reading the person in
//! full would lead to, or to asking for the person.

use std::borrow::Cow;

use entra_users::mapping::Reader;
use entra_users::user::{User, Value};
use serde_json::json;
use sync_core::contact::Link;
use sync_core::contact::{Contact, ContactId};
use sync_core::engine::page::{RoundPhase, deferral};
use sync_core::mapping::person::{Item, Person};
use sync_core::reconcile::correlate::Correlation;
use sync_core::reconcile::decide::Rules;
use sync_core::reconcile::decision::Action;
use sync_core::reconcile::decision::Addition;

use crate::config::settings::Settings;
use crate::config::test_fixture;

const SOURCES: [&str; 4] = ["mail", "otherMails", "proxyAddresses", "userPrincipalName"];

/// What each of the sources holds.
type Sources = [Option<&'static [&'static str]>; 4];

/// What a source can hold.
fn states(source: usize) -> &'static [Option<&'static [&'static str]>] {
    match source {
        0 => &[None, Some(&["mail@a.example"]), Some(&["user@a.example"])],
        1 => &[
            None,
            Some(&["home@b.example", "mail@a.example"]),
            Some(&["mail@a.example", "home@b.example"]),
        ],
        2 => &[
            None,
            Some(&["smtp:old@a.example"]),
            Some(&["smtp:old@a.example", "SMTP:mail@a.example"]),
        ],
        _ => &[
            Some(&["user@a.example"]),
            Some(&["renamed@a.example"]),
            Some(&["home_b.example#EXT#@a.example"]),
            Some(&["guest#EXT#@a.example"]),
        ],
    }
}

fn all_sources() -> Vec<Sources> {
    let mut all = vec![[None; 4]];
    for source in 0..SOURCES.len() {
        let with = |sources: Sources| {
            states(source).iter().map(move |state| {
                let mut sources = sources;
                sources[source] = *state;
                sources
            })
        };
        all = all.into_iter().flat_map(with).collect();
    }
    all
}

fn orders() -> Vec<Vec<&'static str>> {
    let mut orders: Vec<Vec<&'static str>> = vec![Vec::new()];
    let mut all = Vec::new();
    for _ in SOURCES {
        let longer = |order: Vec<&'static str>| {
            let left = SOURCES.into_iter().filter({
                let order = order.clone();
                move |source| !order.contains(source)
            });
            left.map(move |source| [order.clone(), vec![source]].concat())
                .collect::<Vec<_>>()
        };
        orders = orders.into_iter().flat_map(longer).collect();
        all.extend(orders.clone());
    }
    all
}

/// How a page states a source.
#[derive(Clone, Copy)]
enum Page {
    /// The list of users: everything, what is empty as `null`.
    List,
    /// Changes: what is filled, and what was cleared since.
    Changes,
    /// Changes: only what has changed.
    Terse,
}

fn value(page: Page, source: usize, before: &Sources, now: &Sources) -> Value<'static> {
    let changed = before[source] != now[source];
    match (page, now[source]) {
        (Page::Terse, _) if !changed => Value::Absent,
        (Page::Changes, None) if !changed => Value::Absent,
        (_, None) => Value::Null,
        (_, Some([text])) if source == 0 || source == 3 => Value::Text(Cow::Borrowed(*text)),
        (_, Some(texts)) => Value::Texts(texts.iter().map(|text| Cow::Borrowed(*text)).collect()),
    }
}

fn read(
    (settings, reader): (&Settings, &Reader),
    page: Page,
    before: &Sources,
    now: &Sources,
) -> Person {
    let selection = settings.mapping.selection();
    let mut values = vec![Value::Absent; selection.properties().len()];
    for (source, property) in SOURCES.iter().enumerate() {
        if let Some(position) = selection.position(property) {
            values[position] = value(page, source, before, now);
        }
    }
    let user = User {
        id: Some("u1".into()),
        removed: None,
        is_agent: false,
        values,
    };
    match reader.read_item(&user) {
        Item::Live(person) => person,
        other => panic!("{other:?}"),
    }
}

/// The contact that a full sync makes of a person.
fn made(rules: &Rules<'_>, person: &Person) -> Option<Contact> {
    let decision = rules.live(person, Correlation::Nobody);
    let Action::Add(Addition::Create(create)) = decision.action else {
        return None;
    };
    Some(Contact {
        id: ContactId::new("1"),
        version: 1,
        active: true,
        fields: create.fields,
        link: Some(Link {
            object_id: create.object_id,
            base: create.base,
        }),
        former: None,
        lists: Vec::new(),
    })
}

/// Whether so few sources differ.
fn differ_in_two_at_most(before: &Sources, now: &Sources) -> bool {
    before
        .iter()
        .zip(now)
        .filter(|(left, right)| left != right)
        .count()
        <= 2
}

/// Of every single and double change from every state under one order and policy: how often a person
/// was asked for though a page of changes said enough, of how many.
fn judge(settings: &Settings, edit: Option<&str>) -> (u32, u32) {
    let by = (settings, &settings.reader(""));
    let rules = Rules::new(&settings.mapping.rows, &settings.policies);
    let all = all_sources();
    let (mut needless, mut judged) = (0, 0);
    for before in &all {
        let Some(mut contact) = made(&rules, &read(by, Page::List, before, before)) else {
            continue;
        };
        if let Some(value) = edit {
            for field in &mut contact.fields {
                value.clone_into(&mut field.value);
            }
        }
        for now in all.iter().filter(|now| differ_in_two_at_most(before, now)) {
            judged += 1;
            let full = read(by, Page::List, before, now);
            let full = rules.live(&full, Correlation::Linked(&contact));
            for page in [Page::Changes, Page::Terse] {
                let person = read(by, page, before, now);
                let decision = rules.live(&person, Correlation::Linked(&contact));
                let same = (&decision.action, &decision.staged) == (&full.action, &full.staged);
                let asks = deferral(
                    &rules,
                    &person,
                    &decision,
                    Some(&contact),
                    RoundPhase::Following,
                );
                match (page, asks) {
                    (_, None) if edit.is_none() || matches!(page, Page::Changes) => assert!(
                        same,
                        "{:?}: {before:?} became {now:?}",
                        settings.mapping.addresses
                    ),
                    (Page::Changes, Some(_)) if same => needless += 1,
                    _ => {}
                }
            }
        }
    }
    (needless, judged)
}

#[test]
fn for_every_order_and_every_change_a_page_of_changes_does_what_a_full_reading_does_or_asks() {
    for (conflict, longest) in [("source-wins", 4), ("keep-local", 2), ("merge", 2)] {
        for order in orders().into_iter().filter(|order| order.len() <= longest) {
            let settings = test_fixture::settings(&json!({
                "preset": "mirror", "mapping": { "mail": "email" },
                "addresses": order, "conflict": conflict,
            }));
            // Where a source is stated as empty, one question too many is better than one too few.
            let (needless, judged) = judge(&settings, None);
            assert!(needless * 4 < judged, "{order:?}: {needless} of {judged}");
        }
    }
}

#[test]
fn the_same_holds_where_the_address_was_edited_here() {
    for conflict in ["source-wins", "keep-local", "merge"] {
        for order in orders().into_iter().filter(|order| order.len() == 2) {
            let settings = test_fixture::settings(&json!({
                "preset": "mirror", "mapping": { "mail": "email" },
                "addresses": order, "conflict": conflict,
            }));
            judge(&settings, Some("edited@here.example"));
        }
    }
}

#[test]
fn nobody_is_asked_for_whose_addresses_have_not_changed() {
    for order in orders() {
        let settings = test_fixture::settings(&json!({
            "preset": "mirror", "mapping": { "mail": "email" }, "addresses": order,
        }));
        let rules = Rules::new(&settings.mapping.rows, &settings.policies);
        let by = (&settings, &settings.reader(""));
        for sources in all_sources() {
            let whole = read(by, Page::List, &sources, &sources);
            let contact = made(&rules, &whole).unwrap();
            for page in [Page::List, Page::Changes, Page::Terse] {
                let person = read(by, page, &sources, &sources);
                let decision = rules.live(&person, Correlation::Linked(&contact));
                let asks = deferral(
                    &rules,
                    &person,
                    &decision,
                    Some(&contact),
                    RoundPhase::Following,
                );
                let is_sure = !person.address_is_open;
                assert_eq!(asks.is_none(), is_sure, "{order:?} {sources:?}");
                // Only a user name or proxy addresses can be filled and hold no address.
                assert!(is_sure || holds_none(&sources), "{order:?} {sources:?}");
            }
        }
    }
}

fn holds_none(sources: &Sources) -> bool {
    sources[2].is_some_and(|proxies| proxies.len() == 1)
        || sources[3] == Some(&["guest#EXT#@a.example"])
}
