//! One at a time: who may write, and what becomes of those who may no longer.

use std::sync::Arc;
use std::time::Duration;

use connector_contract::{Effect, EffectOnContact, PlanEntry};

use super::workspace::*;
use crate::{
    AdminStore, BackendError, Holder, LeaseError, LeaseHeld, LeasedStore, PlanRecord, TakeOver,
};

const TTL: Duration = Duration::from_millis(100);

struct Office {
    clock: Arc<SetClock>,
    store: Arc<dyn AdminStore>,
    _workspace: Workspace,
}

impl Office {
    fn new(stores: &dyn StoreFactory) -> Self {
        let clock = SetClock::at(1_000);
        let workspace = Workspace::with_clock(stores, &SuiteOptions::default(), clock.clone());
        Self {
            clock,
            store: Arc::clone(&workspace.store),
            _workspace: workspace,
        }
    }

    fn asks(
        &self,
        holder: &Holder,
        take_over: TakeOver,
    ) -> Result<Arc<dyn LeasedStore>, LeaseError> {
        Arc::clone(&self.store).acquire_lease(holder, TTL, take_over)
    }

    fn hired(&self, holder: &Holder) -> Arc<dyn LeasedStore> {
        self.asks(holder, TakeOver::Nobody).unwrap()
    }

    fn turned_away(&self, holder: &Holder, take_over: TakeOver) -> LeaseHeld {
        match self.asks(holder, take_over) {
            Err(LeaseError::Held(held)) => held,
            other => panic!("not turned away: {other:?}"),
        }
    }
}

fn holder(task: &str, machine: &str) -> Holder {
    Holder {
        task: task.to_owned(),
        process: 7,
        machine: machine.to_owned(),
    }
}

fn entry() -> PlanEntry {
    PlanEntry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id: "user-1".to_owned(),
            effect: Effect::Create,
            reason: "new-user".to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
        },
    }
}

fn record() -> PlanRecord {
    PlanRecord {
        digest: "00ff".to_owned(),
        mode: "full".to_owned(),
        created_at_ms: 0,
        summary: "{}".to_owned(),
    }
}

pub fn a_second_one_is_refused_and_hears_who_is_at_work_since_when(stores: &dyn StoreFactory) {
    let office = Office::new(stores);
    let first = holder("sync", "here");
    let _working = office.hired(&first);
    office.clock.set(1_050);
    let held = office.turned_away(&holder("plan", "there"), TakeOver::SameMachine);
    assert_eq!((&held.by, held.since_ms), (&first, 1_000));
    let said = held.to_string();
    assert!(said.contains("`sync` (process 7 on here)"), "{said}");
    assert!(said.contains("1970-01-01T00:00:01Z"), "{said}");
    office.turned_away(&holder("plan", "here"), TakeOver::Nobody);
}

pub fn a_lease_that_is_given_up_is_free_at_once(stores: &dyn StoreFactory) {
    let office = Office::new(stores);
    drop(office.hired(&holder("sync", "here")));
    assert_eq!(office.store.lease_holder().unwrap(), None);
    let working = office.hired(&holder("sync", "there"));
    working.apply(commit(Vec::new())).unwrap();
}

pub fn every_write_renews_and_who_writes_nothing_can_be_replaced_after_the_expiry(
    stores: &dyn StoreFactory,
) {
    let office = Office::new(stores);
    let working = office.hired(&holder("sync", "here"));
    let other = holder("sync", "there");
    for now in [1_090, 1_180, 1_270] {
        office.clock.set(now);
        working.apply(commit(Vec::new())).unwrap();
    }
    office.clock.set(1_360);
    working.renew().unwrap();
    office.clock.set(1_459);
    office.turned_away(&other, TakeOver::Nobody);
    office.clock.set(1_460);
    let _other = office.hired(&other);
    assert!(matches!(working.renew(), Err(BackendError::LeaseLost(_))));
}

pub fn one_whose_lease_expired_goes_on_as_long_as_nobody_took_over(stores: &dyn StoreFactory) {
    let office = Office::new(stores);
    let working = office.hired(&holder("sync", "here"));
    office.clock.set(9_000);
    working.apply(commit(Vec::new())).unwrap();
    office.turned_away(&holder("sync", "there"), TakeOver::Nobody);
}

pub fn a_dead_process_of_this_machine_is_replaced_at_once_and_cannot_come_back(
    stores: &dyn StoreFactory,
) {
    let office = Office::new(stores);
    let dead = office.hired(&holder("sync", "here"));
    let living = office
        .asks(&holder("plan", "here"), TakeOver::SameMachine)
        .unwrap();
    assert!(matches!(
        dead.apply(commit(Vec::new())),
        Err(StoreError::LeaseLost(who)) if who.contains("`plan`")
    ));
    drop(dead);
    living.apply(commit(Vec::new())).unwrap();
}

pub fn a_stale_holder_writes_no_contact_no_state_no_round_and_no_plan(stores: &dyn StoreFactory) {
    let office = Office::new(stores);
    let stale = office.hired(&holder("sync", "here"));
    stale.begin_plan().unwrap();
    stale.put(vec![entry()]).unwrap();
    stale.open_round(SOURCE, "round", false).unwrap();
    office.clock.set(5_000);
    let _other = office.hired(&holder("sync", "there"));
    // The clock of the stale one may say what it likes.
    office.clock.set(1_001);

    let mut page = commit(vec![create("user-1", &[("company", "A")]).into()]);
    page.state = vec![state("cursor", Some("1"))];
    let writes = [
        stale.apply(page).err(),
        stale.open_round(SOURCE, "another", false).err(),
        stale.close_round(SOURCE, "round").err(),
        stale.put(vec![entry()]).err(),
        stale.begin_plan().err().map(Into::into),
        stale.keep_plan(&record()).err().map(Into::into),
    ];
    for (place, refused) in writes.into_iter().enumerate() {
        assert!(
            matches!(refused, Some(StoreError::LeaseLost(_))),
            "write {place}: {refused:?}"
        );
    }
    assert!(stale.get("cursor").unwrap().is_none());
    assert_eq!(office.store.contacts(Default::default()).count(), 0);
    assert!(office.store.kept_plans().unwrap().is_empty());
    let seen = office.store.unseen(SOURCE, "round", None, 1, &[]);
    assert!(seen.is_ok(), "the round is still open: {seen:?}");
}
