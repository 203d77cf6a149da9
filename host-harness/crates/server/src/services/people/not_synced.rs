//! Who of the directory is not synced, and why: from the notes that the store keeps of whoever led to no
//! change, and from the connector's ledger of whoever could not be written.

use std::collections::BTreeMap;
use std::sync::Arc;

use api_types::shapes::{LedgerShape, RunShape, is_sync};
use api_types::views::{NOT_WRITTEN, NotSyncedReason, NotSyncedView, PeopleView, PersonView};
use connector_contract::{PlanEntry, RunMode};
use server_db::WorkspaceRecord;
use store_api::{AdminStore, BackendError, ContactRow, NotedUser, PlanFilter};

use super::person::{PAGE, named_by_values, person_of_contact};
use super::skip::Skip;
use crate::codes::CodeLabels;
use crate::services::context::WorkspaceContext;
use crate::services::destination::contacts_are_here;
use crate::services::error::ServiceError;
use crate::services::overview::report::ledger;
use crate::services::setup::tested::Tested;

/// Who is not synced, by reason.
pub(crate) async fn not_synced(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    ledger: &LedgerShape,
) -> Result<NotSyncedView, ServiceError> {
    let source = source_of(record);
    let noted = ws.look(move |store| store.noted_reasons(source.as_deref()));
    let in_ledger = ledger.waiting + ledger.given_up;
    Ok(by_reason(&ws.app.connector.codes, &noted.await?, in_ledger))
}

/// Who was not synced by a run, where a service keeps the contacts and this server has no notes: what the last run that
/// read everybody counted.
pub(crate) fn not_synced_by(
    ws: &WorkspaceContext,
    history: &[RunShape],
    ledger: &LedgerShape,
) -> NotSyncedView {
    let is_full = |run: &&RunShape| run.mode == RunMode::Full && is_sync(&run.trigger);
    let skips = history.iter().rev().find(is_full).map(|run| &run.skips);
    let counted: Vec<_> = skips
        .into_iter()
        .flatten()
        .map(|skip| (skip.reason.clone(), skip.count))
        .collect();
    let in_ledger = ledger.waiting + ledger.given_up;
    by_reason(&ws.app.connector.codes, &counted, in_ledger)
}

/// The people behind a reason.
pub(crate) async fn not_synced_people(
    ws: &WorkspaceContext,
    reason: String,
    after: Option<String>,
) -> Result<PeopleView, ServiceError> {
    if reason == NOT_WRITTEN {
        return not_written(ws).await;
    }
    contacts_are_here(ws).await?;
    let source = source_of(&ws.record()?);
    if let Skip::Unwritten(code) = Skip::of(&reason) {
        // The store's own codes are known by whom they are noted of.
        let of = source.clone();
        let noted = ws.look(move |store| store.noted_reasons(of.as_deref()));
        if noted.await?.iter().all(|(noted, _)| noted != code) {
            return Err(ServiceError::Unknown(
                "Nobody is left out for a reason of this name.".to_owned(),
            ));
        }
    }
    let codes = Arc::clone(&ws.app.connector.codes);
    ws.look(move |store| {
        let noted = store.noted_people(source.as_deref(), &reason, after.as_deref(), PAGE)?;
        let next = noted
            .last()
            .filter(|_| u32::try_from(noted.len()).is_ok_and(|noted| noted == PAGE))
            .map(|noted| noted.object_id.clone());
        let contacts = contacts_of(store, &noted)?;
        let people = noted
            .into_iter()
            .map(|noted| {
                let contact = noted.contact.as_ref().and_then(|id| contacts.get(id));
                person(store, &codes, noted.object_id, &reason, contact.cloned())
            })
            .collect::<Result<_, _>>()?;
        Ok(PeopleView {
            title: format!("Not synced: {}", codes.label(&reason)),
            explanation: codes.advice(&reason).to_owned(),
            total: None,
            people,
            next,
        })
    })
    .await
}

/// The first of those that could not be written.
async fn not_written(ws: &WorkspaceContext) -> Result<PeopleView, ServiceError> {
    let people = unwritten_people(ws, ledger(ws).await?).await?;
    let codes = &ws.app.connector.codes;
    Ok(PeopleView {
        title: format!("Not synced: {}", codes.label(NOT_WRITTEN)),
        explanation: codes.advice(NOT_WRITTEN).to_owned(),
        total: None,
        people: people.into_values().collect(),
        next: None,
    })
}

/// Who those are that could not be written, by object id.
pub(crate) async fn unwritten_people(
    ws: &WorkspaceContext,
    ledger: LedgerShape,
) -> Result<BTreeMap<String, PersonView>, ServiceError> {
    let codes = Arc::clone(&ws.app.connector.codes);
    ws.look(move |store| {
        let entries = ledger.entries.into_iter();
        entries
            .map(|entry| {
                let contact = store.linked_to(&entry.object_id)?;
                let person = person(store, &codes, entry.object_id.clone(), &entry.code, contact)?;
                Ok((entry.object_id, person))
            })
            .collect()
    })
    .await
}

/// The namespace of the object ids, where the directory's id is known.
fn source_of(record: &WorkspaceRecord) -> Option<String> {
    let tenant = Tested::of(record).tenant_id?;
    Some(format!("entra:{}", tenant.to_ascii_lowercase()))
}

/// The reasons with their numbers: first what somebody can see to. Whoever was deleted without ever having
/// had a contact is nobody of the directory any more.
fn by_reason(codes: &CodeLabels, noted: &[(String, u64)], in_ledger: u64) -> NotSyncedView {
    let mut reasons: BTreeMap<Skip<'_>, u64> = BTreeMap::new();
    let mut unwritten = 0;
    for (reason, people) in noted {
        match Skip::of(reason) {
            Skip::NotLinked => {}
            // Whom the store refused is in the ledger, whose value no contact can hold in both.
            Skip::Unwritten(_) => unwritten += people,
            skip => *reasons.entry(skip).or_default() += people,
        }
    }
    let code_of = |skip: &Skip<'_>| {
        let mut noted = noted.iter();
        noted.find(|(reason, _)| Skip::of(reason) == *skip)
    };
    let unwritten = unwritten.max(in_ledger);
    let not_written = (unwritten > 0).then(|| NotSyncedReason {
        code: NOT_WRITTEN.to_owned(),
        label: codes.label(NOT_WRITTEN).to_owned(),
        people: unwritten,
    });
    let others = reasons.iter().filter_map(|(skip, people)| {
        let (code, _) = code_of(skip)?;
        Some(NotSyncedReason {
            code: code.clone(),
            label: codes.label(code).to_owned(),
            people: *people,
        })
    });
    NotSyncedView {
        reasons: not_written.into_iter().chain(others).collect(),
    }
}

fn contacts_of(
    store: &dyn AdminStore,
    noted: &[NotedUser],
) -> Result<BTreeMap<String, ContactRow>, BackendError> {
    let ids: Vec<&str> = noted
        .iter()
        .filter_map(|noted| noted.contact.as_deref())
        .collect();
    let contacts = store.by_ids(&ids)?.into_iter();
    Ok(contacts
        .map(|contact| (contact.id.clone(), contact))
        .collect())
}

/// Somebody who is not synced: by the contact that they have or are kept from, or else by what the last
/// plan that met them shows. Of whom nobody wanted as a contact, nothing but the id is kept.
fn person(
    store: &dyn AdminStore,
    codes: &CodeLabels,
    object_id: String,
    reason: &str,
    contact: Option<ContactRow>,
) -> Result<PersonView, BackendError> {
    let why = Some(codes.label(reason).to_owned());
    if let Some(contact) = contact {
        return Ok(PersonView {
            object_id: Some(object_id),
            why,
            ..person_of_contact(contact)
        });
    }
    let planned = last_planned(store, &object_id)?;
    Ok(PersonView {
        why,
        ..named_by_values(
            object_id,
            planned.map(|entry| entry.what.fields).unwrap_or_default(),
        )
    })
}

/// What the newest plan that shows who somebody is has of them.
fn last_planned(store: &dyn AdminStore, user: &str) -> Result<Option<PlanEntry>, BackendError> {
    let filter = PlanFilter {
        user: Some(user.to_owned()),
        ..PlanFilter::default()
    };
    for plan in store.kept_plans()? {
        let entry = store.planned(&plan.digest, &filter, None, 1)?.pop();
        if let Some(entry) = entry.filter(|entry| !entry.what.fields.is_empty()) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(noted: &[(&str, u64)], in_ledger: u64) -> Vec<(String, u64)> {
        let noted: Vec<_> = noted
            .iter()
            .map(|(reason, people)| ((*reason).to_owned(), *people))
            .collect();
        let view = by_reason(&CodeLabels::default(), &noted, in_ledger);
        let reasons = view.reasons.into_iter();
        reasons.map(|reason| (reason.code, reason.people)).collect()
    }

    #[test]
    fn what_somebody_can_see_to_comes_first_and_every_code_of_a_value_that_cannot_be_written_counts()
     {
        let noted = [
            ("out-of-scope", 9),
            ("too-long", 2),
            ("address-exists", 1),
            ("a-code-of-the-store", 1),
            ("missing-mandatory", 4),
            ("not-linked", 7),
        ];
        let expected = [
            ("not-written", 3),
            ("missing-mandatory", 4),
            ("address-exists", 1),
            ("out-of-scope", 9),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(code, people)| ((*code).to_owned(), *people))
            .collect();
        assert_eq!(reasons(&noted, 2), expected);
    }

    #[test]
    fn whom_the_store_refused_is_in_the_ledger_alone_and_counts_too() {
        assert_eq!(reasons(&[], 0), []);
        assert_eq!(reasons(&[], 2), [("not-written".to_owned(), 2)]);
    }
}
