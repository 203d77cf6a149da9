//! Plans: what `plan` puts into the sink, and what a sync reads back.
//!
//! The verdicts of these checks travel in the plan itself: an entry for each, which the sync that is given the
//! plan's approval reads. So they are in its report, and that it finds them is a check of its own.

use crate::bench::user_of;
use crate::bindings::imports::contact_store::describe;
use crate::bindings::imports::plan_sink::{
    AttributeChange, Entry, changes, claimed, count, entries, put,
};
use crate::bindings::imports::types::{Effect, EffectOnContact, Evidence, FieldChange};
use crate::secrets::hexadecimal;
use crate::store::batches::{limit, too_large};
use host_promises::promises::{ALL, When};
use host_promises::verdict::{Amiss, Ending, Outcome, Verdict, differs, holds, same, shown};
use sha2::{Digest, Sha256};

/// Object ids of a plan are the same in each run, so that its digest is.
const NONCE: &str = "00000000";

/// Where the entries with verdicts stand among the others.
const VERDICTS: usize = 1_000;

/// Entries that are read at a time.
const PAGE: u32 = 500;

/// The entries of one check, and what they are called.
pub(crate) struct Sheet {
    check: usize,
}

impl Sheet {
    fn user(&self, person: usize) -> String {
        user_of(NONCE, self.check, person)
    }

    /// The id just before those of this check.
    fn before(&self) -> String {
        user_of(NONCE, self.check - 1, crate::bench::PEOPLE - 1)
    }

    fn entry(&self, person: usize, effect: Effect, reason: &str) -> Entry {
        entry(self.user(person), effect, reason)
    }

    /// The people of this check in the plan in the making, as far as they change something.
    fn changing(&self) -> Result<Vec<usize>, Amiss> {
        let page = changes(None, Some(&self.before()), PAGE)?;
        Ok(self.people(&page))
    }

    fn people(&self, page: &[Entry]) -> Vec<usize> {
        let person = |entry: &Entry| {
            (0..crate::bench::PEOPLE).find(|it| self.user(*it) == entry.what.object_id)
        };
        page.iter().filter_map(person).collect()
    }
}

fn entry(object_id: String, effect: Effect, reason: &str) -> Entry {
    Entry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id,
            effect,
            reason: reason.to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
        },
    }
}

type Probe = fn(&Sheet) -> Outcome;

/// The checks of a plan, by the promise.
const PROBES: &[(&str, Probe)] = &[
    ("plan-empty", empty),
    ("plan-put", as_put),
    ("plan-replaced", replaced),
    ("plan-order", order),
    ("plan-page", page),
    ("plan-changing", changing),
    ("plan-entries", of_users),
    ("plan-claimed", claims),
    ("plan-count", counts),
    ("plan-lists", lists),
    ("plan-batch", batch),
];

/// Tries everything that `plan` can, leaves the verdicts in the plan, and gives them.
pub(crate) fn try_all(waived: impl Fn(&str) -> Option<String>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (check, (name, probe)) in (1..).zip(PROBES) {
        let verdict = match waived(name) {
            Some(why) => Verdict::waived(name, &why),
            None => Verdict::of(name, probe(&Sheet { check })),
        };
        verdicts.push(verdict);
    }
    for verdict in &mut verdicts {
        // An entry that cannot be left there is not told by the sync, and said to be missing.
        if let Err(error) = leave(verdict) {
            *verdict = Verdict::of(&verdict.name, Err(error));
        }
    }
    verdicts
}

/// Takes what the checks put out of what would change something, and puts a verdict there.
fn leave(verdict: &Verdict) -> Outcome {
    let place = PROBES
        .iter()
        .position(|(name, _)| *name == verdict.name)
        .unwrap_or(0);
    let sheet = Sheet { check: place + 1 };
    let nothing: Vec<_> = (0..crate::bench::PEOPLE)
        .map(|person| sheet.entry(person, Effect::Unchanged, "in-step"))
        .collect();
    put(&nothing)?;
    let mut told = entry(
        user_of(NONCE, VERDICTS + place, 0),
        Effect::Update,
        &verdict.name,
    );
    let fields = [
        (
            "ending",
            serde_json::to_string(&verdict.ending).unwrap_or_default(),
        ),
        ("expected", verdict.expected.clone()),
        ("seen", verdict.seen.clone()),
    ];
    told.what.fields = fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| FieldChange {
            field: field.to_owned(),
            before: None,
            after: Some(value),
        })
        .collect();
    Ok(put(&[told])?)
}

/// The digest of a plan with these verdicts: the same for the same.
pub(crate) fn digest(verdicts: &[Verdict]) -> String {
    let text = serde_json::to_vec(verdicts).unwrap_or_default();
    hexadecimal(&Sha256::digest(text))
}

/// The verdicts that a plan was left with.
pub(crate) fn kept(digest: &str) -> Result<Vec<Verdict>, Amiss> {
    let page = changes(Some(digest), None, PAGE)?;
    let verdicts: Vec<_> = page.iter().filter_map(verdict).collect();
    let expected = ALL
        .iter()
        .filter(|promise| promise.when == When::Plan)
        .count();
    if verdicts.len() == expected {
        return Ok(verdicts);
    }
    differs(
        format!("{expected} entries of the plan that was approved"),
        format!("{} of {}", verdicts.len(), page.len()),
    )
}

fn verdict(entry: &Entry) -> Option<Verdict> {
    let field = |name: &str| {
        let found = entry
            .what
            .fields
            .iter()
            .find(|change| change.field == name)?;
        found.after.clone()
    };
    let name = &entry.what.reason;
    PROBES.iter().find(|(probe, _)| probe == name)?;
    Some(Verdict {
        name: name.clone(),
        ending: serde_json::from_str::<Ending>(&field("ending")?).ok()?,
        expected: field("expected").unwrap_or_default(),
        seen: field("seen").unwrap_or_default(),
    })
}

/// Of a plan that is not kept there is nothing.
pub(crate) fn unknown() -> Outcome {
    let digest = "0".repeat(64);
    let read = changes(Some(&digest), None, PAGE)?;
    same("entries of a plan that is not kept", read.len(), 0)?;
    let read = entries(Some(&digest), &[user_of(NONCE, 1, 0)])?;
    same("entries of a user in it", read.len(), 0)
}

fn empty(_: &Sheet) -> Outcome {
    let tallies = count()?;
    holds("no entry to count", tallies.is_empty(), &tallies)?;
    same("entries", changes(None, None, PAGE)?.len(), 0)
}

fn as_put(sheet: &Sheet) -> Outcome {
    let mut entry = sheet.entry(0, Effect::Deactivate, "out-of-scope");
    entry.contact = Some("1".to_owned());
    entry.version = Some(7);
    entry.directory = vec![AttributeChange {
        attribute: "mobilePhone".to_owned(),
        before: None,
        after: Some("A".to_owned()),
    }];
    entry.what.evidence = Some(Evidence::LeftScope("department".to_owned()));
    entry.what.fields = vec![FieldChange {
        field: "host conformance".to_owned(),
        before: Some("A".to_owned()),
        after: None,
    }];
    entry.what.leaves = ["A", "B"]
        .map(|name| format!("Host conformance plan {name}"))
        .to_vec();
    put(std::slice::from_ref(&entry))?;
    let read = entries(None, &[sheet.user(0)])?;
    same("the entry", read, vec![entry])
}

fn replaced(sheet: &Sheet) -> Outcome {
    put(&[sheet.entry(0, Effect::Create, "new-user")])?;
    put(&[sheet.entry(0, Effect::Delete, "deleted")])?;
    let read = entries(None, &[sheet.user(0)])?;
    let effects: Vec<_> = read.iter().map(|entry| entry.what.effect).collect();
    same("effects on the user", effects, vec![Effect::Delete])
}

fn order(sheet: &Sheet) -> Outcome {
    for person in [2, 0, 3, 1] {
        put(&[sheet.entry(person, Effect::Create, "new-user")])?;
    }
    same("people", sheet.changing()?, vec![0, 1, 2, 3])
}

fn page(sheet: &Sheet) -> Outcome {
    let new = |person| sheet.entry(person, Effect::Create, "new-user");
    put(&[new(0), new(1), new(2), new(3)])?;
    let page = changes(None, Some(&sheet.user(0)), 2)?;
    same(
        "two after the first",
        (page.len(), sheet.people(&page)),
        (2, vec![1, 2]),
    )
}

fn changing(sheet: &Sheet) -> Outcome {
    put(&[
        sheet.entry(0, Effect::Skip, "out-of-scope"),
        sheet.entry(1, Effect::Update, "directory-changed"),
        sheet.entry(2, Effect::Unchanged, "in-step"),
        sheet.entry(3, Effect::Reactivate, "active-again"),
    ])?;
    same("people", sheet.changing()?, vec![1, 3])
}

fn of_users(sheet: &Sheet) -> Outcome {
    put(&[
        sheet.entry(0, Effect::Create, "new-user"),
        sheet.entry(1, Effect::Create, "new-user"),
        sheet.entry(2, Effect::Skip, "out-of-scope"),
    ])?;
    let read = entries(None, &[sheet.user(1), sheet.user(2), sheet.user(9)])?;
    same("people", (read.len(), sheet.people(&read)), (1, vec![1]))
}

fn claims(sheet: &Sheet) -> Outcome {
    let about = |person, effect, contact: &str| Entry {
        contact: Some(contact.to_owned()),
        ..sheet.entry(person, effect, "matched-by-address")
    };
    put(&[
        about(0, Effect::Link, "7000001"),
        about(1, Effect::Update, "7000002"),
    ])?;
    let contacts = ["7000001", "7000002", "7000003"].map(str::to_owned);
    let told: Vec<_> = claimed(&contacts)?
        .into_iter()
        .map(|claim| (claim.contact, claim.object_id))
        .collect();
    same("claims", told, vec![("7000001".to_owned(), sheet.user(0))])
}

fn counts(sheet: &Sheet) -> Outcome {
    put(&[
        sheet.entry(0, Effect::Skip, "host-conformance-one"),
        sheet.entry(1, Effect::Skip, "host-conformance-one"),
        sheet.entry(2, Effect::Skip, "host-conformance-two"),
        sheet.entry(3, Effect::Create, "host-conformance-two"),
    ])?;
    let mut told: Vec<_> = count()?
        .into_iter()
        .filter(|tally| tally.reason.starts_with("host-conformance-"))
        .map(|tally| (tally.reason, shown(&tally.effect), tally.entries))
        .collect();
    told.sort_unstable();
    let row = |reason: &str, effect: Effect, entries| (reason.to_owned(), shown(&effect), entries);
    let expected = vec![
        row("host-conformance-one", Effect::Skip, 2),
        row("host-conformance-two", Effect::Create, 1),
        row("host-conformance-two", Effect::Skip, 1),
    ];
    same("tallies", told, expected)
}

fn lists(sheet: &Sheet) -> Outcome {
    let name = |spelling: &str| format!("Host conformance plan {spelling}");
    for (person, spelling) in [(2, "SALES"), (0, "Sales"), (1, "sales")] {
        let mut entry = sheet.entry(person, Effect::Create, "new-user");
        entry.what.joins = vec![name(spelling)];
        put(&[entry])?;
    }
    let users: Vec<_> = (0..3).map(|person| sheet.user(person)).collect();
    let mut joins: Vec<_> = entries(None, &users)?
        .into_iter()
        .map(|entry| entry.what.joins)
        .collect();
    joins.dedup();
    same("the list of everybody", joins, vec![vec![name("Sales")]])
}

fn batch(sheet: &Sheet) -> Outcome {
    let most = limit(describe()?.max_batch)?;
    let users: Vec<_> = (0..=most).map(|_| sheet.user(0)).collect();
    too_large(&entries(None, &users), most)?;
    let contacts = vec!["7000001".to_owned(); most + 1];
    too_large(&claimed(&contacts), most)?;
    let same = sheet.entry(0, Effect::Create, "new-user");
    too_large(&put(&vec![same; most + 1]), most)
}
