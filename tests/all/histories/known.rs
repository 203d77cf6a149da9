//! What is known to break a law, and is left out of the histories as narrowly as can be until it is
//! mended. A name that is taken off the list is in the histories again; with `KNOWN=none` in the
//! environment all of them are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use host_harness::contract::{Effect, PlanEntry};

use super::configuration::Configuration;
use super::directory::Tenant;
use super::oracle::address;
use super::picture::{Picture, Pictured};

/// Name, and what happens.
const KNOWN: &[(&str, &str)] = &[
    (
        "replay-voids-what-is-staged",
        "A user whom the list of a full round shows as out of scope, or with an emptied field, and whom \
         the change feed then restates without that property, loses the staged removal or blanking: \
         the next rounds see no change, and the contact stays as it is.",
    ),
    (
        "claims-depend-on-pages",
        "Of several people who share the address of one unlinked contact, the one on the first page \
         gets it, so that the size and order of pages decide.",
    ),
    (
        "refused-records-are-emptied",
        "Where the store refuses what is to be written to a contact, what the same person no longer \
         has is emptied all the same, and the contact is counted as failed, not as updated.",
    ),
    (
        "plan-judges-too-early",
        "A plan asks the breakers with the number of contacts that are linked now, a sync with the \
         number after its additions: where percentages decide, one is blocked and the other is not.",
    ),
    (
        "another-address-is-not-looked-up",
        "Where a change empties the address of somebody linked, and does not state the properties \
         that stand in for it, the contact keeps the old address until everybody is read.",
    ),
    (
        "unlinking-frees-a-contact",
        "A contact that one run unlinks is found by the next full one for anybody with the same \
         address who was skipped because a mandatory value was missing: the second run writes, and \
         somebody gets a contact with the values of somebody else.",
    ),
    (
        "restart-is-not-saved",
        "A round that starts again as a full one is saved with its first page: a slice of one page \
         ends before it, so that with an expired token no slice gets on.",
    ),
    (
        "restated-is-counted-twice",
        "Somebody whose contact is written and then emptied of a field, and who is on two pages, is \
         counted as updated on the first page, and again when the field is emptied.",
    ),
];

fn is_known(name: &str) -> bool {
    static NONE: LazyLock<bool> =
        LazyLock::new(|| std::env::var("KNOWN").is_ok_and(|known| known == "none"));
    !*NONE && KNOWN.iter().any(|(known, _)| *known == name)
}

/// How many changes of former rounds the change feed restates.
pub fn replayed_changes(drawn: usize) -> usize {
    if is_known("replay-voids-what-is-staged") {
        0
    } else {
        drawn
    }
}

/// Whether contacts of people who could not be written may have changed all the same.
pub fn refused_records_are_emptied() -> bool {
    is_known("refused-records-are-emptied")
}

/// The fewest pages a slice.
pub fn fewest_pages() -> u32 {
    if is_known("restart-is-not-saved") {
        2
    } else {
        1
    }
}

/// Whether one run more may link a contact that a run has freed.
pub fn one_more_run_may_link(configuration: &Configuration) -> bool {
    let unlinks = [configuration.removed, configuration.left_scope].contains(&"unlink");
    let mut rows = configuration.rows.iter();
    let skips = rows.any(|row| row.mandatory && row.field != "email");
    is_known("unlinking-frees-a-contact") && unlinks && skips && configuration.existing == "link"
}

/// Whether a contact that is linked in a second run had been freed by the first.
pub fn was_freed(
    configuration: &Configuration,
    before: &Pictured,
    after: Option<&Pictured>,
) -> bool {
    let unlinks = [configuration.removed, configuration.left_scope].contains(&"unlink");
    let links = before.user.is_none() && after.is_some_and(|after| after.user.is_some());
    is_known("unlinking-frees-a-contact") && unlinks && links && configuration.existing == "link"
}

/// Whether the breakers may tell a plan something else than a sync.
pub fn plan_judges_too_early(planned: &[PlanEntry]) -> bool {
    let adds = |entry: &PlanEntry| matches!(entry.effect, Effect::Create | Effect::Link);
    is_known("plan-judges-too-early") && planned.iter().any(adds)
}

/// Whether a change is the address that stands in for one that was emptied.
pub fn lacks_another_address(entry: &PlanEntry) -> bool {
    is_known("another-address-is-not-looked-up")
        && !entry.fields.is_empty()
        && entry.fields.iter().all(|field| field.field == "email")
}

/// How many of the contacts that were emptied of a field may be counted twice.
pub fn counted_twice(emptied: &[&String]) -> usize {
    if is_known("restated-is-counted-twice") {
        emptied.len()
    } else {
        0
    }
}

/// Whether who gets a contact depends on the pages.
pub fn pages_decide(configuration: &Configuration, tenant: &Tenant, contacts: &Picture) -> bool {
    if !is_known("claims-depend-on-pages") || configuration.existing != "link" {
        return false;
    }
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for user in tenant.values() {
        if let Some(address) = address(user, configuration) {
            *owners.entry(address.to_lowercase()).or_default() += 1;
        }
    }
    let unlinked = contacts.values().filter(|contact| contact.user.is_none());
    unlinked
        .filter_map(|contact| contact.fields.get("email"))
        .any(|email| {
            owners
                .get(&email.trim().to_lowercase())
                .is_some_and(|owners| *owners > 1)
        })
}
