//! The connector's state, and the sink that a plan goes to.

use connector_contract::{AttributeChange, Effect, EffectOnContact, FieldChange, PlanEntry};

use super::workspace::*;
use crate::PlanRecord;

impl Workspace {
    /// Puts entries into a new plan.
    fn plan(&self, entries: Vec<PlanEntry>) {
        self.store.begin_plan().unwrap();
        self.store.put(entries).unwrap();
    }

    fn write_state(&self, writes: Vec<StateWrite>) {
        let mut page = commit(Vec::new());
        page.state = writes;
        self.store.apply(page).unwrap();
    }

    fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Vec<String> {
        let entries = self.store.list(prefix, after, limit).unwrap();
        entries.into_iter().map(|entry| entry.key).collect()
    }

    fn planned(&self, after: Option<&str>, limit: u32) -> Vec<String> {
        let entries = self.store.changes(None, after, limit).unwrap();
        entries
            .into_iter()
            .map(|entry| entry.what.object_id)
            .collect()
    }
}

/// A workspace with a plan in the making.
fn planning(stores: &dyn StoreFactory) -> Workspace {
    let workspace = Workspace::new(stores);
    workspace.store.begin_plan().unwrap();
    workspace
}

fn plan_record(digest: &str) -> PlanRecord {
    PlanRecord {
        digest: digest.to_owned(),
        mode: "full".to_owned(),
        created_at_ms: 7,
        summary: "{}".to_owned(),
    }
}

fn entry(object_id: &str, effect: Effect, reason: &str) -> PlanEntry {
    PlanEntry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id: object_id.to_owned(),
            effect,
            reason: reason.to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
        },
    }
}

pub fn state_is_replaced_deleted_and_deleting_what_is_not_there_is_no_error(
    stores: &dyn StoreFactory,
) {
    let workspace = planning(stores);
    workspace.write_state(vec![state("a", Some("1")), state("b", Some("1"))]);
    workspace.write_state(vec![
        state("a", Some("2")),
        state("b", None),
        state("c", None),
    ]);
    assert_eq!(workspace.store.get("a").unwrap().unwrap(), b"2");
    assert!(workspace.store.get("b").unwrap().is_none());
    workspace.write_state(vec![state(&"k".repeat(256), Some(""))]);
    assert_eq!(workspace.store.get(&"k".repeat(256)).unwrap().unwrap(), b"");
}

pub fn state_is_listed_by_prefix_in_byte_order_page_by_page(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    let keys = ["run/2", "run/10", "run", "run/é", "rum", "runs", "run/"];
    workspace.write_state(keys.iter().map(|key| state(key, Some("x"))).collect());
    assert_eq!(
        workspace.keys("run/", None, 10),
        ["run/", "run/10", "run/2", "run/é"]
    );
    assert_eq!(workspace.keys("run/", Some("run/10"), 1), ["run/2"]);
    assert_eq!(
        workspace.keys("run/", Some("a"), 1),
        ["run/"],
        "after a key before the prefix"
    );
    assert!(workspace.keys("run/", Some("z"), 9).is_empty());
    assert_eq!(workspace.keys("", None, 2), ["rum", "run"]);
}

pub fn an_entry_of_a_plan_comes_back_as_it_was_put(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    let put = PlanEntry {
        contact: Some("7".to_owned()),
        version: Some(3),
        directory: vec![AttributeChange {
            attribute: "jobTitle".to_owned(),
            before: Some("Hand".to_owned()),
            after: None,
        }],
        what: EffectOnContact {
            evidence: Some(Evidence::LeftScope("department".to_owned())),
            fields: vec![FieldChange {
                field: "company".to_owned(),
                before: Some("A".to_owned()),
                after: None,
            }],
            joins: names(&["A"]),
            leaves: names(&["B", "C"]),
            ..entry("user-1", Effect::Deactivate, "left-scope").what
        },
    };
    let expected = format!("{put:?}");
    workspace.store.put(vec![put]).unwrap();
    let read = workspace.store.changes(None, None, 1).unwrap();
    assert_eq!(format!("{:?}", read[0]), expected);
}

pub fn a_later_entry_of_a_user_replaces_the_earlier(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    workspace
        .store
        .put(vec![entry("a", Effect::Create, "new")])
        .unwrap();
    workspace
        .store
        .put(vec![entry("a", Effect::Skip, "filtered")])
        .unwrap();
    assert!(workspace.planned(None, 10).is_empty());
    let tallies = workspace.store.count().unwrap();
    assert_eq!(tallies.len(), 1);
    assert_eq!((tallies[0].effect, tallies[0].entries), (Effect::Skip, 1));
}

pub fn changes_come_in_byte_order_and_without_what_changes_nothing(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    let put = [
        ("c", Effect::Delete),
        ("B", Effect::Create),
        ("a", Effect::Reactivate),
        ("d", Effect::Unchanged),
        ("e", Effect::Skip),
    ];
    let put = put.map(|(user, effect)| entry(user, effect, "because"));
    workspace.store.put(put.to_vec()).unwrap();
    assert_eq!(workspace.planned(None, 10), ["B", "a", "c"]);
    assert_eq!(workspace.planned(Some("B"), 1), ["a"]);
}

pub fn only_links_claim_a_contact(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    let about = |object_id, effect, contact: &str| PlanEntry {
        contact: Some(contact.to_owned()),
        ..entry(object_id, effect, "because")
    };
    let put = vec![
        about("a", Effect::Link, "1"),
        about("b", Effect::Update, "2"),
    ];
    workspace.store.put(put).unwrap();
    let claims = workspace.store.claimed(&names(&["1", "2", "3"])).unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(
        (claims[0].contact.as_str(), claims[0].object_id.as_str()),
        ("1", "a")
    );
    let limit = workspace.store.describe().unwrap().max_batch;
    let many = vec!["1".to_owned(); limit as usize + 1];
    let told = workspace.store.claimed(&many);
    assert!(matches!(told, Err(StoreError::BatchTooLarge(told)) if told == limit));
    let many = vec![about("a", Effect::Link, "1"); limit as usize + 1];
    let told = workspace.store.put(many);
    assert!(matches!(told, Err(StoreError::BatchTooLarge(told)) if told == limit));
}

pub fn entries_are_counted_by_effect_and_reason(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    let put = vec![
        entry("a", Effect::Skip, "no-address"),
        entry("b", Effect::Skip, "filtered"),
        entry("c", Effect::Skip, "filtered"),
        entry("d", Effect::Create, "new"),
    ];
    workspace.store.put(put).unwrap();
    let tallies: Vec<_> = workspace
        .store
        .count()
        .unwrap()
        .into_iter()
        .map(|tally| (tally.effect, tally.reason, tally.entries))
        .collect();
    let expected = [
        (Effect::Create, "new".to_owned(), 1),
        (Effect::Skip, "filtered".to_owned(), 2),
        (Effect::Skip, "no-address".to_owned(), 1),
    ];
    assert_eq!(tallies, expected);
}

pub fn a_finished_plan_is_kept_under_its_digest_and_the_next_one_begins_empty(
    stores: &dyn StoreFactory,
) {
    let workspace = planning(stores);
    let record = plan_record("00ff");
    workspace.plan(vec![entry("a", Effect::Create, "new")]);
    workspace.store.keep_plan(&record).unwrap();
    let workspace = workspace.reopened();
    assert_eq!(workspace.store.kept_plan("00ff").unwrap(), Some(record));
    workspace.store.begin_plan().unwrap();
    assert!(workspace.planned(None, 10).is_empty());
    let kept = workspace.store.changes(Some("00ff"), None, 10).unwrap();
    assert_eq!(kept, [entry("a", Effect::Create, "new")]);
    assert!(workspace.store.kept_plan("ff00").unwrap().is_none());
    let unknown = workspace.store.changes(Some("ff00"), None, 10).unwrap();
    assert!(unknown.is_empty());
}

pub fn entries_of_some_users_are_found_in_a_kept_plan_and_in_the_one_in_the_making(
    stores: &dyn StoreFactory,
) {
    let workspace = planning(stores);
    workspace.plan(vec![
        entry("a", Effect::Create, "new"),
        entry("b", Effect::Skip, "filtered"),
        entry("c", Effect::Delete, "deleted"),
    ]);
    workspace.store.keep_plan(&plan_record("00ff")).unwrap();
    workspace.plan(vec![entry("a", Effect::Update, "directory-changed")]);
    let users = ["a", "b", "c", "d"].map(str::to_owned);
    let of = |plan| {
        let mut entries = workspace.store.entries(plan, &users).unwrap();
        entries.sort_by(|left, right| left.what.object_id.cmp(&right.what.object_id));
        entries
            .into_iter()
            .map(|entry| (entry.what.object_id, entry.what.effect))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(Some("00ff")),
        [
            ("a".to_owned(), Effect::Create),
            ("c".to_owned(), Effect::Delete)
        ]
    );
    assert_eq!(of(None), [("a".to_owned(), Effect::Update)]);
}

pub fn the_last_ten_plans_are_kept_and_a_digest_only_once(stores: &dyn StoreFactory) {
    let workspace = planning(stores);
    for number in 0..12 {
        workspace.plan(vec![entry("a", Effect::Create, "new")]);
        let digest = format!("{:02}", number.max(1));
        workspace.store.keep_plan(&plan_record(&digest)).unwrap();
    }
    let kept = workspace.store.kept_plans().unwrap();
    let digests: Vec<_> = kept.iter().map(|plan| plan.digest.as_str()).collect();
    assert_eq!(
        digests,
        ["11", "10", "09", "08", "07", "06", "05", "04", "03", "02"]
    );
}
