//! Histories for the model: what can happen to a store, in an order that proptest makes up.

use std::collections::{BTreeMap, BTreeSet};

use connector_contract::RemovalKind;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub const WRITTEN: [&str; 4] = ["first_name", "email", "company", "Shoe size"];
pub const TOO_LONG: &str = "x@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const VALUES: [&str; 4] = ["a@x.org", "B@x.org", "no address", TOO_LONG];
const LISTS: [&str; 3] = ["L", "M", "N"];
const USERS: [&str; 5] = ["u1", "u2", "u3", "u4", "u5"];

const KINDS: [RemovalKind; 3] = [
    RemovalKind::Unlink,
    RemovalKind::Deactivate,
    RemovalKind::Delete,
];

pub type Writes = BTreeMap<&'static str, Option<&'static str>>;

/// What a change does beside its kind.
#[derive(Clone, Debug)]
pub struct Content {
    pub writes: Writes,
    pub base: Option<BTreeMap<&'static str, &'static str>>,
    pub join: BTreeSet<&'static str>,
    pub leave: BTreeSet<&'static str>,
    pub active: Option<bool>,
}

/// A step of a history. `contact` is the place among the contacts there ever were.
#[derive(Clone, Debug)]
pub enum Step {
    Create {
        user: &'static str,
        content: Content,
    },
    Update {
        contact: usize,
        user: Option<&'static str>,
        content: Content,
    },
    Link {
        contact: usize,
        user: &'static str,
        content: Content,
    },
    Remove {
        contact: usize,
        kind: RemovalKind,
    },
}

#[derive(Clone, Debug)]
pub enum Turn {
    Commit {
        steps: Vec<Step>,
        fails: bool,
    },
    AddByHand(&'static str),
    EditByHand {
        contact: usize,
        field: &'static str,
        value: Option<&'static str>,
    },
}

fn content() -> impl Strategy<Value = Content> {
    let value = || select(&VALUES[..]);
    let some_lists = || prop::collection::btree_set(select(&LISTS[..]), 0..3);
    (
        prop::collection::btree_map(select(&WRITTEN[..]), option::of(value()), 0..4),
        option::of(prop::collection::btree_map(
            select(&WRITTEN[..]),
            value(),
            0..3,
        )),
        some_lists(),
        some_lists(),
        option::weighted(0.3, prop::bool::weighted(0.8)),
    )
        .prop_map(|(writes, base, join, leave, active)| Content {
            writes,
            base,
            join,
            leave,
            active,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let user = || select(&USERS[..]);
    prop_oneof![
        3 => (user(), content()).prop_map(|(user, content)| Step::Create { user, content }),
        4 => (0..8_usize, option::weighted(0.1, user()), content())
            .prop_map(|(contact, user, content)| Step::Update { contact, user, content }),
        2 => (0..8_usize, user(), content())
            .prop_map(|(contact, user, content)| Step::Link { contact, user, content }),
        2 => (0..8_usize, select(&KINDS[..]))
            .prop_map(|(contact, kind)| Step::Remove { contact, kind }),
    ]
}

pub fn turn() -> impl Strategy<Value = Turn> {
    let steps = prop::collection::vec(step(), 0..6);
    prop_oneof![
        6 => (steps, prop::bool::weighted(0.1))
            .prop_map(|(steps, fails)| Turn::Commit { steps, fails }),
        1 => select(&VALUES[..2]).prop_map(Turn::AddByHand),
        1 => (0..8_usize, select(&WRITTEN[..]), option::of(select(&VALUES[..])))
            .prop_map(|(contact, field, value)| Turn::EditByHand { contact, field, value }),
    ]
}
