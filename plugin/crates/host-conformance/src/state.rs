//! The connector's small durable state.

use crate::bench::Desk;
use crate::bindings::imports::contact_store::{Commit, StateWrite, apply};
use crate::bindings::imports::state::{Entry, Found, get, get_many, list};
use host_promises::verdict::{Amiss, Outcome, holds, same};

const MEBIBYTE: usize = 1 << 20;

fn clear(desk: &Desk<'_>, keys: &[String]) -> Outcome {
    let none: Vec<_> = keys.iter().map(|key| (&**key, None)).collect();
    desk.write_state(&none)
}

fn keys(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.key.as_str()).collect()
}

pub(crate) fn value(desk: &Desk<'_>) -> Outcome {
    let every: Vec<u8> = (0..=255).collect();
    let [one, empty] = ["every byte", "empty"].map(|name| desk.key(name));
    desk.write_state(&[(&one, Some(&every)), (&empty, Some(b""))])?;
    same("every byte", get(&one)?, Found::Value(every))?;
    same("an empty value", get(&empty)?, Found::Value(Vec::new()))?;
    desk.write_state(&[(&one, Some(b"replaced"))])?;
    same(
        "a value that was replaced",
        get(&one)?,
        Found::Value(b"replaced".to_vec()),
    )?;
    clear(desk, &[one, empty])
}

pub(crate) fn deleted(desk: &Desk<'_>) -> Outcome {
    let (one, never) = (desk.key("one"), desk.key("never"));
    desk.write_state(&[(&one, Some(b"1"))])?;
    desk.write_state(&[(&one, None), (&never, None)])?;
    same(
        "the value of an entry that was deleted",
        get(&one)?,
        Found::Absent,
    )?;
    same(
        "the value of one that never was",
        get(&never)?,
        Found::Absent,
    )
}

pub(crate) fn many(desk: &Desk<'_>) -> Outcome {
    let [one, two, never] = ["one", "two", "never"].map(|name| desk.key(name));
    desk.write_state(&[(&one, Some(b"1")), (&two, Some(b"2"))])?;
    let mut found = get_many(&[one.clone(), never, two.clone()])?;
    found.sort_by(|left, right| left.key.cmp(&right.key));
    let values: Vec<_> = found.iter().map(|entry| entry.value.as_slice()).collect();
    same("keys", keys(&found), vec![&*one, &*two])?;
    same("values", values, vec![&b"1"[..], b"2"])?;
    clear(desk, &[one, two])
}

/// Entries whose keys are ordered byte by byte in another way than by letters or numbers.
fn listed(desk: &Desk<'_>) -> Result<(String, Vec<String>), Amiss> {
    let prefix = desk.key("list");
    let mut written: Vec<_> = ["/2", "/10", "/é", "/Z", "/a", ""]
        .map(|name| format!("{prefix}{name}"))
        .to_vec();
    let beside = desk.key("lisu");
    let mut entries: Vec<_> = written
        .iter()
        .map(|key| (&**key, Some(&b"x"[..])))
        .collect();
    entries.push((&beside, Some(b"x")));
    desk.write_state(&entries)?;
    written.sort_unstable();
    Ok((prefix, written))
}

fn unlist(desk: &Desk<'_>, mut written: Vec<String>) -> Outcome {
    written.push(desk.key("lisu"));
    clear(desk, &written)
}

pub(crate) fn in_order(desk: &Desk<'_>) -> Outcome {
    let (prefix, written) = listed(desk)?;
    let all = list(&prefix, None, 100)?;
    same(
        "keys of the prefix",
        keys(&all),
        written.iter().map(String::as_str).collect(),
    )?;
    unlist(desk, written)
}

pub(crate) fn page(desk: &Desk<'_>) -> Outcome {
    let (prefix, written) = listed(desk)?;
    let after = written.get(1).map(String::as_str);
    let page = list(&prefix, after, 2)?;
    let expected = written.iter().skip(2).take(2).map(String::as_str).collect();
    same("two keys after the second", keys(&page), expected)?;
    let none = list(&prefix, written.last().map(String::as_str), 2)?;
    same("keys after the last", keys(&none), Vec::new())?;
    unlist(desk, written)
}

pub(crate) fn mebibyte(desk: &Desk<'_>) -> Outcome {
    let one = desk.key("large");
    let value: Vec<u8> = (0..MEBIBYTE).map(|number| number as u8).collect();
    desk.write_state(&[(&one, Some(&value))])?;
    let found = get(&one)?;
    holds(
        "the mebibyte that was written",
        found == Found::Value(value),
        length(&found),
    )?;
    clear(desk, &[one])
}

fn length(found: &Found) -> String {
    match found {
        Found::Value(value) => format!("{} bytes", value.len()),
        Found::Absent => "nothing".to_owned(),
    }
}

pub(crate) fn eight_mebibytes(desk: &Desk<'_>) -> Outcome {
    let written: Vec<_> = (0..8)
        .map(|number| desk.key(&format!("{number}")))
        .collect();
    let write = |key: &String| StateWrite {
        key: key.clone(),
        value: Some(vec![7; MEBIBYTE]),
    };
    apply(&Commit {
        state: written.iter().map(write).collect(),
        ..desk.commit("run")
    })?;
    let found = get_many(&written)?;
    let bytes: usize = found.iter().map(|entry| entry.value.len()).sum();
    same("bytes of one answer", bytes, 8 * MEBIBYTE)?;
    clear(desk, &written)
}

/// The first half, in one call.
pub(crate) fn begin(desk: &Desk<'_>) -> Outcome {
    desk.holding(0, "A")?;
    desk.write_state(&[(&desk.key("kept"), Some(b"kept"))])
}

/// The second half, in the next one.
pub(crate) fn next_call(desk: &Desk<'_>) -> Outcome {
    let one = desk.key("kept");
    let found = get(&one)?;
    same(
        "the state of the call before",
        found,
        Found::Value(b"kept".to_vec()),
    )?;
    let contact = desk.linked(&desk.user(0))?;
    let held = crate::bench::value(&contact.fields, &desk.bench.first);
    same("the contact of the call before", held, Some("A"))?;
    clear(desk, &[one])
}
