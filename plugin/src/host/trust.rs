//! The exports of `trust`: contract types in, core called, contract types out.

use std::time::Duration;

use sync_core::contact::{ContactId, ObjectId, Who};
use sync_core::engine::call::CallError;
use sync_core::engine::undo;
use sync_core::ports::{JournalEntry, Noted, Timestamp};
use sync_core::report::explain::{Explanation, FieldStory};
use sync_core::report::provenance::Origin;

use crate::calls;

use super::bindings::Component;
use super::bindings::exported;
use super::bindings::imports::types;
use super::bindings::trust as wit;
use super::{convert, exports, with_imports};

impl wit::Guest for Component {
    fn explain(document: String, who: types::Who) -> Result<Vec<wit::Explanation>, types::Error> {
        let who = who_of(who)?;
        let explanations = with_imports(|imports| calls::explain(imports, &document, &who))?;
        Ok(explanations.into_iter().map(explanation).collect())
    }

    fn retry(document: String, user: String) -> Result<exported::SyncResult, types::Error> {
        let user = ObjectId::parse(&user).map_err(CallError::from)?;
        let result = with_imports(|imports| calls::retry(imports, &document, &user))?;
        Ok(exports::sync_result(result))
    }

    fn plan_undo(document: String, run: String) -> Result<exported::PlanSummary, types::Error> {
        let summary = with_imports(|imports| calls::plan_undo(imports, &document, &run))?;
        Ok(exports::plan_summary(summary))
    }

    fn undo(
        document: String,
        request: wit::UndoRequest,
    ) -> Result<exported::SyncResult, types::Error> {
        let request = undo::UndoRequest {
            run: request.run,
            approved: request.approved,
            trigger: request.trigger,
            max_pages: request.slice.max_pages,
            max_time: request.slice.max_ms.map(Duration::from_millis),
        };
        let result = with_imports(|imports| calls::undo(imports, &document, &request))?;
        Ok(exports::sync_result(result))
    }
}

fn explanation(explanation: Explanation) -> wit::Explanation {
    wit::Explanation {
        object_id: explanation.object_id.map(ObjectId::into_string),
        contact: explanation.contact.map(ContactId::into_string),
        active: explanation.active,
        lists: explanation.lists,
        link: explanation.link.map(|link| wit::LinkStory {
            at_ms: link.at.map(|Timestamp(at)| at),
            run: link.run,
            reason: link.reason,
        }),
        fields: explanation.fields.into_iter().map(field_story).collect(),
        note: explanation.note.map(noted),
        ledger: explanation.ledger.map(exports::ledger_entry),
        journal: explanation.journal.into_iter().map(journal_entry).collect(),
        summary: explanation.summary,
    }
}

fn field_story(story: FieldStory) -> wit::FieldStory {
    wit::FieldStory {
        field: story.field,
        label: story.label,
        attribute: story.attribute.to_owned(),
        value: story.value,
        base: story.base,
        directory: story.directory,
        origin: match story.origin {
            Origin::Directory => wit::Origin::Directory,
            Origin::Local => wit::Origin::Local,
            Origin::Host => wit::Origin::Host,
            Origin::Nobody => wit::Origin::Nobody,
            Origin::Contested => wit::Origin::Contested,
        },
        kept_by: story.kept_by.map(str::to_owned),
        run: story.run,
    }
}

fn who_of(who: types::Who) -> Result<Who, CallError> {
    Ok(match who {
        types::Who::User(user) => Who::User(ObjectId::parse(&user)?),
        types::Who::Contact(contact) => Who::Contact(ContactId::new(contact)),
        types::Who::Address(address) => Who::Address(address),
    })
}

fn journal_entry(entry: JournalEntry) -> types::JournalEntry {
    types::JournalEntry {
        number: types::JournalNumber {
            number: entry.number,
        },
        run: entry.run,
        at_ms: entry.at.0,
        contact: entry.contact.into_string(),
        version: entry.version,
        what: types::EffectOnContact {
            object_id: entry.object_id.into_string(),
            effect: convert::effect(entry.effect),
            reason: entry.reason,
            evidence: entry.evidence.map(convert::evidence),
            fields: convert::field_changes(entry.fields),
            joins: entry.joins,
            leaves: entry.leaves,
        },
        directory: entry.directory.into_iter().map(convert::given).collect(),
    }
}

fn noted(noted: Noted) -> types::Noted {
    types::Noted {
        object_id: noted.object_id.into_string(),
        contact: noted.contact.map(ContactId::into_string),
        reason: noted.reason,
        run: noted.run,
        since_ms: noted.since.0,
    }
}
