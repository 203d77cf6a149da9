//! `explain`: who somebody is, and why they are as they are.

use connector_contract::{Explanation, FieldStory, LinkStory, Noted, Origin};
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use super::plan::DoneShape;
use super::report::LedgerEntryShape;

/// One element of `explain --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplanationShape {
    pub(crate) object_id: Option<String>,
    pub(crate) contact_id: Option<String>,
    pub(crate) active: Option<bool>,
    pub(crate) lists: Vec<String>,
    pub(crate) link: Option<LinkShape>,
    pub(crate) fields: Vec<FieldStoryShape>,
    pub(crate) note: Option<NoteShape>,
    pub(crate) ledger: Option<LedgerEntryShape>,
    pub(crate) history: Vec<DoneShape>,
    pub(crate) summary: Vec<String>,
}

/// How somebody was linked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkShape {
    pub(crate) at: Option<String>,
    pub(crate) run: Option<String>,
    pub(crate) reason: Option<String>,
}

/// One mapped field, and where its value comes from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldStoryShape {
    pub(crate) field: String,
    pub(crate) label: String,
    pub(crate) attribute: String,
    pub(crate) value: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) origin: &'static str,
    pub(crate) kept_by: Option<String>,
    pub(crate) run: Option<String>,
}

/// Why the last round that read the user changed nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoteShape {
    pub(crate) reason: String,
    pub(crate) run: Option<String>,
    pub(crate) since: String,
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
