//! Who only looks waits for nobody and changes nothing.

use std::sync::Arc;

use connector_contract::PlanEntry;

use super::workspace::*;

pub fn every_write_is_refused_and_nothing_is_changed(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let store = &workspace.store;
    store.begin_plan().unwrap();
    let looking = Arc::clone(store).read_only();
    let refused = StoreError::AccessDenied;
    assert_eq!(
        looking.apply(commit(vec![create("a", &[]).into()])),
        Err(refused.clone())
    );
    assert_eq!(looking.open_round(SOURCE, "r", false).unwrap_err(), refused);
    assert_eq!(looking.close_round(SOURCE, "r"), Err(refused.clone()));
    assert_eq!(looking.put(Vec::<PlanEntry>::new()), Err(refused));
    assert_eq!(store.contacts(Default::default()).count(), 0);
}
