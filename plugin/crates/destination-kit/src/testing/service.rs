//! A service in memory, with what services differ by. Clones are one service.

mod destination;

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use guest_kit::Clock as _;

use super::{Dice, Life, TestClock, Trouble};
use crate::contract::{FieldDescription, FieldKind, FieldRole, FieldWrite, Limits, Refusal};
use crate::destination::{
    Attempt, BatchSizes, Capabilities, Failure, FindBy, Guard, GuardKind, Record, RemoteId,
    RemoteListId, Tie,
};
use crate::rules;

/// How a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it can do.
    pub capabilities: Capabilities,
    /// A record tells the lists that it is on.
    pub tells_lists: bool,
    /// It has active and inactive records.
    pub tells_active: bool,
    /// It keeps to whom a record was left linked.
    pub keeps_ties: bool,
}

impl Profile {
    /// A service that takes much and tells all, with the fields of a contact.
    #[must_use]
    pub fn generous(mandatory: &[String], custom_fields: bool) -> Self {
        let capabilities = Capabilities {
            fields: fields(mandatory),
            custom_fields,
            limits: Limits {
                custom_fields: None,
                custom_field_label: Some(64),
                custom_field_value: Some(1_024),
                list_name: Some(256),
            },
            codes: Vec::new(),
            guard: GuardKind::Checked,
            batch: BatchSizes {
                fetch: 100,
                find: 100,
                create: 1,
                write: 1,
                delete: 1,
                membership: 1_000,
            },
            find_by: FindBy {
                link: true,
                match_key: true,
            },
            width: 8,
            lists_on_create: true,
            deactivates: true,
            settles_after_ms: 0,
        };
        Self {
            capabilities,
            tells_lists: true,
            tells_active: true,
            keeps_ties: true,
        }
    }
}

fn fields(mandatory: &[String]) -> Vec<FieldDescription> {
    let field = |name: &str, kind, max_length, role| FieldDescription {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        mandatory: mandatory.iter().any(|field| field == name),
        max_length: Some(max_length),
        role,
    };
    vec![
        field(
            "first_name",
            FieldKind::Text,
            64,
            Some(FieldRole::GivenName),
        ),
        field(
            "last_name",
            FieldKind::Text,
            64,
            Some(FieldRole::FamilyName),
        ),
        field("email", FieldKind::Email, 254, Some(FieldRole::Email)),
        field("mobile_phone", FieldKind::Phone, 64, Some(FieldRole::Phone)),
        field("company", FieldKind::Text, 256, Some(FieldRole::Company)),
        field("job_title", FieldKind::Text, 128, None),
        field("group", FieldKind::Text, 128, Some(FieldRole::Group)),
    ]
}

/// A record as the service has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    fields: BTreeMap<String, String>,
    active: bool,
    lists: BTreeSet<RemoteListId>,
    tie: Option<Tie>,
    made_at_ms: u64,
}

#[derive(Debug)]
struct Inside {
    profile: Profile,
    trouble: Trouble,
    records: BTreeMap<RemoteId, Held>,
    lists: BTreeMap<RemoteListId, String>,
    /// The last number that was given.
    numbers: u64,
    /// Records that a request under way is about.
    busy: BTreeSet<RemoteId>,
    most_at_once: usize,
    /// Whoever waits, and may go on.
    waiting: BTreeMap<u64, bool>,
    tickets: u64,
}

/// A service in memory.
#[derive(Clone, Debug)]
pub struct MemoryService {
    inside: Arc<Mutex<Inside>>,
    clock: TestClock,
    dice: Dice,
    life: Life,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    Lost { performed: bool },
    Busy,
}

impl MemoryService {
    /// An empty service.
    #[must_use]
    pub fn new(profile: Profile, clock: &TestClock, dice: &Dice, life: &Life) -> Self {
        let inside = Inside {
            profile,
            trouble: Trouble::default(),
            records: BTreeMap::new(),
            lists: BTreeMap::new(),
            numbers: 0,
            busy: BTreeSet::new(),
            most_at_once: 0,
            waiting: BTreeMap::new(),
            tickets: 0,
        };
        Self {
            inside: Arc::new(Mutex::new(inside)),
            clock: clock.clone(),
            dice: dice.clone(),
            life: life.clone(),
        }
    }

    /// From now on so much goes wrong.
    pub fn troubled(&self, trouble: Trouble) {
        self.inside().trouble = trouble;
    }

    /// Every record, whoever made it, in order of its id.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let inside = self.inside();
        let all = inside.records.iter();
        let mut records: Vec<_> = all.map(|(id, held)| whole(id, held)).collect();
        records.sort_by_key(|record| record.id.parse::<u64>().unwrap_or(0));
        records
    }

    /// Names of lists by id.
    #[must_use]
    pub fn list_names(&self) -> BTreeMap<RemoteListId, String> {
        self.inside().lists.clone()
    }

    /// Most requests that wrote at one time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.inside().most_at_once
    }

    /// A person makes a record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    pub fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal> {
        let made_at_ms = self.clock.now().0;
        let mut inside = self.inside();
        let mut filled = Vec::new();
        for (name, value) in fields {
            filled.push(crate::contract::Field {
                name: name.clone(),
                value: value.clone(),
            });
        }
        rules::accept_new(&inside.profile.capabilities, &filled)?;
        let id = inside.next();
        let held = Held {
            fields: fields.clone(),
            active: true,
            made_at_ms,
            ..Held::default()
        };
        inside.records.insert(id.clone(), held);
        Ok(id)
    }

    /// A person writes or empties a field; `false` where there is no such record.
    ///
    /// # Errors
    ///
    /// Where the service does not take it.
    pub fn edit(&self, id: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal> {
        let mut inside = self.inside();
        let write = FieldWrite {
            name: field.to_owned(),
            value: value.map(str::to_owned),
        };
        let Inside {
            profile, records, ..
        } = &mut *inside;
        let Some(held) = records.get_mut(id) else {
            return Ok(false);
        };
        rules::accept_writes(&profile.capabilities, std::slice::from_ref(&write))?;
        put(held, &write);
        Ok(true)
    }

    /// A person puts a record on a list, which is made where it is new; `false` where there is no such record.
    #[must_use]
    pub fn put_on_list(&self, id: &str, name: &str) -> bool {
        let mut inside = self.inside();
        let list = inside.list(name);
        match inside.records.get_mut(id) {
            Some(held) => {
                held.lists.insert(list);
                true
            }
            None => false,
        }
    }

    /// A person takes a record off all lists.
    pub fn take_off_lists(&self, id: &str) {
        if let Some(held) = self.inside().records.get_mut(id) {
            held.lists.clear();
        }
    }

    /// A person deletes a record.
    pub fn remove(&self, id: &str) {
        self.inside().records.remove(id);
    }

    /// A person copies a record, with all that was left at it.
    pub fn copy(&self, id: &str) {
        let mut inside = self.inside();
        if let Some(held) = inside.records.get(id).cloned() {
            let copy = inside.next();
            inside.records.insert(copy, held);
        }
    }

    /// A person deletes a list.
    pub fn remove_list(&self, name: &str) {
        let mut inside = self.inside();
        let list = inside.list(name);
        inside.lists.remove(&list);
        for held in inside.records.values_mut() {
            held.lists.remove(&list);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until [`Destination::wait`] lets this one go on: in any order.
    async fn answer(&self) {
        let ticket = {
            let mut inside = self.inside();
            inside.tickets += 1;
            let ticket = inside.tickets;
            inside.waiting.insert(ticket, false);
            ticket
        };
        poll_fn(|_| {
            let mut inside = self.inside();
            if inside.waiting.get(&ticket) == Some(&true) {
                inside.waiting.remove(&ticket);
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
    }

    /// A request is under way that writes these records.
    fn busy(&self, ids: &[RemoteId]) {
        let mut inside = self.inside();
        for id in ids {
            let is_free = inside.busy.insert(id.clone());
            assert!(is_free, "two requests for one record are under way");
        }
        inside.most_at_once = inside.most_at_once.max(inside.busy.len());
    }

    fn free(&self, ids: &[RemoteId]) {
        let mut inside = self.inside();
        for id in ids {
            inside.busy.remove(id);
        }
    }

    /// What becomes of a request that writes, and whether it is performed at all.
    fn fate(&self) -> Fate {
        let Trouble {
            lost_after,
            lost_before,
            busy,
            ..
        } = self.inside().trouble;
        if self.dice.percent(busy) {
            return Fate::Busy;
        }
        if self.dice.percent(lost_before) || !self.life.deed() {
            return Fate::Lost { performed: false };
        }
        if self.dice.percent(lost_after) {
            return Fate::Lost { performed: true };
        }
        Fate::Done
    }

    /// Performs a request as fate will have it.
    fn perform<T>(&self, perform: impl FnOnce(&mut Inside) -> Attempt<T>) -> Attempt<T> {
        match self.fate() {
            Fate::Busy => Err(Failure::NotDone("too-many-requests".to_owned())),
            Fate::Lost { performed } => {
                if performed {
                    // Nobody hears what came of it.
                    let _ = perform(&mut self.inside());
                }
                Err(Failure::Unknown("no-answer".to_owned()))
            }
            Fate::Done => perform(&mut self.inside()),
        }
    }

    fn is_overtaken(&self) -> bool {
        let overtaken = self.inside().trouble.overtaken;
        self.dice.percent(overtaken)
    }

    /// Ids of records that searches and pages show by now.
    fn shown(&self) -> BTreeSet<RemoteId> {
        let now = self.clock.now().0;
        let inside = self.inside();
        let lag = inside.profile.capabilities.settles_after_ms;
        let shows = |held: &Held| held.made_at_ms + lag <= now;
        let shown = inside.records.iter().filter(|(_, held)| shows(held));
        shown.map(|(id, _)| id.clone()).collect()
    }
}

impl Inside {
    fn next(&mut self) -> String {
        self.numbers += 1;
        self.numbers.to_string()
    }

    fn list(&mut self, name: &str) -> RemoteListId {
        let is_same = |known: &String| contact_identity::list::is_same(known, name);
        let known = self.lists.iter().find(|(_, known)| is_same(known));
        if let Some((id, _)) = known {
            return id.clone();
        }
        let id = format!("list-{}", self.next());
        self.lists.insert(id.clone(), name.to_owned());
        id
    }

    fn told(&self, id: &str) -> Option<Record> {
        let record = whole(id, self.records.get(id)?);
        Some(Record {
            lists: record.lists.filter(|_| self.profile.tells_lists),
            active: record.active.filter(|_| self.profile.tells_active),
            guard: record
                .guard
                .filter(|_| self.profile.capabilities.guard == GuardKind::Conditional),
            ..record
        })
    }

    fn fits(&self, id: &str, guard: Option<&Guard>) -> Attempt<()> {
        let record = self.told(id).ok_or(Failure::Gone)?;
        let guarded = self.profile.capabilities.guard == GuardKind::Conditional;
        if guarded && record.guard.as_ref() != guard {
            return Err(Failure::Changed);
        }
        Ok(())
    }
}

/// A record with all that there is of it. Its guard is its content, and returns when that does.
fn whole(id: &str, held: &Held) -> Record {
    Record {
        id: id.to_owned(),
        fields: held.fields.clone().into_iter().collect(),
        active: Some(held.active),
        lists: Some(held.lists.iter().cloned().collect()),
        tie: held.tie.clone(),
        guard: Some(Guard(format!("{:?}{}", held.fields, held.active))),
        native: Vec::new(),
    }
}

fn put(held: &mut Held, write: &FieldWrite) {
    match &write.value {
        Some(value) => held.fields.insert(write.name.clone(), value.clone()),
        None => held.fields.remove(&write.name),
    };
}
