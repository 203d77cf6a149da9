//! The people behind a number of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use api_types::views::PeopleView;
use connector_contract::{Effect, PlanEntry};
use store_api::{AdminStore, BackendError, ContactRow, PlanFilter};

use super::person::{PAGE, person_of_entry};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::review::buckets::ReviewBucket;
use crate::services::review::plans::kept_plan;

/// Entries of a plan that are read at most for one page, where a reason is looked for.
const MOST_READ: usize = 5_000;

/// The people behind a number of a plan that is kept.
pub(crate) async fn planned_people(
    ws: &WorkspaceContext,
    digest: String,
    counted: &'static ReviewBucket,
    after: Option<String>,
) -> Result<PeopleView, ServiceError> {
    let plan = kept_plan(ws, &digest).await?.ok_or_else(|| {
        ServiceError::Unknown(
            "No plan of this digest is kept: it was never made here, or ten newer ones were."
                .to_owned(),
        )
    })?;
    let undoes = plan.summary.undoes.is_some();
    let (label, sentence) = counted.words(undoes);
    let codes = Arc::clone(&ws.app.connector.codes);
    ws.look(move |store| {
        let is_counted = |entry: &PlanEntry| counted.entries.counts(&entry.what.reason);
        let effects = counted.entries.effects();
        let (entries, next) = entries_of(store, &digest, effects, is_counted, after)?;
        let contacts = contacts_of(store, &entries)?;
        let people = entries
            .into_iter()
            .map(|entry| person_of_entry(&codes, entry, &contacts))
            .collect();
        Ok(PeopleView {
            title: label.to_owned(),
            explanation: sentence.to_owned(),
            total: None,
            people,
            next,
        })
    })
    .await
}

/// Entries behind a number, and where the next page begins.
pub(crate) fn entries_of(
    store: &dyn AdminStore,
    digest: &str,
    effects: &[Effect],
    is_meant: impl Fn(&PlanEntry) -> bool,
    mut after: Option<String>,
) -> Result<(Vec<PlanEntry>, Option<String>), BackendError> {
    let filter = PlanFilter {
        effects: effects.to_vec(),
        ..PlanFilter::default()
    };
    let wanted = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let (mut found, mut read) = (Vec::new(), 0);
    loop {
        let page = store.planned(digest, &filter, after.as_deref(), 500)?;
        if page.is_empty() {
            return Ok((found, None));
        }
        for entry in page {
            // One more than is shown: whether there is a next page.
            if found.len() == wanted && is_meant(&entry) {
                return Ok((found, after));
            }
            read += 1;
            after = Some(entry.what.object_id.clone());
            if is_meant(&entry) {
                found.push(entry);
            }
            if read == MOST_READ {
                return Ok((found, after));
            }
        }
    }
}

/// The contacts that entries are about, by id.
pub(crate) fn contacts_of(
    store: &dyn AdminStore,
    entries: &[PlanEntry],
) -> Result<BTreeMap<String, ContactRow>, BackendError> {
    let ids: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.contact.as_deref())
        .collect();
    let contacts = store.by_ids(&ids)?.into_iter();
    Ok(contacts
        .map(|contact| (contact.id.clone(), contact))
        .collect())
}
