//! The suite that every store passes, on an address book. Its fields have other names, its ids are numbers, and a card
//! has a full name whether or not the suite gives one: [`Renamed`] stands between.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use connector_contract::WallClock;
use destination_carddav::CardDav;
use destination_kit::contract::{Field, FieldWrite, Refusal};
use destination_kit::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Failure, Key, Patch,
    Record, RemoteId, RemoteList, RemoteListId, ScanPage,
};
use destination_kit::testing::{Dice, Life, MemoryLedger};
use destination_kit::{Retention, Store, drive};
use guest_kit::{Clock, Timestamp};
use store_api::AdminStore;
use store_api::suite::{StoreFactory, StoreUnderTest, SuiteOptions};
use store_destination::DestinationStore;
use store_destination::suite::{People, TestedStore};

use crate::servers::book::Book;
use crate::servers::live::Server;
use crate::world::World;

const NAMES: [(&str, &str); 2] = [("first_name", "given_name"), ("last_name", "family_name")];
const FULL_NAME: &str = "full_name";

fn at_the_book(name: &str) -> &str {
    let pair = NAMES.iter().find(|(here, _)| *here == name);
    pair.map_or(name, |(_, there)| there)
}

fn in_the_suite(name: &str) -> &str {
    let pair = NAMES.iter().find(|(_, there)| *there == name);
    pair.map_or(name, |(here, _)| here)
}

/// The names of cards, in the order in which they came: the suite takes ids for numbers that grow.
#[derive(Clone, Debug, Default)]
struct Numbers(Arc<Mutex<Vec<String>>>);

impl Numbers {
    fn number(&self, name: &str) -> String {
        let mut names = self.0.lock().unwrap();
        let place = names.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        (place + 1).to_string()
    }

    fn name(&self, number: &str) -> String {
        let names = self.0.lock().unwrap();
        let place = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let name = place.and_then(|place| names.get(place));
        name.cloned().unwrap_or_else(|| number.to_owned())
    }

    fn names(&self, numbers: &[RemoteId]) -> Vec<String> {
        numbers.iter().map(|number| self.name(number)).collect()
    }
}

/// The destination with the names of the suite. A person's full name is of no interest to it.
struct Renamed {
    destination: CardDav<'static>,
    options: SuiteOptions,
    numbers: Numbers,
}

impl Renamed {
    fn told(&self, record: Record) -> Record {
        let id = self.numbers.number(&record.id);
        told(Record { id, ..record })
    }
}

fn told(mut record: Record) -> Record {
    record.fields.retain(|(name, _)| name != FULL_NAME);
    for (name, _) in &mut record.fields {
        *name = in_the_suite(name).to_owned();
    }
    record.fields.sort();
    record
}

impl Renamed {
    fn draft(draft: &Draft) -> Draft {
        let mut draft = draft.clone();
        for (name, _) in &mut draft.fields {
            *name = at_the_book(name).to_owned();
        }
        draft
            .fields
            .push((FULL_NAME.to_owned(), "Somebody".to_owned()));
        draft
    }

    fn patch(&self, patch: &Patch) -> Patch {
        let mut patch = patch.clone();
        patch.known.id = self.numbers.name(&patch.known.id);
        for write in &mut patch.writes {
            write.name = at_the_book(&write.name).to_owned();
        }
        patch
    }
}

impl Destination for Renamed {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        let mut capabilities = self.destination.probe().await?;
        capabilities.custom_fields = self.options.custom_fields;
        capabilities.limits.custom_field_label = Some(64);
        capabilities.limits.custom_field_value = Some(1_024);
        capabilities.limits.list_name = Some(256);
        capabilities.fields.retain(|field| field.name != FULL_NAME);
        for field in &mut capabilities.fields {
            field.name = in_the_suite(&field.name).to_owned();
            field.mandatory = self.options.mandatory.contains(&field.name);
            field.max_length = match &*field.name {
                "first_name" => Some(64),
                _ => field.max_length,
            };
        }
        Ok(capabilities)
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        let ids = self.numbers.names(ids);
        let records = self.destination.fetch(&ids).await?.into_iter();
        Ok(records.map(|record| Some(self.told(record?))).collect())
    }

    async fn find(&self, keys: &[Key]) -> Result<Vec<Record>, DestinationError> {
        let found = self.destination.find(keys).await?.into_iter();
        Ok(found.map(|record| self.told(record)).collect())
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        let page = self.destination.scan(cursor).await?;
        let records = page.records.into_iter();
        let records = records.map(|record| self.told(record)).collect();
        Ok(ScanPage { records, ..page })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        let drafts: Vec<_> = drafts.iter().map(Self::draft).collect();
        let made = self.destination.create(&drafts).await.into_iter();
        made.map(|made| Ok(self.told(made?))).collect()
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        let made = self.destination.created(&Self::draft(draft)).await?;
        Ok(made.map(|record| self.told(record)))
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        let patches: Vec<_> = patches.iter().map(|patch| self.patch(patch)).collect();
        let written = self.destination.write(&patches).await.into_iter();
        written.map(|written| Ok(self.told(written?))).collect()
    }

    async fn delete(&self, records: &[Doomed]) -> Vec<Attempt<()>> {
        let named = records.iter().map(|doomed| Doomed {
            id: self.numbers.name(&doomed.id),
            guard: doomed.guard.clone(),
        });
        self.destination.delete(&named.collect::<Vec<_>>()).await
    }

    async fn membership(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        let (add, remove) = (self.numbers.names(add), self.numbers.names(remove));
        self.destination.membership(list, &add, &remove).await
    }

    async fn lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        self.destination.lists().await
    }

    fn lists_are_names(&self) -> bool {
        self.destination.lists_are_names()
    }

    fn recall_lists(&self, lists: Vec<RemoteList>) {
        self.destination.recall_lists(lists);
    }

    async fn make_list(&self, name: &str, description: &str) -> Attempt<RemoteList> {
        self.destination.make_list(name, description).await
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.destination.rename_list(list, name).await
    }

    async fn make_field(&self, name: &str) -> Attempt<()> {
        self.destination.make_field(name).await
    }

    fn wait(&self) -> bool {
        self.destination.wait()
    }
}

/// People with a program of their own, which happens to write cards as the destination does.
struct InTheBook {
    book: Book,
    options: SuiteOptions,
    numbers: Numbers,
    made: Mutex<u64>,
}

impl InTheBook {
    fn ask<T>(&self, question: impl AsyncFnOnce(&Renamed) -> T) -> T {
        let destination = renamed(&self.book, &self.options, &self.numbers);
        drive::one(&destination, question(&destination)).expect("the server answers")
    }

    fn accepted(&self, fields: &[Field]) -> Result<(), Refusal> {
        let refusal = |field: &str, code: &str| Refusal {
            field: Some(field.to_owned()),
            code: code.to_owned(),
        };
        for field in fields {
            if field.value.is_empty() {
                return Err(refusal(&field.name, "empty-value"));
            }
            if field.name == "first_name" && field.value.len() > 64 {
                return Err(refusal(&field.name, "too-long"));
            }
            if field.name == "email" && !field.value.contains('@') {
                return Err(refusal(&field.name, "invalid-email"));
            }
        }
        Ok(())
    }
}

impl People for InTheBook {
    fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal> {
        let named = fields.iter().map(|(name, value)| Field {
            name: name.clone(),
            value: value.clone(),
        });
        self.accepted(&named.collect::<Vec<_>>())?;
        let mut made = self.made.lock().unwrap();
        let draft = Draft {
            fields: fields.clone().into_iter().collect(),
            active: true,
            lists: Vec::new(),
            tie: None,
            decided_at_ms: 1_000_000 + *made,
        };
        let record =
            self.ask(async |destination| destination.create(&[draft]).await.pop().unwrap());
        let id = record.expect("the server takes it").id;
        *made += 1;
        Ok(id)
    }

    fn edit(&self, record: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal> {
        let ids = [record.to_owned()];
        let known =
            self.ask(async |destination| destination.fetch(&ids).await.unwrap().pop().unwrap());
        let Some(known) = known else {
            return Ok(false);
        };
        if let Some(value) = value {
            self.accepted(&[Field {
                name: field.to_owned(),
                value: value.to_owned(),
            }])?;
        }
        let patch = Patch {
            known,
            writes: vec![FieldWrite {
                name: field.to_owned(),
                value: value.map(str::to_owned),
            }],
            active: None,
            tie: None,
        };
        let written =
            self.ask(async |destination| destination.write(&[patch]).await.pop().unwrap());
        written.expect("nobody else writes");
        Ok(true)
    }

    fn put_on_list(&self, record: &str, name: &str) -> bool {
        self.ask(async |destination| {
            let list = destination.make_list(name, "").await.unwrap();
            let add = [record.to_owned()];
            match destination.membership(&list.id, &add, &[]).await {
                Ok(()) => true,
                Err(Failure::Gone) => false,
                Err(failure) => panic!("{failure:?}"),
            }
        })
    }

    fn records(&self) -> Vec<Record> {
        self.ask(async |destination| {
            let (mut records, mut cursor) = (Vec::new(), None);
            loop {
                let page = destination.scan(cursor.as_deref()).await.unwrap();
                records.extend(page.records);
                cursor = page.next;
                if cursor.is_none() {
                    return records;
                }
            }
        })
    }

    fn list_names(&self) -> BTreeMap<RemoteListId, String> {
        let lists = self.ask(async |destination| destination.lists().await.unwrap());
        lists.into_iter().map(|list| (list.id, list.name)).collect()
    }
}

fn renamed(book: &Book, options: &SuiteOptions, numbers: &Numbers) -> Renamed {
    let world: &'static World = Box::leak(Box::new(World::of(book.clone())));
    Renamed {
        destination: world.destination(),
        options: options.clone(),
        numbers: numbers.clone(),
    }
}

/// A host's clock as a guest's.
struct Wall(Option<Arc<dyn WallClock>>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let since_epoch = match &self.0 {
            Some(clock) => clock.since_epoch(),
            None => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default(),
        };
        Timestamp(u64::try_from(since_epoch.as_millis()).unwrap())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now().0)
    }

    fn sleep(&self, _: Duration) {}
}

struct Stores(fn() -> Book);

struct UnderTest {
    book: Book,
    numbers: Numbers,
    options: SuiteOptions,
    ledger: MemoryLedger,
    store: Arc<TestedStore<Renamed, MemoryLedger, InTheBook>>,
}

fn under_test(
    (book, numbers): (Book, Numbers),
    options: SuiteOptions,
    ledger: MemoryLedger,
    clock: Option<Arc<dyn WallClock>>,
) -> Box<UnderTest> {
    let (kept, there, wanted) = (ledger.clone(), book.clone(), options.clone());
    let known = numbers.clone();
    let store = DestinationStore::begin(move || {
        let retention = Retention {
            days: wanted.journal_days,
            runs: wanted.journal_runs,
        };
        let entropy = Box::new(Dice::of(4_711));
        let destination = renamed(&there, &wanted, &known);
        Store::new(destination, kept, Box::new(Wall(clock)), entropy, retention)
    });
    let people = InTheBook {
        book: book.clone(),
        options: options.clone(),
        numbers: numbers.clone(),
        made: Mutex::default(),
    };
    Box::new(UnderTest {
        book,
        numbers,
        options,
        ledger,
        store: Arc::new(TestedStore { store, people }),
    })
}

impl StoreFactory for Stores {
    fn make(
        &self,
        options: &SuiteOptions,
        clock: Option<Arc<dyn WallClock>>,
    ) -> Box<dyn StoreUnderTest> {
        let ledger = MemoryLedger::of(&Life::default());
        under_test(
            ((self.0)(), Numbers::default()),
            options.clone(),
            ledger,
            clock,
        )
    }
}

impl StoreUnderTest for UnderTest {
    fn store(&self) -> Arc<dyn AdminStore> {
        self.store.clone()
    }

    fn reopen(self: Box<Self>) -> Box<dyn StoreUnderTest> {
        let options = SuiteOptions {
            journal_days: Retention::default().days,
            journal_runs: Retention::default().runs,
            ..self.options
        };
        under_test((self.book, self.numbers), options, self.ledger, None)
    }

    fn check(&self) {
        let entries = self.ledger.entries();
        let intent = entries.keys().find(|key| key.starts_with("i/"));
        assert_eq!(intent, None, "what was settled leaves no intent");
    }
}

/// The tests of the suite that hold for a destination, as `store-destination` lists them with the reasons for those
/// that do not.
macro_rules! destination_suite {
    ($stores:expr) => {
        store_api::store_suite!(@module $stores, apply {
            a_created_contact_is_linked_and_holds_what_was_written
            a_field_that_is_not_named_in_a_write_is_not_touched
            a_write_without_a_value_empties_the_field
            an_update_replaces_the_whole_base
            every_write_gives_a_version_that_was_never_there
            a_change_decided_on_an_older_version_is_a_conflict_without_effect
            conflicts_are_told_apart
            an_update_of_a_contact_that_lost_its_link_is_a_version_conflict
            linking_ties_a_contact_to_the_user_and_writes_in_the_same_step
            an_update_reactivates_but_only_a_removal_deactivates
            joining_and_leaving_lists_twice_is_no_error
            a_refused_change_has_no_effect_and_stops_no_other
            a_refusal_names_the_field_and_never_the_value
            changes_are_performed_in_order_and_see_each_other
            a_commit_is_there_after_the_process_is_gone
            a_commit_that_fails_leaves_nothing_of_itself
            a_batch_over_the_limit_is_refused_with_the_limit
        });
        store_api::store_suite!(@module $stores, journal {
            every_applied_change_is_in_the_journal_and_no_other
            a_run_is_read_user_by_user_and_newest_first_for_each
            somebody_is_found_by_user_by_contact_and_by_address_also_once_they_are_gone
            what_belongs_to_no_run_is_kept_without_one
            a_note_keeps_its_moment_as_long_as_the_reason_is_the_same
            a_contingency_is_written_where_its_change_was_not_applied
            a_run_is_forgotten_once_it_is_old_and_many_runs_ago_and_never_the_last
        });
        store_api::store_suite!(@module $stores, lookup {
            a_contact_is_returned_once_however_many_criteria_it_meets
            match_keys_find_linked_and_unlinked_contacts_without_regard_to_case
            object_ids_are_compared_byte_for_byte
            a_changed_address_is_found_and_the_former_is_not
            only_the_fields_that_are_asked_for_come_back
            links_and_lists_of_another_source_are_not_told
            what_is_not_there_and_what_no_text_of_this_store_is_are_left_out
            a_whole_page_is_found_at_once
        });
        store_api::store_suite!(@module $stores, model {
            random_commits_do_to_the_store_what_they_do_to_a_map
        });
        store_api::store_suite!(@module $stores, one_form {
            a_user_in_capitals_is_the_user_at_every_door
            an_address_finds_its_contact_however_it_is_spelt
            names_that_differ_by_case_are_one_list_spelt_as_the_smallest_object_ids
            a_list_that_is_there_keeps_its_spelling
        });
        store_api::store_suite!(@module $stores, plan_and_state {
            state_is_replaced_deleted_and_deleting_what_is_not_there_is_no_error
            state_is_listed_by_prefix_in_byte_order_page_by_page
        });
        store_api::store_suite!(@module $stores, removal {
            unlinking_takes_the_link_and_the_connectors_lists_and_leaves_the_contact
            deactivating_keeps_contact_and_link_and_takes_the_connectors_lists
            deleting_takes_everything_and_the_id_never_comes_back
            a_removal_is_refused_by_any_change_in_between
            a_removal_for_another_user_than_the_linked_one_is_a_conflict
            a_contact_that_was_unlinked_can_be_linked_again
        });
        store_api::store_suite!(@module $stores, revert {
            an_update_is_taken_back_field_by_field_with_its_base
            the_base_is_put_back_where_another_change_of_the_run_wrote_the_field
            a_field_that_was_edited_since_stays_with_its_base
            a_created_contact_goes_and_comes_back_when_the_undo_is_undone
            a_deleted_contact_comes_back_with_all_that_others_know_of_it
            links_activity_and_lists_become_what_they_were
            what_no_longer_fits_is_a_conflict_without_effect
            a_deleted_contact_does_not_come_back_twice_nor_over_somebody_else
            part_of_what_a_run_did_to_a_contact_cannot_be_taken_back
            who_was_linked_and_deleted_in_one_run_comes_back_as_whose_it_was_and_goes_again
            who_was_linked_and_unlinked_in_one_run_is_whose_it_was_and_the_other_way_around
            what_left_a_contact_unlinked_is_taken_back_though_a_field_was_edited_since_but_not_a_link
            who_was_linked_and_deleted_does_not_come_back_where_the_user_has_another_contact
            a_deleted_contact_comes_back_as_whose_it_was_for_another_connection
            who_becomes_inactive_again_leaves_also_the_lists_of_before
        });
        store_api::store_suite!(@module $stores, rounds {
            known_links_that_no_page_showed_are_unseen_in_order_of_the_object_id
            a_link_made_after_the_round_was_opened_is_none_of_its_business
            a_link_that_is_gone_or_was_made_anew_is_not_unseen
            the_last_link_before_the_round_does_not_lend_its_place_to_a_later_one
            a_resumed_round_goes_on_and_one_that_is_not_resumed_starts_anew
            a_closed_round_is_forgotten_and_closing_it_again_is_no_error
            a_user_may_be_seen_twice_and_rounds_do_not_see_for_each_other
            an_inactive_linked_contact_can_be_unseen
        });
        store_api::store_suite!(@module $stores, since {
            lists_that_were_changed_since_stay
            lists_that_are_as_they_were_left_go_back_whatever_else_was_changed
            who_was_deactivated_since_is_put_on_no_list
            who_becomes_inactive_again_leaves_every_list
            a_contact_that_has_lost_its_link_since_is_not_written
            whose_link_is_taken_back_is_nobodys_or_theirs_whose_it_was
            a_user_who_has_another_contact_by_now_gets_no_second_one
            the_journal_tells_what_a_contact_was_given_whatever_was_written_later
            a_contact_that_is_made_again_is_told_with_all_that_it_got_back
        });
        store_api::store_suite!(@module $stores, statistics {
            missing_fields_are_counted_over_active_linked_contacts
            the_numbers_follow_every_kind_of_write
            a_source_that_was_never_used_has_no_contacts
            a_contact_linked_by_two_sources_counts_for_both
        });
        store_api::store_suite!(@module $stores, two_sources {
            each_source_has_its_own_link_and_base_whoever_came_first
            what_one_source_writes_leaves_the_base_of_the_other
            who_loses_one_link_keeps_the_other
            who_was_deleted_comes_back_with_both_links
            a_round_of_each_source_sees_its_own_links
        });
        store_api::store_suite!(@module $stores, undo {
            a_run_that_is_taken_back_leaves_what_was_there_before
            an_edit_after_a_run_makes_what_was_decided_before_it_a_conflict
        });
    };
}

/// An address book in this process, which keeps what it is sent.
mod in_memory {
    destination_suite!(&crate::suite::Stores(|| crate::servers::book::Book::fake(
        crate::servers::fake::Manner::Xandikos
    )));
}

/// One that orders and respells it.
mod rearranging {
    destination_suite!(&crate::suite::Stores(|| crate::servers::book::Book::fake(
        crate::servers::fake::Manner::Radicale
    )));
}

/// What is done most, at the servers themselves; the whole suite would take them many minutes.
mod live {
    use store_api::suite::{apply, lookup, one_form, removal, revert, two_sources};

    use super::{Server, Stores};

    fn held(server: Server, stores: &Stores) {
        if server.book().is_none() {
            return;
        }
        apply::a_created_contact_is_linked_and_holds_what_was_written(stores);
        apply::a_field_that_is_not_named_in_a_write_is_not_touched(stores);
        apply::a_write_without_a_value_empties_the_field(stores);
        apply::every_write_gives_a_version_that_was_never_there(stores);
        apply::a_change_decided_on_an_older_version_is_a_conflict_without_effect(stores);
        apply::conflicts_are_told_apart(stores);
        apply::linking_ties_a_contact_to_the_user_and_writes_in_the_same_step(stores);
        apply::joining_and_leaving_lists_twice_is_no_error(stores);
        apply::a_list_that_a_person_put_the_contact_on_is_neither_told_nor_left(stores);
        apply::changes_are_performed_in_order_and_see_each_other(stores);
        apply::a_commit_is_there_after_the_process_is_gone(stores);
        lookup::match_keys_find_linked_and_unlinked_contacts_without_regard_to_case(stores);
        one_form::a_list_that_is_there_keeps_its_spelling(stores);
        removal::unlinking_takes_the_link_and_the_connectors_lists_and_leaves_the_contact(stores);
        removal::deactivating_keeps_contact_and_link_and_takes_the_connectors_lists(stores);
        removal::deleting_takes_everything_and_the_id_never_comes_back(stores);
        removal::a_removal_is_refused_by_any_change_in_between(stores);
        revert::an_update_is_taken_back_field_by_field_with_its_base(stores);
        revert::a_deleted_contact_comes_back_with_all_that_others_know_of_it(stores);
        two_sources::who_was_deleted_comes_back_with_both_links(stores);
    }

    #[test]
    fn a_radicale_holds_what_a_store_guarantees() {
        held(
            Server::Radicale,
            &Stores(|| Server::Radicale.book().unwrap()),
        );
    }

    #[test]
    fn a_xandikos_holds_what_a_store_guarantees() {
        held(
            Server::Xandikos,
            &Stores(|| Server::Xandikos.book().unwrap()),
        );
    }
}
