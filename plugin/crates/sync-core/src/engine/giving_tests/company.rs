//! A directory in memory that takes values, and a workspace that is in step with it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use guest_kit::json;

use super::door::Door;
use crate::contact::{ObjectId, Tombstone, Who};
use crate::engine::call::{CallError, Prepared};
use crate::engine::checkpoint::{current_run, finished_runs};
use crate::engine::directory::{
    Answer, Directory, Identity, Next, Page, PendingPage, People, Start,
};
use crate::engine::disconnect::disconnect;
use crate::engine::given::Given;
use crate::engine::plan::{PlanSummary, plan};
use crate::engine::retry::retry;
use crate::engine::run_abort::RunAbort;
use crate::engine::sync::{Approval, SliceEnd, SyncRequest, SyncResult, sync};
use crate::engine::undo::{UndoRequest, plan_undo, undo};
use crate::mapping::person::{Asked, Item, Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::{Direction, Row, Winner};
use crate::ports::directory_writer::{
    AttributeWrite, Permitted, PersonWrite, Refusal, WriteOutcome,
};
use crate::ports::testing::{Memory, SOURCE};
use crate::ports::{
    DirectoryError, DirectoryErrorKind, DirectoryWriter, Failure, Inviter, Ports, Progress,
    StateWrite, Usage,
};
use crate::reconcile::finding::Finding;
use crate::reconcile::test_samples::linked_contact;
use crate::report::explain::{Explanation, explain};
use crate::report::overview::{Overview, report};
use crate::run::ledger::LedgerRecord;
use crate::run::{RunMode, RunRecord};
use crate::settings::{Limit, ListRule};

/// Attribute and field of the row that goes both ways.
pub(in crate::engine) const COMPANY: (&str, &str) = ("companyName", "company");
/// Another one, for those who have two.
pub(in crate::engine) const NAME: (&str, &str) = ("givenName", "first_name");

pub(super) type Values = BTreeMap<&'static str, String>;

/// The directory, and the workspace that is kept in step with it.
#[derive(Default)]
pub(in crate::engine) struct World {
    pub(in crate::engine) memory: Memory,
    pub(in crate::engine) users: RefCell<BTreeMap<ObjectId, Values>>,
    /// What readers see in the place of what is there.
    pub(in crate::engine) late: RefCell<BTreeMap<ObjectId, Values>>,
    /// Whether writes are seen late from now on.
    pub(in crate::engine) lags: Cell<bool>,
    /// Who changed in the directory, and what, in order; a place in the feed is how many were shown.
    pub(super) changes: RefCell<Vec<(ObjectId, &'static str)>>,
    /// People who were asked for by id.
    pub(in crate::engine) asked_for: Cell<usize>,
    /// People whom pages have shown.
    pub(in crate::engine) shown: Cell<usize>,
    /// Each value that was sent.
    pub(in crate::engine) sent: RefCell<Vec<(ObjectId, AttributeWrite)>>,
    pub(in crate::engine) permits: Cell<Option<&'static str>>,
    pub(in crate::engine) mastered_elsewhere: RefCell<BTreeSet<ObjectId>>,
    /// What is answered in the place of writing.
    pub(in crate::engine) answers: RefCell<BTreeMap<ObjectId, WriteOutcome>>,
    /// Of this attribute alone.
    pub(in crate::engine) refuses_only: Cell<Option<&'static str>>,
    /// Clauses of the filter that leave people out.
    pub(in crate::engine) scopes: RefCell<BTreeMap<ObjectId, String>>,
    /// After so many calls of the writer there is no answer.
    pub(in crate::engine) fails_after: Cell<Option<usize>>,
    /// Answers that are given once, and only then is written.
    pub(in crate::engine) passing: Cell<bool>,
    /// Done to the directory between reading and writing.
    pub(in crate::engine) meanwhile: RefCell<Option<(ObjectId, &'static str, Option<String>)>>,
    pub(in crate::engine) prepared: RefCell<Option<Prepared>>,
    /// Who comes in as a guest.
    pub(in crate::engine) door: Door,
}

impl World {
    /// The first name goes both ways, too.
    pub(in crate::engine) fn and_name_both_ways(self) -> Self {
        if let Some(prepared) = self.prepared.borrow_mut().as_mut() {
            for row in &mut prepared.settings.rows {
                if row.attribute == NAME.0 {
                    row.direction = Direction::TwoWay(Winner::Directory);
                }
            }
        }
        self
    }

    /// So many people, in step, with a company that goes both ways.
    pub(in crate::engine) fn of(people: usize) -> Self {
        Self::with(people, Direction::TwoWay(Winner::Directory))
    }

    pub(in crate::engine) fn with(people: usize, direction: Direction) -> Self {
        let world = Self::default();
        let mut prepared = world.memory.prepared();
        prepared.settings.lists = ListRule::None;
        for row in &mut prepared.settings.rows {
            if row.attribute == COMPANY.0 {
                row.direction = direction;
            }
        }
        for number in 0..people {
            let user = format!("u{number}");
            let email = format!("{user}@contoso.com");
            let values = [
                ("givenName", "Kim".to_owned()),
                ("surname", "Example".to_owned()),
                ("mail", email.clone()),
                ("mobilePhone", "+44 7700 900123".to_owned()),
                (COMPANY.0, "Contoso".to_owned()),
            ];
            let users = &mut *world.users.borrow_mut();
            users.insert(ObjectId::new(&user), values.into_iter().collect());
            let held = [
                ("first_name", "Kim"),
                ("last_name", "Example"),
                ("email", &email),
                ("mobile_phone", "+44 7700 900123"),
                (COMPANY.1, "Contoso"),
            ];
            world
                .memory
                .put(linked_contact(&number.to_string(), &user, &held));
        }
        world.prepared.replace(Some(prepared));
        world
    }

    pub(in crate::engine) fn set_limit(&self, floor: u64) {
        let limit = Limit {
            count: floor,
            percent: 100,
            floor,
        };
        let mut prepared = self.prepared.borrow_mut();
        let settings = &mut prepared.as_mut().unwrap().settings;
        settings.directory_limit = limit;
        settings.directory_blank_limit = limit;
    }

    pub(in crate::engine) fn ports(&self) -> Ports<'_> {
        self.memory.ports()
    }

    pub(in crate::engine) fn plan(&self) -> PlanSummary {
        self.memory.plans.borrow_mut().remove("");
        let prepared = self.prepared.borrow().clone().unwrap();
        let summary = plan(self.ports(), &prepared, self, RunMode::Incremental).unwrap();
        self.memory.keep_plan(&summary.digest);
        summary
    }

    pub(in crate::engine) fn slice(
        &self,
        approval: Option<Approval>,
    ) -> Result<SyncResult, CallError> {
        self.slice_of(RunMode::Incremental, approval)
    }

    /// Tries one person, in a run of its own.
    pub(in crate::engine) fn retry_one(&self, number: usize) -> RunRecord {
        let prepared = self.prepared.borrow().clone().unwrap();
        let user = ObjectId::new(format!("u{number}"));
        let tried = retry(self.ports(), &prepared, SOURCE, self, &user);
        tried.unwrap().run
    }

    /// Who somebody is.
    pub(in crate::engine) fn explain(&self, number: usize) -> Explanation {
        let prepared = self.prepared.borrow().clone().unwrap();
        let who = Who::User(ObjectId::new(format!("u{number}")));
        let mut told = explain(self.ports(), &prepared, SOURCE, &who, &|_| None).unwrap();
        told.remove(0)
    }

    /// What a round has staged is gone, as if another configuration had come.
    pub(in crate::engine) fn disregard_what_is_staged(&self) {
        let mut state = self.memory.state.borrow_mut();
        state.retain(|key, _| !key.starts_with("staged/") && key != "round");
    }

    /// How the connection stands.
    pub(in crate::engine) fn report(&self) -> Overview {
        let prepared = self.prepared.borrow().clone().unwrap();
        report(self.ports(), prepared, Some(SOURCE), false).unwrap()
    }

    /// Plans to take a run back.
    pub(in crate::engine) fn plan_undo(&self, run: &str) -> PlanSummary {
        self.try_plan_undo(run).unwrap()
    }

    pub(in crate::engine) fn try_plan_undo(&self, run: &str) -> Result<PlanSummary, CallError> {
        self.memory.plans.borrow_mut().remove("");
        let prepared = self.prepared.borrow().clone().unwrap();
        let summary = plan_undo(self.ports(), &prepared, SOURCE, Some(self), run)?;
        self.memory.keep_plan(&summary.digest);
        Ok(summary)
    }

    /// One slice of the undo of a run.
    pub(in crate::engine) fn undo_slice(
        &self,
        run: &str,
        digest: &str,
    ) -> Result<SyncResult, CallError> {
        let prepared = self.prepared.borrow().clone().unwrap();
        let request = UndoRequest {
            run: run.to_owned(),
            approved: digest.to_owned(),
            trigger: "test".to_owned(),
            max_pages: None,
            max_time: None,
        };
        undo(self.ports(), &prepared, SOURCE, Some(self), &request)
    }

    /// Takes a run back, to the end of that.
    pub(in crate::engine) fn undo(&self, run: &str) -> RunRecord {
        let digest = self.plan_undo(run).digest;
        self.undo_approved(run, &digest)
    }

    pub(in crate::engine) fn undo_approved(&self, run: &str, digest: &str) -> RunRecord {
        for _ in 0..20 {
            let result = self.undo_slice(run, digest).unwrap();
            match result.end {
                SliceEnd::Finished => return result.run,
                SliceEnd::More(wait) => self.memory.pass(wait.as_millis() as u64),
            }
        }
        panic!("it does not end");
    }

    pub(in crate::engine) fn slice_of(
        &self,
        mode: RunMode,
        approval: Option<Approval>,
    ) -> Result<SyncResult, CallError> {
        let prepared = self.prepared.borrow().clone().unwrap();
        let request = SyncRequest {
            mode,
            trigger: "test".to_owned(),
            max_pages: None,
            max_time: None,
            approval,
        };
        sync(self.ports(), &prepared, SOURCE, self, &request)
    }

    /// A sync to its end.
    pub(in crate::engine) fn sync(&self) -> SyncResult {
        self.sync_approved(None)
    }

    /// A sync that reads everybody.
    pub(in crate::engine) fn sync_fully(&self) -> SyncResult {
        let result = self.slice_of(RunMode::Full, None).unwrap();
        assert_eq!(result.end, SliceEnd::Finished);
        result
    }

    pub(in crate::engine) fn sync_approved(&self, approval: Option<Approval>) -> SyncResult {
        for _ in 0..20 {
            let result = self.slice(approval.clone()).unwrap();
            match result.end {
                SliceEnd::Finished => return result,
                SliceEnd::More(wait) => self.memory.pass(wait.as_millis() as u64),
            }
        }
        panic!("it does not end");
    }

    /// What somebody's company is: in the directory, here, and the base.
    pub(in crate::engine) fn company(&self, number: usize) -> [Option<String>; 3] {
        let users = self.users.borrow();
        let user = &users[&ObjectId::new(format!("u{number}"))];
        let contact = self.memory.contact(&number.to_string()).unwrap();
        [
            user.get(COMPANY.0).cloned(),
            contact.field(COMPANY.1).map(str::to_owned),
            contact.base(COMPANY.1).map(str::to_owned),
        ]
    }

    pub(in crate::engine) fn assert_company(&self, number: usize, everywhere: Option<&str>) {
        let everywhere = everywhere.map(str::to_owned);
        assert_eq!(
            self.company(number),
            [everywhere.clone(), everywhere.clone(), everywhere]
        );
    }

    /// Somebody edits the directory.
    pub(in crate::engine) fn change(&self, number: usize, company: Option<&str>) {
        self.change_of(number, COMPANY.0, company);
    }

    pub(in crate::engine) fn change_of(
        &self,
        number: usize,
        attribute: &'static str,
        value: Option<&str>,
    ) {
        let user = ObjectId::new(format!("u{number}"));
        self.late.borrow_mut().remove(&user);
        set(
            self.users.borrow_mut().get_mut(&user).unwrap(),
            attribute,
            value,
        );
        self.changes.borrow_mut().push((user, attribute));
    }

    /// All that was late is seen from now on, and the feed shows it.
    pub(in crate::engine) fn arrive(&self) {
        for user in std::mem::take(&mut *self.late.borrow_mut()).into_keys() {
            self.changes.borrow_mut().push((user, COMPANY.0));
        }
    }

    /// The feed shows somebody, for something that no row of the mapping reads.
    pub(in crate::engine) fn show(&self, number: usize) {
        let user = ObjectId::new(format!("u{number}"));
        self.changes.borrow_mut().push((user, "department"));
    }

    /// Whoever could not be written too often is tried again by a full sync.
    pub(in crate::engine) fn try_whoever_was_given_up(&self) {
        let is_given_up = {
            let state = self.memory.state.borrow();
            let mut failing = state.iter().filter(|(key, _)| key.starts_with("ledger/"));
            failing.any(|(_, value)| {
                let failing: Option<LedgerRecord> = json::from_bytes(value);
                failing.unwrap().is_given_up()
            })
        };
        if is_given_up {
            self.sync_fully();
        }
    }

    /// Somebody leaves the organisation.
    pub(in crate::engine) fn leave(&self, number: usize) {
        let user = ObjectId::new(format!("u{number}"));
        self.users.borrow_mut().remove(&user);
        self.changes.borrow_mut().push((user, COMPANY.0));
    }

    /// Somebody edits the contact.
    pub(in crate::engine) fn edit(&self, number: usize, company: Option<&str>) {
        self.memory.edit(&number.to_string(), COMPANY.1, company);
    }

    pub(in crate::engine) fn disconnect(&self) {
        disconnect(self.ports(), Vec::new(), |_| Ok(SOURCE.to_owned())).unwrap();
    }

    /// What readers see of the company once more.
    pub(in crate::engine) fn late_company(&self, number: usize, company: Option<&str>) {
        let user = ObjectId::new(format!("u{number}"));
        let mut values = self.users.borrow()[&user].clone();
        set(&mut values, COMPANY.0, company);
        self.changes.borrow_mut().push((user.clone(), COMPANY.0));
        self.late.borrow_mut().insert(user, values);
    }

    /// The runs that have ended, and the one that has not.
    pub(in crate::engine) fn runs(&self) -> Vec<RunRecord> {
        let mut runs = finished_runs(&self.memory).unwrap();
        runs.extend(current_run(&self.memory).unwrap());
        runs
    }

    /// What is kept of what somebody was given.
    pub(in crate::engine) fn given(&self, number: usize) -> Given {
        let user = ObjectId::new(format!("u{number}"));
        let mut given = Given::of(&self.memory, std::iter::once(&user)).unwrap();
        given.remove(&user).unwrap_or_default()
    }

    pub(in crate::engine) fn sent(&self) -> usize {
        self.sent.borrow().len()
    }

    /// How many changes of contacts the journal knows.
    pub(in crate::engine) fn written_here(&self) -> usize {
        self.memory.history().len()
    }

    fn person(&self, user: &ObjectId, values: &Values) -> Item {
        let rows = self.rows();
        let late = self.late.borrow();
        let values = late.get(user).unwrap_or(values);
        let stated = |row: &Row| match values.get(row.attribute) {
            Some(value) => Stated::Value(value.clone()),
            None => Stated::Empty,
        };
        Item::Live(Person {
            kind: PersonKind::User,
            object_id: user.clone(),
            enabled: Some(true),
            scope: match self.scopes.borrow().get(user) {
                Some(clause) => Scope::Outside {
                    clause: clause.clone(),
                    stated: true,
                    asked: Asked::Value,
                },
                None => Scope::Inside,
            },
            fields: rows.iter().map(stated).collect(),
            match_key: values.get("mail").cloned(),
            lists: WantedLists::Unstated,
            is_whole: true,
            address_is_open: false,
            address_may_be_gone: false,
            number_is_open: false,
            states_changes_only: false,
            is_agent: false,
            names_by_id: false,
            mastered_elsewhere: self.mastered_elsewhere.borrow().contains(user),
            invalid: None,
        })
    }

    /// What the feed shows from a place on: of each person what has changed, and of whom is gone that.
    fn changed(&self, from: usize) -> Vec<Item> {
        let changes = self.changes.borrow();
        let mut changed: BTreeMap<&ObjectId, BTreeSet<&str>> = BTreeMap::new();
        for (user, attribute) in &changes[from..] {
            if self.door.hides(user) {
                continue;
            }
            changed.entry(user).or_default().insert(attribute);
        }
        let users = self.users.borrow();
        let rows = self.rows();
        let item = |(user, attributes): (&ObjectId, BTreeSet<&str>)| {
            let Some(values) = users.get(user) else {
                return Item::Gone {
                    object_id: user.clone(),
                    tombstone: Tombstone::Soft,
                };
            };
            let Item::Live(mut person) = self.person(user, values) else {
                unreachable!("somebody who is there");
            };
            for (row, stated) in rows.iter().zip(&mut person.fields) {
                if !attributes.contains(row.attribute) {
                    *stated = Stated::Unstated;
                }
            }
            (person.is_whole, person.mastered_elsewhere) = (false, false);
            Item::Live(person)
        };
        changed.into_iter().map(item).collect()
    }

    fn rows(&self) -> Vec<Row> {
        self.prepared
            .borrow()
            .as_ref()
            .unwrap()
            .settings
            .rows
            .clone()
    }

    fn write_one(&self, person: &PersonWrite) -> Vec<WriteOutcome> {
        if let Some((user, attribute, value)) = self.meanwhile.take() {
            set(
                self.users.borrow_mut().get_mut(&user).unwrap(),
                attribute,
                value.as_deref(),
            );
        }
        let answer = if self.passing.get() {
            self.answers.borrow_mut().remove(&person.user)
        } else {
            self.answers.borrow().get(&person.user).cloned()
        };
        let mut users = self.users.borrow_mut();
        let values = users.get_mut(&person.user).unwrap();
        let before = values.clone();
        let rows = self.rows();
        let outcome = |write: &AttributeWrite| {
            let row = rows.iter().find(|row| row.attribute == write.attribute);
            let attribute = row.unwrap().attribute;
            let now = values.get(attribute).cloned();
            if now == write.value {
                return WriteOutcome::InPlace { now };
            }
            if now != write.decided_on {
                return WriteOutcome::Moved;
            }
            let is_meant = |only: &str| only == write.attribute;
            if let Some(answer) = &answer
                && self.refuses_only.get().is_none_or(is_meant)
            {
                return answer.clone();
            }
            self.sent
                .borrow_mut()
                .push((person.user.clone(), write.clone()));
            set(values, attribute, write.value.as_deref());
            let changed = (person.user.clone(), attribute);
            self.changes.borrow_mut().push(changed);
            WriteOutcome::Written
        };
        let outcomes = person.writes.iter().map(outcome).collect();
        if self.lags.get() {
            self.late.borrow_mut().insert(person.user.clone(), before);
        }
        outcomes
    }
}

/// A place in the feed of changes.
fn place(shown: usize) -> String {
    format!("changes {shown}")
}

fn set(values: &mut Values, attribute: &'static str, value: Option<&str>) {
    match value {
        Some(value) => values.insert(attribute, value.to_owned()),
        None => values.remove(attribute),
    };
}

impl DirectoryWriter for &World {
    fn permits(&self, _: &str) -> Result<Permitted, DirectoryError> {
        Ok(match self.permits.get() {
            Some(permission) => Permitted::No { permission },
            None => Permitted::Yes,
        })
    }

    fn time_for(&self, people: u64) -> Duration {
        Duration::from_secs(people)
    }

    fn write(&self, people: &[PersonWrite]) -> Result<Vec<Vec<WriteOutcome>>, DirectoryError> {
        match self.fails_after.get() {
            Some(0) => return Err(gone_dark()),
            Some(calls) => self.fails_after.set(Some(calls - 1)),
            None => {}
        }
        Ok(people.iter().map(|person| self.write_one(person)).collect())
    }
}

impl Directory for World {
    fn writer(&self) -> Option<Box<dyn DirectoryWriter + '_>> {
        Some(Box::new(self))
    }

    fn identify(&self, _: Ports<'_>) -> Result<Identity, RunAbort> {
        Ok(Identity {
            source: SOURCE.to_owned(),
            organization: None,
        })
    }

    fn remark(&self) -> Option<String> {
        None
    }

    fn organization(&self) -> Result<Option<String>, DirectoryError> {
        Ok(None)
    }

    fn keep_organization(&self, _: &str) -> Result<StateWrite, RunAbort> {
        unreachable!("no list has a name")
    }

    fn count(&self, _: PersonKind) -> Result<Option<u64>, DirectoryError> {
        Ok(Some(self.users.borrow().len() as u64))
    }

    fn start(&self, _: PersonKind) -> Result<Start, DirectoryError> {
        Ok(Start::List {
            link: "list".to_owned(),
            bookmark: place(self.changes.borrow().len()),
        })
    }

    fn partitions(&self, _: u64) -> Result<Vec<String>, DirectoryError> {
        Ok(Vec::new())
    }

    fn first_page_of(&self, bounds: &str) -> String {
        bounds.to_owned()
    }

    fn people_a_page(&self) -> u64 {
        999
    }

    fn pages_at_once(&self) -> usize {
        1
    }

    fn people<'d>(&'d self, _: &str) -> Rc<dyn People<'d> + 'd> {
        Rc::new(Readers(self))
    }

    fn whereabouts(&self, users: &[ObjectId]) -> Result<Vec<Finding>, DirectoryError> {
        Ok(users.iter().map(|_| Finding::Present).collect())
    }

    fn inviter(&self) -> Option<Box<dyn Inviter + '_>> {
        Some(Box::new(self))
    }

    fn remember_progress(&self, _: Progress) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }
}

struct Readers<'d>(&'d World);

struct Ready(Page);

impl PendingPage for Ready {
    fn finish(self: Box<Self>) -> Result<Page, DirectoryError> {
        Ok(self.0)
    }
}

impl<'d> People<'d> for Readers<'d> {
    fn begin(self: Rc<Self>, link: &str) -> Box<dyn PendingPage + 'd> {
        let users = self.0.users.borrow();
        let person = |(user, values)| self.0.person(user, values);
        let (items, next): (Vec<Item>, _) = match link {
            "list" => {
                let seen = users.iter().filter(|(user, _)| !self.0.door.hides(user));
                (seen.map(person).collect(), Next::End)
            }
            place_of_one => {
                let from = place_of_one.strip_prefix("changes ").unwrap();
                let end = place(self.0.changes.borrow().len());
                (self.0.changed(from.parse().unwrap()), Next::Done(end))
            }
        };
        self.0.shown.set(self.0.shown.get() + items.len());
        Box::new(Ready(Page { items, next }))
    }

    fn find(&self, users: &[ObjectId]) -> Result<Vec<Answer>, DirectoryError> {
        self.0.asked_for.set(self.0.asked_for.get() + users.len());
        let known = self.0.users.borrow();
        let seen = |user: &&ObjectId| !self.0.door.hides(user);
        let find = |user| match Some(user).filter(seen).and_then(|user| known.get(user)) {
            Some(values) => Answer::There(self.0.person(user, values)),
            None => Answer::NotThere(Finding::Nowhere),
        };
        Ok(users.iter().map(find).collect())
    }

    fn follows_managers(&self) -> bool {
        false
    }

    fn reports_of(&self, _: &[ObjectId]) -> Result<Vec<ObjectId>, DirectoryError> {
        Ok(Vec::new())
    }
}

/// The directory does not answer at all.
pub(super) fn gone_dark() -> DirectoryError {
    let told = "no answer".to_owned();
    DirectoryError {
        kind: DirectoryErrorKind::Network,
        told: told.clone(),
        failure: Box::new(Failure {
            code: "no-answer".to_owned(),
            message: told,
            advice: "Wait.".to_owned(),
            status: None,
            request_id: None,
        }),
    }
}

/// The directory refuses to take anything of anybody.
pub(in crate::engine) fn not_permitted() -> WriteOutcome {
    WriteOutcome::Refused(Refusal::Permission)
}
