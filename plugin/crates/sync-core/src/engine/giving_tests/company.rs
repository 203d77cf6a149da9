//! A directory in memory that takes values, and a workspace that is in step with it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::contact::ObjectId;
use crate::engine::call::{CallError, Prepared};
use crate::engine::checkpoint::{current_run, finished_runs};
use crate::engine::directory::{
    Answer, Directory, Identity, Next, Page, PendingPage, People, Start,
};
use crate::engine::disconnect::disconnect;
use crate::engine::given::Given;
use crate::engine::plan::{PlanSummary, plan};
use crate::engine::run_abort::RunAbort;
use crate::engine::sync::{Approval, SliceEnd, SyncRequest, SyncResult, sync};
use crate::mapping::person::{Asked, Item, Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::{Direction, Row, Winner};
use crate::ports::directory_writer::{
    AttributeWrite, Permitted, PersonWrite, Refusal, WriteOutcome,
};
use crate::ports::testing::{Memory, SOURCE};
use crate::ports::{
    DirectoryError, DirectoryErrorKind, DirectoryWriter, Failure, Ports, Progress, StateWrite,
    Usage,
};
use crate::reconcile::finding::Finding;
use crate::reconcile::test_samples::linked_contact;
use crate::run::{RunMode, RunRecord};
use crate::settings::{Limit, ListRule};

/// Attribute and field of the row that goes both ways.
pub(super) const COMPANY: (&str, &str) = ("companyName", "company");
/// Another one, for those who have two.
pub(super) const NAME: (&str, &str) = ("givenName", "first_name");

type Values = BTreeMap<&'static str, String>;

/// The directory, and the workspace that is kept in step with it.
#[derive(Default)]
pub(super) struct World {
    pub(super) memory: Memory,
    pub(super) users: RefCell<BTreeMap<ObjectId, Values>>,
    /// What readers see in the place of what is there.
    pub(super) late: RefCell<BTreeMap<ObjectId, Values>>,
    /// Whether writes are seen late from now on.
    pub(super) lags: Cell<bool>,
    /// Each value that was sent.
    pub(super) sent: RefCell<Vec<(ObjectId, AttributeWrite)>>,
    pub(super) permits: Cell<Option<&'static str>>,
    pub(super) mastered_elsewhere: RefCell<BTreeSet<ObjectId>>,
    /// What is answered in the place of writing.
    pub(super) answers: RefCell<BTreeMap<ObjectId, WriteOutcome>>,
    /// Of this attribute alone.
    pub(super) refuses_only: Cell<Option<&'static str>>,
    /// Clauses of the filter that leave people out.
    pub(super) scopes: RefCell<BTreeMap<ObjectId, String>>,
    /// After so many calls of the writer there is no answer.
    pub(super) fails_after: Cell<Option<usize>>,
    /// Answers that are given once, and only then is written.
    pub(super) passing: Cell<bool>,
    /// Done to the directory between reading and writing.
    pub(super) meanwhile: RefCell<Option<(ObjectId, &'static str, Option<String>)>>,
    pub(super) prepared: RefCell<Option<Prepared>>,
}

impl World {
    /// The first name goes both ways, too.
    pub(super) fn and_name_both_ways(self) -> Self {
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
    pub(super) fn of(people: usize) -> Self {
        Self::with(people, Direction::TwoWay(Winner::Directory))
    }

    pub(super) fn with(people: usize, direction: Direction) -> Self {
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

    pub(super) fn set_limit(&self, floor: u64) {
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

    pub(super) fn ports(&self) -> Ports<'_> {
        self.memory.ports()
    }

    pub(super) fn plan(&self) -> PlanSummary {
        self.memory.plans.borrow_mut().remove("");
        let prepared = self.prepared.borrow().clone().unwrap();
        let summary = plan(self.ports(), &prepared, self, RunMode::Incremental).unwrap();
        self.memory.keep_plan(&summary.digest);
        summary
    }

    pub(super) fn slice(&self, approval: Option<Approval>) -> Result<SyncResult, CallError> {
        let prepared = self.prepared.borrow().clone().unwrap();
        let request = SyncRequest {
            mode: RunMode::Incremental,
            trigger: "test".to_owned(),
            max_pages: None,
            max_time: None,
            approval,
        };
        sync(self.ports(), &prepared, SOURCE, self, &request)
    }

    /// A sync to its end.
    pub(super) fn sync(&self) -> SyncResult {
        self.sync_approved(None)
    }

    pub(super) fn sync_approved(&self, approval: Option<Approval>) -> SyncResult {
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
    pub(super) fn company(&self, number: usize) -> [Option<String>; 3] {
        let users = self.users.borrow();
        let user = &users[&ObjectId::new(format!("u{number}"))];
        let contact = self.memory.contact(&number.to_string()).unwrap();
        [
            user.get(COMPANY.0).cloned(),
            contact.field(COMPANY.1).map(str::to_owned),
            contact.base(COMPANY.1).map(str::to_owned),
        ]
    }

    pub(super) fn assert_company(&self, number: usize, everywhere: Option<&str>) {
        let everywhere = everywhere.map(str::to_owned);
        assert_eq!(
            self.company(number),
            [everywhere.clone(), everywhere.clone(), everywhere]
        );
    }

    /// Somebody edits the directory.
    pub(super) fn change(&self, number: usize, company: Option<&str>) {
        let user = ObjectId::new(format!("u{number}"));
        self.late.borrow_mut().remove(&user);
        set(
            self.users.borrow_mut().get_mut(&user).unwrap(),
            COMPANY.0,
            company,
        );
    }

    /// Somebody edits the contact.
    pub(super) fn edit(&self, number: usize, company: Option<&str>) {
        self.memory.edit(&number.to_string(), COMPANY.1, company);
    }

    pub(super) fn disconnect(&self) {
        disconnect(self.ports(), Vec::new(), |_| Ok(SOURCE.to_owned())).unwrap();
    }

    /// What readers see of the company once more.
    pub(super) fn late_company(&self, number: usize, company: Option<&str>) {
        let user = ObjectId::new(format!("u{number}"));
        let mut values = self.users.borrow()[&user].clone();
        set(&mut values, COMPANY.0, company);
        self.late.borrow_mut().insert(user, values);
    }

    /// The runs that have ended, and the one that has not.
    pub(super) fn runs(&self) -> Vec<RunRecord> {
        let mut runs = finished_runs(&self.memory).unwrap();
        runs.extend(current_run(&self.memory).unwrap());
        runs
    }

    /// What is kept of what somebody was given.
    pub(super) fn given(&self, number: usize) -> Given {
        let user = ObjectId::new(format!("u{number}"));
        let mut given = Given::of(&self.memory, std::iter::once(&user)).unwrap();
        given.remove(&user).unwrap_or_default()
    }

    pub(super) fn sent(&self) -> usize {
        self.sent.borrow().len()
    }

    /// How many changes of contacts the journal knows.
    pub(super) fn written_here(&self) -> usize {
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
            states_changes_only: false,
            is_agent: false,
            names_by_id: false,
            mastered_elsewhere: self.mastered_elsewhere.borrow().contains(user),
            invalid: None,
        })
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
        let outcome = |write: &AttributeWrite| {
            let now = values.get(write.attribute.as_str()).cloned();
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
            let attribute = match &*write.attribute {
                name if name == NAME.0 => NAME.0,
                _ => COMPANY.0,
            };
            set(values, attribute, write.value.as_deref());
            WriteOutcome::Written
        };
        let outcomes = person.writes.iter().map(outcome).collect();
        if self.lags.get() {
            self.late.borrow_mut().insert(person.user.clone(), before);
        }
        outcomes
    }
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
            bookmark: "changes".to_owned(),
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
        let (items, next) = match link {
            "list" => (users.iter().map(person).collect(), Next::End),
            _ => (Vec::new(), Next::Done("next".to_owned())),
        };
        Box::new(Ready(Page { items, next }))
    }

    fn find(&self, users: &[ObjectId]) -> Result<Vec<Answer>, DirectoryError> {
        let known = self.0.users.borrow();
        let find = |user| match known.get(user) {
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
fn gone_dark() -> DirectoryError {
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
pub(super) fn not_permitted() -> WriteOutcome {
    WriteOutcome::Refused(Refusal::Permission)
}
