//! The four presets, each told as its product's documentation tells it: people join, change, leave
//! and come back, and this is what becomes of their contacts.

mod additive;
mod lifecycle;
mod messaging;
mod mirror;

use std::collections::BTreeMap;

use host_harness::contract::Run;

use crate::world::World;

/// The skips of a run by their reason.
fn skips(run: &Run) -> BTreeMap<&str, u64> {
    run.skips
        .iter()
        .map(|skip| (skip.reason.as_str(), skip.count))
        .collect()
}

/// Created, updated and removed.
fn effects(run: &Run) -> (u64, u64, u64) {
    let counts = &run.counts;
    (counts.created, counts.updated, counts.removed)
}

/// The schedule as the connector understands it.
async fn schedule(world: &World) -> Option<String> {
    world.configure().await.unwrap().schedule
}

/// The fields that the preset maps, and whether a person needs them.
async fn mapped(world: &World) -> Vec<(String, String, bool)> {
    let rows = world.configure().await.unwrap().mappings.into_iter();
    rows.map(|row| (row.attribute, row.field, row.mandatory))
        .collect()
}

/// Rows of a mapping, for comparison.
fn rows(rows: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
    rows.iter()
        .map(|(attribute, field, mandatory)| {
            ((*attribute).to_owned(), (*field).to_owned(), *mandatory)
        })
        .collect()
}
