//! What the store says of itself.

use std::collections::BTreeSet;

use crate::bindings::imports::contact_store::{Description, FieldRole, describe};
use host_promises::verdict::{Outcome, holds, same};

pub(crate) fn fields() -> Outcome {
    judge(&describe()?)
}

fn judge(description: &Description) -> Outcome {
    let names = description.fields.iter().map(|field| &field.name);
    let distinct: BTreeSet<_> = names.clone().collect();
    holds(
        "fields with names of their own",
        distinct.len() == description.fields.len() && names.clone().all(|name| !name.is_empty()),
        names.collect::<Vec<_>>(),
    )?;
    let is_key = |role: &Option<FieldRole>| *role == Some(FieldRole::Email);
    let keys = description
        .fields
        .iter()
        .filter(|field| is_key(&field.role));
    same("fields with the role `email`", keys.count(), 1)
}

pub(crate) fn max_batch() -> Outcome {
    let most = describe()?.max_batch;
    holds("at least 1,000", most >= 1_000, most)
}

pub(crate) fn stays() -> Outcome {
    let first = describe()?;
    same(
        "the description when it is asked for again",
        describe()?,
        first,
    )
}
