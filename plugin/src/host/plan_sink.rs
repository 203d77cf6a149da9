//! The host's plan.

use sync_core::contact::{ContactId, ObjectId};
use sync_core::ports::{PlanEntry, PlanSink, StoreError, Tally};

use super::bindings::imports::plan_sink as wit;
use super::convert;

/// Where the host keeps the plan that is being made.
pub(super) struct HostPlan;

impl PlanSink for HostPlan {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        let entries: Vec<_> = entries.into_iter().map(convert::plan_entry).collect();
        Ok(wit::put(&entries).map_err(convert::store_error)?)
    }

    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
        let contacts: Vec<_> = contacts
            .iter()
            .map(|contact| contact.as_str().to_owned())
            .collect();
        Ok(wit::claimed(&contacts)
            .map_err(convert::store_error)?
            .into_iter()
            .map(|claim| {
                (
                    ContactId::new(claim.contact),
                    ObjectId::new(claim.object_id),
                )
            })
            .collect())
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let entries =
            wit::changes(plan, after.map(ObjectId::as_str), limit).map_err(convert::store_error)?;
        Ok(entries.into_iter().map(convert::plan_entry_back).collect())
    }

    fn entries(
        &self,
        plan: Option<&str>,
        users: &[ObjectId],
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let users: Vec<_> = users.iter().map(|user| user.as_str().to_owned()).collect();
        let entries = wit::entries(plan, &users).map_err(convert::store_error)?;
        Ok(entries.into_iter().map(convert::plan_entry_back).collect())
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        Ok(wit::count()
            .map_err(convert::store_error)?
            .into_iter()
            .map(|tally| Tally {
                effect: convert::effect_back(tally.effect),
                reason: tally.reason,
                entries: tally.entries,
            })
            .collect())
    }
}
