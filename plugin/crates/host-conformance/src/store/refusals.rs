//! What a store refuses, and how it says so.

use crate::bench::{Desk, field, value, words};
use crate::bindings::imports::contact_store::{FieldDescription, FieldKind, Outcome as Told};
use crate::bindings::imports::types::{CodeKind, Create};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same, shown};

/// The codes that the contract names.
const CODES: &[&str] = &[
    "missing-mandatory",
    "too-long",
    "invalid-email",
    "invalid-phone",
    "duplicate",
    "unknown-field",
];

/// A contact that the store's own description says it refuses, and the field at fault.
fn refused(desk: &Desk<'_>, person: usize) -> Result<(Create, String), Amiss> {
    let store = &desk.bench.store;
    let limited = |field: &&FieldDescription| {
        field.kind == FieldKind::Text && field.max_length.is_some_and(|most| most < 100_000)
    };
    if let Some((described, most)) = store
        .fields
        .iter()
        .find(limited)
        .and_then(|field| Some((field, field.max_length?)))
    {
        let long = "x".repeat(most as usize + 1);
        let create = desk.create(person, &[(&described.name, &long)]);
        return Ok((create, described.name.clone()));
    }
    if let Some(mandatory) = store.fields.iter().find(|field| field.mandatory) {
        let mut create = desk.create(person, &[]);
        create.fields.retain(|field| field.name != mandatory.name);
        return Ok((create, mandatory.name.clone()));
    }
    if !store.custom_fields {
        let name = desk.name("field");
        let mut create = desk.create(person, &[]);
        create.fields.push(field(&name, "A"));
        return Ok((create, name));
    }
    not_tried("nothing in the description says what this store refuses")
}

pub(crate) fn alone(desk: &Desk<'_>) -> Outcome {
    let (refused, _) = refused(desk, 1)?;
    let outcomes = desk.apply(
        "run",
        vec![
            desk.create(0, &[]).into(),
            refused.into(),
            desk.create(2, &[]).into(),
        ],
    )?;
    same(
        "right, wrong, right",
        words(&outcomes),
        ["applied", "refused", "applied"]
            .map(str::to_owned)
            .to_vec(),
    )?;
    same(
        "contacts of the one who was refused",
        desk.of_user(&desk.user(1))?,
        Vec::new(),
    )?;
    desk.linked(&desk.user(2)).map(drop)
}

pub(crate) fn named(desk: &Desk<'_>) -> Outcome {
    let (refused, name) = refused(desk, 0)?;
    let refusal = match desk.one(refused)? {
        Told::Refused(refusal) => refusal,
        other => return differs("a refusal", shown(&other)),
    };
    let own = desk.bench.store.codes.iter();
    let is_own = own
        .filter(|code| code.kind == CodeKind::Refusal)
        .any(|code| code.code == refusal.code);
    holds(
        "a code of the contract or of the store's description",
        is_own || CODES.contains(&refusal.code.as_str()),
        &refusal.code,
    )?;
    same("the field", refusal.field, Some(name))
}

/// A letter that is one Unicode scalar value, two units of UTF-16 and four bytes of UTF-8.
const WIDE: &str = "𝒳";

pub(crate) fn length(desk: &Desk<'_>) -> Outcome {
    let store = &desk.bench.store;
    let limited = |field: &&FieldDescription| {
        field.kind == FieldKind::Text && field.max_length.is_some_and(|most| most < 10_000)
    };
    let Some((described, most)) = store
        .fields
        .iter()
        .find(limited)
        .and_then(|field| Some((field, field.max_length? as usize)))
    else {
        return not_tried("no text field of this store has a limit");
    };
    let (longest, longer) = (WIDE.repeat(most), WIDE.repeat(most + 1));
    let outcomes = desk.apply(
        "run",
        vec![
            desk.create(0, &[(&described.name, &longest)]).into(),
            desk.create(1, &[(&described.name, &longer)]).into(),
        ],
    )?;
    same(
        "as many as the limit, and one more",
        words(&outcomes),
        ["applied", "refused"].map(str::to_owned).to_vec(),
    )
}

pub(crate) fn custom_field(desk: &Desk<'_>) -> Outcome {
    let name = desk.bench.name("field");
    let told = desk.one(desk.create(0, &[(&name, "A")]))?;
    if !desk.bench.store.custom_fields {
        return same(
            "a field that is not described",
            words(&[told]),
            vec!["refused".to_owned()],
        );
    }
    crate::bench::applied(told)?;
    let mut query = desk.query();
    query.object_ids = vec![desk.user(0)];
    query.fields = vec![name.clone()];
    let found = desk.find(&query)?;
    let held = found
        .first()
        .and_then(|contact| value(&contact.fields, &name));
    same("the custom field", held, Some("A"))
}
