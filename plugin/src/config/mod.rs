//! The configuration document: its model, its validation, presets, JSON Schema and fingerprint.
//!
//! One idea: a document goes in as text and comes out either as [`Settings`], in which
//! everything is resolved and nothing is optional that a preset can fill, or as *all* of its
//! [`Problem`]s. Whoever holds settings need not check anything again.
//!
//! The JSON Schema is for hosts that render a form; it describes the document's structure.
//! [`read`] checks that and everything a schema cannot say: what the store has, what the catalogue
//! knows, what a preset needs. Every document that [`read`] accepts is valid by the schema.

mod addresses;
pub mod clouds;
mod connection;
mod credentials;
mod directions;
mod document;
mod filters;
mod fingerprint;
mod fit;
mod groups;
mod guests;
mod in_force;
mod limits;
mod listing;
mod lists;
mod located;
mod mapping;
mod numbers;
mod policies;
mod presets;
mod problem;
pub mod schedule;
mod schema;
pub mod settings;
mod sync;
#[cfg(test)]
pub(crate) mod test_fixture;
#[cfg(test)]
mod tests;
mod wording;

pub use in_force::in_force;
use located::{Keys, Located};
use problem::Findings;
pub use problem::Problem;
use settings::Settings;

use sync_core::ports::StoreDescription;

const DOCUMENT: Keys = Keys {
    known: &[
        "$schema",
        "tenant",
        "credentials",
        "endpoints",
        "preset",
        "sync",
    ],
    refused: &[(
        "notifications",
        "Whether the directory tells of changes is for the host to decide, which gives the address; leave this out.",
    )],
};

/// The JSON Schema (2020-12) of the configuration document, with titles and descriptions from which
/// a host can make a form.
#[must_use]
pub fn schema() -> &'static str {
    schema::TEXT
}

/// Validates a document against the catalogue and the store, and resolves it.
///
/// A document without `tenant` and `credentials` is valid; its settings have no connection. A
/// document that names no preset means `messaging`. A preset may stand in `sync` or beside it.
///
/// # Errors
///
/// Every problem of the document, in the order of its sections. Text that is no JSON is one
/// problem.
pub fn read(document: &str, store: &StoreDescription) -> Result<Settings, Vec<Problem>> {
    let node = document::parse(document).map_err(|problem| vec![problem])?;
    let mut findings = Findings::default();
    document::report_repeated(&node, &mut findings);
    let settings = resolve(&Located::root(&node), store, &mut findings);
    let (problems, warnings) = findings.into_parts();
    match settings {
        Some(settings) if problems.is_empty() => Ok(Settings {
            warnings,
            ..settings
        }),
        _ => Err(problems),
    }
}

/// The tenant that a document names; the rest of it need not be valid.
///
/// # Errors
///
/// Where it names none.
pub fn tenant(document: &str) -> Result<String, Vec<Problem>> {
    let node = document::parse(document).map_err(|problem| vec![problem])?;
    let mut findings = Findings::default();
    let tenant = Located::root(&node)
        .object(&DOCUMENT, &mut findings)
        .and_then(|document| connection::tenant(&document, &mut findings));
    tenant.ok_or_else(|| findings.into_parts().0)
}

fn resolve(
    root: &Located<'_>,
    store: &StoreDescription,
    findings: &mut Findings,
) -> Option<Settings> {
    let document = root.object(&DOCUMENT, findings)?;
    if let Some(schema) = document.get("$schema") {
        schema.text(findings);
    }
    let connection = connection::read(&document, findings);
    let advice = "write what is synced, such as {\"preset\": \"mirror\"}.";
    let sync = document
        .require("sync", advice, findings)?
        .object(&sync::SYNC, findings)?;
    let outer_preset = document.get("preset");
    Some(sync::read(&sync, outer_preset, connection, store, findings))
}
