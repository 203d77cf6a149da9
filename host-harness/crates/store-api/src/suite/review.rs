//! What an administrator looks up of plans and runs.

use crate::{PlanFilter, PlanRecord};
use connector_contract::{Effect, EffectOnContact, PlanEntry};

use super::workspace::*;

fn entry(user: &str, effect: Effect) -> PlanEntry {
    PlanEntry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id: user.to_owned(),
            effect,
            reason: "new-user".to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
        },
    }
}

pub fn entries_of_a_kept_plan_are_read_by_effect_and_user_page_by_page(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let store = &workspace.store;
    store.begin_plan().unwrap();
    store
        .put(vec![
            entry("c", Effect::Create),
            entry("a", Effect::Create),
            entry("b", Effect::Skip),
        ])
        .unwrap();
    store
        .keep_plan(&PlanRecord {
            digest: "d1".to_owned(),
            mode: "full".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
    let users = |filter: &PlanFilter, after: Option<&str>, limit| -> Vec<String> {
        let entries = store.planned("d1", filter, after, limit).unwrap();
        entries
            .into_iter()
            .map(|entry| entry.what.object_id)
            .collect()
    };
    let all = PlanFilter::default();
    assert_eq!(users(&all, None, 2), ["a", "b"]);
    assert_eq!(users(&all, Some("b"), 2), ["c"]);
    let created = PlanFilter {
        effects: vec![Effect::Create],
        ..PlanFilter::default()
    };
    assert_eq!(users(&created, None, 9), ["a", "c"]);
    let one = PlanFilter {
        user: Some("b".to_owned()),
        ..PlanFilter::default()
    };
    assert_eq!(users(&one, None, 9), ["b"]);
    assert!(store.planned("d2", &all, None, 9).unwrap().is_empty());
    assert!(store.changed_runs(9).unwrap().is_empty());
    assert!(store.runs_named("17", 9).unwrap().is_empty());
}
