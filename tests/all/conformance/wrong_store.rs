//! Stores that break one promise each, and keep all others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use host_harness::contract::{
    Change, Claim, Commit, Conflict, Contact, EditsSince, Expected, Field, FieldRole, FieldWrite,
    JournalEntry, LinkNumber, Marked, Noted, Outcome, PlanEntry, Precondition, Query, Refusal,
    RemovalKind, RoundInfo, SameContact, StateEntry, StateWrite, Statistics, StoreDescription,
    StoreError, Tally, Who,
};
use host_harness::runtime::imports::{ContactStore, PlanSink, State};
use host_harness::store_api::AdminStore;

/// The source that the component works with.
const SOURCE: &str = "entra:c04f0000-0000-4000-8000-000000000000";

/// More than there are.
const ALL: u32 = 1_000;

/// Does what the right store does, but for one promise.
pub(super) struct WrongStore {
    right: Arc<dyn AdminStore>,
    breaks: &'static str,
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    calls: u64,
    deleted: Option<String>,
    marks: u64,
    /// Users whose contacts the source updated.
    updated: BTreeSet<String>,
    closed: BTreeSet<String>,
    planned: BTreeSet<String>,
}

impl WrongStore {
    pub(super) fn new(right: Arc<dyn AdminStore>, breaks: &'static str) -> Self {
        Self {
            right,
            breaks,
            remembered: Mutex::default(),
        }
    }

    fn remembered<T>(&self, look: impl FnOnce(&mut Remembered) -> T) -> T {
        look(&mut self.remembered.lock().unwrap())
    }

    /// The version that a contact has now.
    fn version_now(&self, contact: &Precondition) -> u64 {
        let query = Query {
            source: SOURCE.to_owned(),
            object_ids: Vec::new(),
            match_keys: Vec::new(),
            contacts: vec![contact.contact.clone()],
            fields: Vec::new(),
        };
        let found = self.right.lookup(query).unwrap();
        found
            .first()
            .map_or(contact.version, |contact| contact.version)
    }

    fn has_contact(&self, user: &str) -> bool {
        let query = Query {
            source: SOURCE.to_owned(),
            object_ids: vec![user.to_owned()],
            match_keys: Vec::new(),
            contacts: Vec::new(),
            fields: Vec::new(),
        };
        !self.right.lookup(query).unwrap().is_empty()
    }

    /// Whether one of the lists is one that the contact is not on.
    fn is_idle(&self, contact: &Precondition, leave: &[String]) -> bool {
        let query = Query {
            source: SOURCE.to_owned(),
            object_ids: Vec::new(),
            match_keys: Vec::new(),
            contacts: vec![contact.contact.clone()],
            fields: Vec::new(),
        };
        let found = self.right.lookup(query).unwrap();
        leave
            .iter()
            .any(|name| found.iter().any(|contact| !contact.lists.contains(name)))
    }

    /// One change as a wrong store would take it.
    fn misunderstood(&self, change: &mut Change) {
        match (self.breaks, change) {
            ("field-not-named", Change::Update(update)) => {
                let named = |name: &str| update.writes.iter().any(|write| write.name == name);
                if named("first_name") && !named("last_name") {
                    update.writes.push(FieldWrite {
                        name: "last_name".to_owned(),
                        value: None,
                    });
                }
            }
            ("field-emptied", Change::Update(update)) => {
                update.writes.retain(|write| write.value.is_some());
            }
            ("base-replaced", Change::Update(update)) => update.base = None,
            ("conflict-version", Change::Update(update)) => {
                update.contact.version = self.version_now(&update.contact);
            }
            ("removal-conflict", Change::Remove(removal)) => {
                removal.contact.version = self.version_now(&removal.contact);
            }
            ("revert-conflict", Change::Revert(reversal)) => {
                reversal.contact.version = self.version_now(&reversal.contact);
            }
            ("link", Change::Link(link)) => link.writes.clear(),
            // What is longer in bytes than it may be in characters.
            ("length-in-scalars", Change::Create(create))
                if create.fields.iter().any(|field| field.value.contains('𝒳')) =>
            {
                refuse(&mut create.base);
            }
            ("custom-field", Change::Create(create)) => {
                create.fields.retain(|field| !field.name.contains(' '));
            }
            ("reactivated", Change::Update(update)) => update.active = None,
            ("membership", Change::Update(update)) => update.membership.join.clear(),
            ("membership-idle", Change::Update(update))
                if self.is_idle(&update.contact, &update.membership.leave) =>
            {
                refuse(update.base.get_or_insert_default());
            }
            ("list-one-name", Change::Update(update)) => {
                for list in &mut update.membership.join {
                    if list.name.contains("ÄPFEL") {
                        list.name.push_str(" (2)");
                    }
                }
            }
            ("unlink", Change::Remove(removal)) if removal.kind == RemovalKind::Unlink => {
                removal.kind = RemovalKind::Deactivate;
            }
            ("deactivate", Change::Remove(removal)) if removal.kind == RemovalKind::Deactivate => {
                removal.kind = RemovalKind::Unlink;
            }
            ("delete", Change::Remove(removal)) if removal.kind == RemovalKind::Delete => {
                removal.kind = RemovalKind::Deactivate;
            }
            ("revert-update", Change::Revert(reversal)) => reversal.writes.clear(),
            ("revert-given", Change::Revert(reversal)) => reversal.directory.clear(),
            _ => {}
        }
    }

    /// A commit as a wrong store would take it.
    fn misread(&self, commit: &mut Commit) {
        for change in &mut commit.changes {
            self.misunderstood(change);
        }
        let of_a_check = |write: &StateWrite| write.key.starts_with("host-conformance/check/");
        match self.breaks {
            "changes-in-order" => commit.changes.reverse(),
            "list-spelling" => commit.run = None,
            "contingency" => commit.otherwise.clear(),
            "note-settled" => commit.settled.clear(),
            "mark-link" => {
                if let Some(sightings) = &mut commit.sightings {
                    sightings.links.clear();
                }
            }
            "mark-no-write" => {
                let looked_up = |marked: &Marked| matches!(marked, Marked::Contact(_));
                if commit.marks.iter().any(|marking| looked_up(&marking.what)) {
                    self.remembered(|it| it.marks += 1);
                }
            }
            "state-value" => {
                for write in commit.state.iter_mut().filter(|write| of_a_check(write)) {
                    write.value.take_if(|value| value.is_empty());
                }
            }
            "state-deleted" => {
                commit
                    .state
                    .retain(|write| write.value.is_some() || !of_a_check(write));
            }
            "state-mebibyte" => {
                for write in &mut commit.state {
                    if write.key.ends_with("/large")
                        && let Some(value) = &mut write.value
                    {
                        value.truncate(65_536);
                    }
                }
            }
            "next-call" => commit.state.retain(|write| !write.key.ends_with("/kept")),
            _ => {}
        }
    }

    /// What is refused as a whole, and must not be.
    fn refused(&self, commit: &Commit) -> Option<StoreError> {
        let bytes = |write: &StateWrite| write.value.as_ref().map_or(0, Vec::len);
        match self.breaks {
            "batch-not-counted" if commit.settled.len() > 5_000 => {
                Some(StoreError::BatchTooLarge(5_000))
            }
            "eight-mebibytes" if commit.state.iter().map(bytes).sum::<usize>() > 4 << 20 => {
                Some(StoreError::Unavailable("too much at once".to_owned()))
            }
            _ => None,
        }
    }

    /// The outcomes as a wrong store would tell them.
    fn mistold(&self, changes: &[Change], outcomes: &mut [Outcome]) {
        match self.breaks {
            "conflict-gone" | "conflict-linked" => {
                let wrong = match self.breaks {
                    "conflict-gone" => Conflict::Gone,
                    _ => Conflict::Linked,
                };
                for outcome in outcomes {
                    if *outcome == Outcome::Conflict(wrong) {
                        *outcome = Outcome::Conflict(Conflict::Version);
                    }
                }
            }
            "conflict-order" => {
                for (change, outcome) in changes.iter().zip(outcomes) {
                    let precondition = match change {
                        Change::Link(link) => &link.contact,
                        Change::Update(update) => &update.contact,
                        _ => continue,
                    };
                    let is_linked = *outcome == Outcome::Conflict(Conflict::Linked);
                    if is_linked && self.version_now(precondition) != precondition.version {
                        *outcome = Outcome::Conflict(Conflict::Version);
                    }
                }
            }
            "changes-in-order" => outcomes.reverse(),
            "refused-alone" => {
                let first = outcomes
                    .iter()
                    .position(|it| matches!(it, Outcome::Refused(_)));
                for outcome in outcomes
                    .iter_mut()
                    .skip(first.map_or(usize::MAX, |at| at + 1))
                {
                    *outcome = Outcome::Other("something before it was refused".to_owned());
                }
            }
            "refusal-named" => {
                for outcome in outcomes {
                    if matches!(outcome, Outcome::Refused(_)) {
                        *outcome = Outcome::Refused(Refusal {
                            field: None,
                            code: "The value is too long".to_owned(),
                        });
                    }
                }
            }
            "id-not-reused" => self.remembered(|remembered| {
                for (change, outcome) in changes.iter().zip(outcomes) {
                    let Outcome::Applied(applied) = outcome else {
                        continue;
                    };
                    match (change, &remembered.deleted) {
                        (Change::Remove(removal), _) if removal.kind == RemovalKind::Delete => {
                            remembered.deleted = Some(applied.contact.clone());
                        }
                        (Change::Create(_), Some(deleted)) => applied.contact.clone_from(deleted),
                        _ => {}
                    }
                }
            }),
            _ => {}
        }
    }
}

/// Has the right store refuse a change, as [`RejectingStore`](crate::world::rejecting_store) does.
fn refuse(base: &mut Vec<Field>) {
    base.push(Field {
        name: "company".to_owned(),
        value: String::new(),
    });
}

fn other<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Other(why.to_owned()))
}

impl ContactStore for WrongStore {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        let mut description = self.right.describe()?;
        let calls = self.remembered(|remembered| {
            remembered.calls += 1;
            remembered.calls
        });
        match self.breaks {
            "describe-fields" => {
                let key = |role: &Option<FieldRole>| *role == Some(FieldRole::Email);
                let found = description.fields.iter().find(|field| key(&field.role));
                let again = found.cloned().unwrap();
                description.fields.push(again);
            }
            "describe-max-batch" => description.max_batch = 999,
            "describe-stays" => description.fields[0].label = format!("Call {calls}"),
            "apply-batch" | "lookup-batch" | "state-batch" | "plan-batch" => {
                description.max_batch = 1_000;
            }
            _ => {}
        }
        Ok(description)
    }

    fn lookup(&self, mut query: Query) -> Result<Vec<Contact>, StoreError> {
        match self.breaks {
            "lookup-fields" => {
                let fields = self.right.describe()?.fields;
                query.fields = fields.into_iter().map(|field| field.name).collect();
            }
            "lookup-source" => SOURCE.clone_into(&mut query.source),
            "lookup-unknown" if query.contacts.iter().any(|id| id.parse::<u64>().is_err()) => {
                return other("there is no such id");
            }
            "lookup-case" => query.match_keys.retain(|key| *key == key.to_lowercase()),
            "lookup-not-seen" => query.match_keys.retain(|key| !key.contains('\u{202a}')),
            "lookup-domain" => query.match_keys.retain(|key| !key.contains("xn--")),
            "object-id-opaque" => {
                let small = query.object_ids.iter();
                let opaque = small.filter_map(|id| id.strip_suffix("-a"));
                let large: Vec<_> = opaque.map(|id| format!("{id}-A")).collect();
                query.object_ids.extend(large);
            }
            _ => {}
        }
        let mut found = self.right.lookup(query)?;
        if self.breaks == "lookup-once" {
            found.extend(found.clone());
        }
        for contact in &mut found {
            match self.breaks {
                "create" => {
                    if let Some(link) = &mut contact.link {
                        link.base.clear();
                    }
                }
                "version-changes" => contact.version = 1,
                "former" => contact.former = None,
                "list-spelling-kept" => {
                    for list in &mut contact.lists {
                        *list = list.to_lowercase();
                    }
                }
                "mark-no-write" => contact.version += self.remembered(|it| it.marks),
                _ => {}
            }
        }
        Ok(found)
    }

    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        if ["mark-stale", "mark-other", "mark-not-applied"].contains(&self.breaks) {
            let everybody = (0..users.len()).map(|user| SameContact {
                user: u32::try_from(user).unwrap(),
                link: LinkNumber { number: 1 },
            });
            return Ok(everybody.collect());
        }
        self.right.same(source, users)
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        let limit = if self.breaks == "edit-parts" {
            ALL
        } else {
            limit
        };
        let mut told = self.right.changed_since(source, since, limit)?;
        match (&mut told, self.breaks) {
            (EditsSince::Edits(edits), "edit-told") => {
                let own = self.remembered(|it| it.updated.clone());
                edits.users.retain(|user| !own.contains(user));
            }
            (EditsSince::Edits(edits), "edit-gone") => {
                edits.users.retain(|user| self.has_contact(user));
            }
            (EditsSince::TokenLost, "edit-token") => {
                return self.right.changed_since(source, None, limit);
            }
            _ => {}
        }
        Ok(told)
    }

    fn apply(&self, mut commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        if let Some(error) = self.refused(&commit) {
            return Err(error);
        }
        self.misread(&mut commit);
        let changes = commit.changes.clone();
        if commit.source == SOURCE {
            let updated = changes.iter().filter_map(|change| match change {
                Change::Update(update) => Some(update.object_id.clone()),
                _ => None,
            });
            self.remembered(|it| it.updated.extend(updated));
        }
        let is_reversal = |change: &Change| matches!(change, Change::Revert(_));
        match self.breaks {
            "revert-create" | "revert-delete" if changes.iter().any(is_reversal) => {
                return Ok(vec![Outcome::Other("nothing is taken back".to_owned())]);
            }
            "tidied" if commit.run.is_none() && commit.changes.len() > 1 => {
                commit.changes.truncate(1);
            }
            _ => {}
        }
        let whole = (self.breaks == "atomic").then(|| commit.clone());
        let mut outcomes = match (self.right.apply(commit), whole) {
            (Err(error), Some(mut part)) if part.sightings.is_some() => {
                part.sightings = None;
                self.right.apply(part)?;
                return Err(error);
            }
            (applied, _) => applied?,
        };
        self.mistold(&changes, &mut outcomes);
        Ok(outcomes)
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        let resume = match self.breaks {
            "round-resumed" => false,
            "round-anew" => true,
            _ => resume,
        };
        let mut info = self.right.open_round(source, round, resume)?;
        if self.breaks == "round-known-links" {
            info.known_links += 1;
        }
        Ok(info)
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        match self.breaks {
            // Whoever is another source's, too.
            "unlinked-only" => self.right.unlinked("entra:nobody", after, limit, fields),
            "unlinked-page" => self.right.unlinked(source, None, limit, fields),
            _ => self.right.unlinked(source, after, limit, fields),
        }
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        match self.breaks {
            "round-new-link" => {
                self.right.open_round(source, round, false)?;
            }
            "round-page" => return self.right.unseen(source, round, None, ALL, fields),
            _ => {}
        }
        let found = self.right.unseen(source, round, after, limit, fields);
        match self.breaks {
            "round-unseen" => found.map(|mut found| {
                found.reverse();
                found
            }),
            "round-not-open" => Ok(found.unwrap_or_default()),
            _ => found,
        }
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        let is_first = self.remembered(|it| it.closed.insert(round.to_owned()));
        if self.breaks == "round-closed" && !is_first {
            return other("the round is not open");
        }
        self.right.close_round(source, round)
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let mut found = self.right.run_journal(source, run, after, limit)?;
        if self.breaks == "run-journal" {
            found.reverse();
        }
        Ok(found)
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let mut found = self.right.journal(source, who, limit)?;
        match (self.breaks, who) {
            ("journal-who", Who::Address(_)) => found.clear(),
            ("journal-order", _) => found.reverse(),
            _ => {}
        }
        for entry in &mut found {
            match self.breaks {
                "journal-entries" => entry.what.fields.clear(),
                "journal-evidence" => entry.what.evidence = None,
                "journal-given" => entry.directory.clear(),
                _ => {}
            }
        }
        Ok(found)
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        let mut found = self.right.notes(source, who)?;
        let calls = self.remembered(|remembered| {
            remembered.calls += 1;
            remembered.calls
        });
        match (self.breaks, who) {
            ("note-found", Who::Address(_)) => found.clear(),
            ("note-since", _) => found.iter_mut().for_each(|noted| noted.since_ms = calls),
            _ => {}
        }
        Ok(found)
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        let mut statistics = self.right.get_statistics(source, fields)?;
        if self.breaks == "statistics" {
            statistics.incomplete = 0;
        }
        Ok(statistics)
    }
}

impl State for WrongStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.right.get(key)
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError> {
        let mut found = self.right.get_many(keys)?;
        if self.breaks == "state-many" {
            found.truncate(1);
        }
        Ok(found)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError> {
        let (after, limit) = match self.breaks {
            "state-page" => (None, ALL),
            _ => (after, limit),
        };
        let mut found = self.right.list(prefix, after, limit)?;
        if self.breaks == "state-list" {
            found.reverse();
        }
        Ok(found)
    }
}

impl PlanSink for WrongStore {
    fn put(&self, mut entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        use host_harness::contract::Effect;
        match self.breaks {
            "plan-replaced" => self.remembered(|remembered| {
                entries.retain(|entry| remembered.planned.insert(entry.what.object_id.clone()));
            }),
            "plan-changing" => {
                for entry in &mut entries {
                    if entry.what.effect == Effect::Skip {
                        entry.what.effect = Effect::Update;
                    }
                }
            }
            _ => {}
        }
        self.right.put(entries)
    }

    fn claimed(&self, contacts: &[String]) -> Result<Vec<Claim>, StoreError> {
        let mut claims = self.right.claimed(contacts)?;
        if self.breaks == "plan-claimed" {
            claims.clear();
        }
        Ok(claims)
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        match (self.breaks, plan) {
            ("plan-page", None) => return self.right.changes(None, None, ALL),
            ("plan-kept", Some(_)) => return Ok(Vec::new()),
            ("plan-unknown", Some(digest)) if digest.starts_with("000000") => {
                return other("no such plan is kept");
            }
            _ => {}
        }
        let mut found = self.right.changes(plan, after, limit)?;
        if self.breaks == "plan-order" {
            found.reverse();
        }
        Ok(found)
    }

    fn entries(&self, plan: Option<&str>, users: &[String]) -> Result<Vec<PlanEntry>, StoreError> {
        let mut found = match self.breaks {
            "plan-entries" if users.len() < 5 => self.right.changes(plan, None, ALL)?,
            _ => self.right.entries(plan, users)?,
        };
        for entry in &mut found {
            match self.breaks {
                "plan-put" => entry.what.evidence = None,
                "plan-lists" => {
                    for list in &mut entry.what.joins {
                        *list = list.to_uppercase();
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        let mut tallies = self.right.count()?;
        match self.breaks {
            "plan-empty" => tallies.push(Tally {
                effect: host_harness::contract::Effect::Skip,
                reason: "of the plan before".to_owned(),
                entries: 1,
            }),
            "plan-count" => tallies.iter_mut().for_each(|tally| tally.entries += 1),
            _ => {}
        }
        Ok(tallies)
    }
}
