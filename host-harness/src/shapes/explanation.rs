//! `explain`: who somebody is, and why they are as they are.

use serde::Serialize;

use super::moment;
use super::plan::DoneShape;
use super::report::LedgerEntryShape;
use crate::contract::{Explanation, FieldStory, LinkStory, Noted, Origin};

/// One element of `explain --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplanationShape {
    object_id: Option<String>,
    contact_id: Option<String>,
    active: Option<bool>,
    lists: Vec<String>,
    link: Option<LinkShape>,
    fields: Vec<FieldStoryShape>,
    note: Option<NoteShape>,
    ledger: Option<LedgerEntryShape>,
    history: Vec<DoneShape>,
    summary: Vec<String>,
}

/// How somebody was linked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkShape {
    at: Option<String>,
    run: Option<String>,
    reason: Option<String>,
}

/// One mapped field, and where its value comes from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldStoryShape {
    field: String,
    label: String,
    attribute: String,
    value: Option<String>,
    base: Option<String>,
    origin: &'static str,
    kept_by: Option<String>,
    run: Option<String>,
}

/// Why the last round that read the user changed nothing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoteShape {
    reason: String,
    run: Option<String>,
    since: String,
}

pub(crate) fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Directory => "directory",
        Origin::Local => "local",
        Origin::Host => "host",
        Origin::Nobody => "nobody",
    }
}

impl From<LinkStory> for LinkShape {
    fn from(link: LinkStory) -> Self {
        Self {
            at: link.at_ms.map(moment),
            run: link.run,
            reason: link.reason,
        }
    }
}

impl From<FieldStory> for FieldStoryShape {
    fn from(story: FieldStory) -> Self {
        Self {
            field: story.field,
            label: story.label,
            attribute: story.attribute,
            value: story.value,
            base: story.base,
            origin: origin_name(story.origin),
            kept_by: story.kept_by,
            run: story.run,
        }
    }
}

impl From<Noted> for NoteShape {
    fn from(noted: Noted) -> Self {
        Self {
            reason: noted.reason,
            run: noted.run,
            since: moment(noted.since_ms),
        }
    }
}

impl From<Explanation> for ExplanationShape {
    fn from(explanation: Explanation) -> Self {
        Self {
            object_id: explanation.object_id,
            contact_id: explanation.contact,
            active: explanation.active,
            lists: explanation.lists,
            link: explanation.link.map(Into::into),
            fields: explanation.fields.into_iter().map(Into::into).collect(),
            note: explanation.note.map(Into::into),
            ledger: explanation.ledger.map(Into::into),
            history: explanation.journal.into_iter().map(Into::into).collect(),
            summary: explanation.summary,
        }
    }
}
