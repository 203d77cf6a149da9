//! Values that both sides have changed: shown with both, and decided about by who may approve plans.

use api_types::shapes::ConflictShape;
use api_types::views::{ConflictView, ConflictsView, Task};
use connector_contract::Side;
use connector_runtime::Decision;
use serde_json::Value;
use server_db::WorkspaceRecord;
use store_api::ContactRow;
use sync_runner::explain_call;

use super::context::WorkspaceContext;
use super::document::document;
use super::error::ServiceError;
use super::opening::{look, open};
use super::people::person::person_of_contact;
use super::start::enter;

/// People of whom values are shown.
const SHOWN: u32 = 100;

/// Whether the settings say that somebody decides.
pub(crate) fn asks(record: &WorkspaceRecord) -> bool {
    let settings: Option<Value> = serde_json::from_str(&record.settings).ok();
    let word = settings
        .as_ref()
        .and_then(|settings| settings.pointer("/sync/conflicts"));
    word.and_then(Value::as_str) == Some("ask")
}

/// What is to be decided, and what was: of the people after somebody, a page of them.
pub(crate) async fn conflicts(
    ws: &WorkspaceContext,
    after: Option<&str>,
) -> Result<ConflictsView, ServiceError> {
    let record = ws.record()?;
    if !asks(&record) {
        return Ok(ConflictsView::default());
    }
    let document = document(&ws.app, &record.settings);
    let looking = look(ws, &document).await?;
    let answer = looking
        .connector
        .undecided(&looking.workspace, &document, after, SHOWN + 1)
        .await;
    let mut values = answer.result?;
    let mut people: Vec<String> = values.iter().map(|value| value.object_id.clone()).collect();
    people.dedup();
    let left_out = people.get(SHOWN as usize).cloned();
    values.retain(|value| left_out.as_ref() != Some(&value.object_id));
    let last = values.last().map(|value| value.object_id.clone());
    let named = ws
        .look(move |store| {
            let rows = people.iter().map(|user| store.linked_to(user));
            rows.collect::<Result<Vec<Option<ContactRow>>, _>>()
        })
        .await?;
    let named: Vec<_> = named.into_iter().flatten().map(person_of_contact).collect();
    let name = |user: &str| {
        let person = named
            .iter()
            .find(|person| person.object_id.as_deref() == Some(user));
        person.map_or_else(|| user.to_owned(), |person| person.name.clone())
    };
    let views = values.into_iter().map(|value| ConflictView {
        name: name(&value.object_id),
        seen_at_ms: value.seen_at_ms,
        value: ConflictShape::from(value),
    });
    let (values, decided) = views.partition(|view: &ConflictView| view.value.decided.is_none());
    Ok(ConflictsView {
        next: left_out.and(last),
        is_later: after.is_some(),
        values,
        decided,
    })
}

/// Keeps what `who` decided about the two values that were shown; the next sync does it.
pub(crate) async fn decide(
    ws: &WorkspaceContext,
    decision: Decision,
    who: &str,
) -> Result<(), ServiceError> {
    let _guard = enter(ws, Task::Decide)?;
    let record = ws.record()?;
    let document = document(&ws.app, &record.settings);
    let (_lock, open) = open(ws, Task::Decide, &record.settings, &document).await?;
    let answer = open
        .connector
        .decide(&open.workspace, &document, &decision)
        .await;
    ws.app.metrics.called(&answer.stats);
    answer
        .result
        .map_err(|error| explain_call(error, &open.workspace.http))?;
    let action = match decision.side {
        Side::Directory => "conflict-directory",
        Side::Contact => "conflict-contact",
    };
    let event = ws.app.event(who, action, Some(&decision.user));
    ws.app.db.note(Some(&ws.id), event)?;
    Ok(())
}
