//! What the store shows at a moment, so that two moments can be compared.

use std::collections::BTreeMap;

use host_harness::contract::{Effect, Field, PlanEntry, Query};
use host_harness::graph_emulator::TenantOptions;

use super::World;

/// Ids of one lookup; well below what the store takes.
const BATCH: usize = 1_000;

/// Everything there is to know of one contact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactSnapshot {
    pub user: Option<String>,
    pub active: bool,
    pub fields: BTreeMap<String, String>,
    pub lists: Vec<String>,
    /// The base of the link.
    pub base: BTreeMap<String, String>,
    pub version: u64,
}

/// Every contact by its id.
pub type Snapshot = BTreeMap<String, ContactSnapshot>;

impl World {
    /// The store as it is now.
    pub fn snapshot(&self) -> Snapshot {
        let mut bases = self.bases();
        self.contacts()
            .into_iter()
            .map(|row| {
                let mut lists = row.lists;
                lists.sort_unstable();
                let pictured = ContactSnapshot {
                    user: row.object_id,
                    active: row.active,
                    fields: row.fields,
                    lists,
                    base: bases.remove(&row.id).unwrap_or_default(),
                    version: row.version,
                };
                (row.id, pictured)
            })
            .collect()
    }

    /// The base of every linked contact, by its id.
    fn bases(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let ids: Vec<_> = self.contacts().into_iter().map(|row| row.id).collect();
        ids.chunks(BATCH)
            .flat_map(|ids| {
                let query = Query {
                    source: format!("entra:{}", TenantOptions::default().tenant_id),
                    object_ids: Vec::new(),
                    match_keys: Vec::new(),
                    contacts: ids.to_vec(),
                    fields: Vec::new(),
                };
                self.store.lookup(query).unwrap()
            })
            .filter_map(|contact| Some((contact.id, by_name(contact.link?.base))))
            .collect()
    }

    /// The store without what depends on the order of writes: ids and versions.
    pub fn essence(&self) -> Vec<ContactSnapshot> {
        let mut contacts: Vec<_> = self
            .snapshot()
            .into_values()
            .map(|contact| ContactSnapshot {
                version: 0,
                ..contact
            })
            .collect();
        contacts.sort();
        contacts
    }
}

fn by_name(fields: Vec<Field>) -> BTreeMap<String, String> {
    fields
        .into_iter()
        .map(|field| (field.name, field.value))
        .collect()
}

/// Says where the second snapshot is something else than the first one with the planned changes.
pub fn assert_came_true(before: &Snapshot, planned: &[PlanEntry], after: &Snapshot) {
    let mut expected = before.clone();
    let mut created = Vec::new();
    for entry in planned {
        match &entry.contact {
            None => created.push(entry),
            Some(id) => expected_after(&mut expected, id, entry),
        }
    }
    for (id, contact) in after {
        let Some(expected) = expected.remove(id) else {
            assert_was_created(id, contact, &mut created);
            continue;
        };
        let told = planned
            .iter()
            .any(|entry| entry.contact.as_ref() == Some(id));
        assert_eq!(
            told,
            before[id].version != contact.version,
            "contact {id} was written exactly where the plan says so"
        );
        assert_eq!(
            without_base(&expected, contact),
            *contact,
            "contact {id}, planned: {:?}",
            planned
                .iter()
                .find(|entry| entry.contact.as_ref() == Some(id))
        );
    }
    assert_eq!(created, Vec::<&PlanEntry>::new(), "planned, not created");
    assert_eq!(expected, Snapshot::new(), "gone without being planned");
}

/// The contact as the plan says it will be.
fn expected_after(snapshot: &mut Snapshot, id: &str, entry: &PlanEntry) {
    let contact = snapshot
        .get_mut(id)
        .unwrap_or_else(|| panic!("{entry:?} is about a contact that is not there"));
    assert_eq!(
        entry.version,
        Some(contact.version),
        "decided on this version"
    );
    for field in &entry.what.fields {
        assert_eq!(
            contact.fields.get(&field.field),
            field.before.as_ref(),
            "{entry:?}"
        );
        match &field.after {
            Some(value) => contact.fields.insert(field.field.clone(), value.clone()),
            None => contact.fields.remove(&field.field),
        };
    }
    contact
        .lists
        .retain(|list| !entry.what.leaves.contains(list));
    contact.lists.extend(entry.what.joins.iter().cloned());
    contact.lists.sort_unstable();
    match entry.what.effect {
        Effect::Link => {
            assert_eq!(contact.user, None, "{entry:?}");
            contact.user = Some(entry.what.object_id.clone());
        }
        Effect::Update => assert_eq!(contact.user.as_ref(), Some(&entry.what.object_id)),
        Effect::Reactivate => {
            assert!(!contact.active, "{entry:?}");
            contact.active = true;
        }
        Effect::Unlink => contact.user = None,
        Effect::Deactivate => {
            assert!(contact.active, "{entry:?}");
            contact.active = false;
        }
        Effect::Delete => {
            assert_eq!(contact.lists, [""; 0], "{entry:?}");
            snapshot.remove(id);
        }
        other => panic!("{other:?} is no change of a contact"),
    }
    let removes = matches!(
        entry.what.effect,
        Effect::Unlink | Effect::Deactivate | Effect::Delete
    );
    assert_eq!(entry.what.evidence.is_some(), removes, "{entry:?}");
}

/// Base and version are the connector's bookkeeping, of which a plan does not speak.
fn without_base(expected: &ContactSnapshot, found: &ContactSnapshot) -> ContactSnapshot {
    ContactSnapshot {
        base: found.base.clone(),
        version: found.version,
        ..expected.clone()
    }
}

fn assert_was_created(id: &str, contact: &ContactSnapshot, created: &mut Vec<&PlanEntry>) {
    let place = created
        .iter()
        .position(|entry| contact.user.as_ref() == Some(&entry.what.object_id))
        .unwrap_or_else(|| panic!("contact {id} was created without being planned: {contact:?}"));
    let entry = created.remove(place);
    assert_eq!(entry.what.effect, Effect::Create);
    let planned: BTreeMap<_, _> = entry
        .what
        .fields
        .iter()
        .map(|field| {
            assert_eq!(field.before, None, "{entry:?}");
            (field.field.clone(), field.after.clone().unwrap())
        })
        .collect();
    let mut joins = entry.what.joins.clone();
    joins.sort_unstable();
    assert_eq!(planned, contact.fields, "{entry:?}");
    assert_eq!(joins, contact.lists, "{entry:?}");
    assert!(contact.active, "{entry:?}");
}
