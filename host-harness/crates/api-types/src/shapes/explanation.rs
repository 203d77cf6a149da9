//! `explain`: who somebody is, and why they are as they are.

use connector_contract::{Explanation, FieldStory, LinkStory, Noted};
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use super::plan::DoneShape;
use super::report::LedgerEntryShape;

/// One element of `explain --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationShape {
    pub object_id: Option<String>,
    pub contact_id: Option<String>,
    pub active: Option<bool>,
    pub lists: Vec<String>,
    pub link: Option<LinkShape>,
    pub fields: Vec<FieldStoryShape>,
    pub note: Option<NoteShape>,
    pub ledger: Option<LedgerEntryShape>,
    pub history: Vec<DoneShape>,
    pub summary: Vec<String>,
}

/// How somebody was linked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkShape {
    pub at: Option<String>,
    pub run: Option<String>,
    pub reason: Option<String>,
}

/// One mapped field, and where its value comes from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldStoryShape {
    pub field: String,
    pub label: String,
    pub attribute: String,
    pub value: Option<String>,
    pub base: Option<String>,
    /// What the directory holds; left out where that is not known to be another value than `base`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    pub origin: &'static str,
    pub kept_by: Option<String>,
    pub run: Option<String>,
}

/// Why the last round that read the user changed nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteShape {
    pub reason: String,
    pub run: Option<String>,
    pub since: String,
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
            directory: story
                .directory
                .filter(|held| story.base.as_ref() != Some(held)),
            base: story.base,
            origin: story.origin.name(),
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
