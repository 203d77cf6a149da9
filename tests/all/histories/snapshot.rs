//! What the store shows at a moment.

use std::collections::BTreeMap;

use host_harness::contract::{ContactList, Query};
use host_harness::graph_emulator::TenantOptions;
use host_harness::store_api::{AdminStore, ContactFilter};

use super::laws::FOREIGN_LIST;

/// Everything there is to know of one contact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactSnapshot {
    pub user: Option<String>,
    /// Of a contact without a link: whose it was last.
    pub former: Option<String>,
    pub active: bool,
    pub fields: BTreeMap<String, String>,
    pub lists: Vec<String>,
    pub base: BTreeMap<String, String>,
    pub version: u64,
}

/// Every contact by its id.
pub type Snapshot = BTreeMap<String, ContactSnapshot>;

/// Puts a contact on a list that is none of the connector's: its version is another, and nothing
/// else that the connector can see.
pub fn put_in_choir(store: &dyn AdminStore, contact: &str) {
    let list = ContactList {
        name: FOREIGN_LIST.to_owned(),
        description: "Sings on Tuesdays".to_owned(),
    };
    store.put_on_list(contact, &list).unwrap();
}

/// The namespace of the tenant's object ids.
pub fn source() -> String {
    format!("entra:{}", TenantOptions::default().tenant_id)
}

/// The contacts of a store as they are now.
pub fn snapshot(store: &dyn AdminStore) -> Snapshot {
    let rows: Vec<_> = store
        .contacts(ContactFilter::default())
        .collect::<Result<_, _>>()
        .unwrap();
    let query = Query {
        source: source(),
        object_ids: Vec::new(),
        match_keys: Vec::new(),
        contacts: rows.iter().map(|row| row.id.clone()).collect(),
        fields: Vec::new(),
    };
    let mut known: BTreeMap<_, _> = store
        .lookup(query)
        .unwrap()
        .into_iter()
        .map(|contact| {
            let base = contact.link.map(|link| link.base);
            (contact.id, (base.unwrap_or_default(), contact.former))
        })
        .collect();
    rows.into_iter()
        .map(|row| {
            let (base, former) = known.remove(&row.id).unwrap_or_default();
            let base = base.into_iter();
            let mut lists = row.lists;
            lists.sort_unstable();
            let pictured = ContactSnapshot {
                user: row.object_id,
                former,
                active: row.active,
                fields: row.fields,
                lists,
                base: base.map(|field| (field.name, field.value)).collect(),
                version: row.version,
            };
            (row.id, pictured)
        })
        .collect()
}
