//! The suite that every store passes, on the kit over a service and a ledger in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use connector_contract::WallClock;
use destination_kit::contract::Refusal;
use destination_kit::destination::{Record, RemoteId, RemoteListId};
use destination_kit::testing::{Dice, Life, MemoryLedger, MemoryService, Profile, TestClock};
use destination_kit::{Retention, Store};
use guest_kit::{Clock, Timestamp};
use store_api::AdminStore;
use store_api::suite::{StoreFactory, StoreUnderTest, SuiteOptions};
use store_destination::DestinationStore;
use store_destination::suite::{People, TestedStore};

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

struct InTheService(MemoryService);

impl People for InTheService {
    fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal> {
        self.0.add(fields)
    }

    fn edit(&self, record: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal> {
        self.0.edit(record, field, value)
    }

    fn put_on_list(&self, record: &str, name: &str) -> bool {
        self.0.put_on_list(record, name)
    }

    fn records(&self) -> Vec<Record> {
        self.0.records()
    }

    fn list_names(&self) -> BTreeMap<RemoteListId, String> {
        self.0.list_names()
    }
}

/// Stores over services that differ in what they tell.
struct Stores(fn(&mut Profile));

struct UnderTest {
    service: MemoryService,
    ledger: MemoryLedger,
    store: Arc<TestedStore<MemoryService, MemoryLedger, InTheService>>,
}

fn under_test(
    service: MemoryService,
    ledger: MemoryLedger,
    retention: Retention,
    clock: Option<Arc<dyn WallClock>>,
) -> Box<UnderTest> {
    let (destination, kept) = (service.clone(), ledger.clone());
    let store = DestinationStore::begin(move || {
        let entropy = Box::new(Dice::of(4_711));
        Store::new(destination, kept, Box::new(Wall(clock)), entropy, retention)
    });
    let people = InTheService(service.clone());
    Box::new(UnderTest {
        service,
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
        let mut profile = Profile::generous(&options.mandatory, options.custom_fields);
        (self.0)(&mut profile);
        let life = Life::default();
        let service = MemoryService::new(profile, &TestClock::default(), &Dice::of(7), &life);
        let retention = Retention {
            days: options.journal_days,
            runs: options.journal_runs,
        };
        under_test(service, MemoryLedger::of(&life), retention, clock)
    }
}

impl StoreUnderTest for UnderTest {
    fn store(&self) -> Arc<dyn AdminStore> {
        self.store.clone()
    }

    fn reopen(self: Box<Self>) -> Box<dyn StoreUnderTest> {
        under_test(self.service, self.ledger, Retention::default(), None)
    }

    fn check(&self) {
        let entries = self.ledger.entries();
        let intent = entries.keys().find(|key| key.starts_with("i/"));
        assert_eq!(intent, None, "what was settled leaves no intent");
    }
}

/// The tests of the suite that hold for a destination.
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
            what_the_directory_was_given_is_kept_with_its_change_and_nothing_else_is_done
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
            a_field_of_which_the_directory_was_given_something_goes_back_and_its_base_says_what_both_hold
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

/// A service that tells everything.
mod telling {
    destination_suite!(&crate::Stores(|_| {}));

    mod lists {
        #[test]
        fn a_list_that_a_person_put_the_contact_on_is_neither_told_nor_left() {
            store_api::suite::apply::a_list_that_a_person_put_the_contact_on_is_neither_told_nor_left(
                &crate::Stores(|_| {}),
            );
        }
    }
}

/// A service whose writes are conditional, that makes a record without its lists, and many at a time.
mod conditional {
    destination_suite!(&crate::Stores(|profile| {
        let capabilities = &mut profile.capabilities;
        capabilities.guard = destination_kit::destination::GuardKind::Conditional;
        capabilities.lists_on_create = false;
        capabilities.batch.create = 50;
        capabilities.batch.write = 50;
        capabilities.batch.membership = 2;
    }));
}

/// A service that keeps neither activity nor whose a record is.
mod reticent {
    destination_suite!(&crate::Stores(|profile| {
        profile.tells_active = false;
        profile.keeps_ties = false;
    }));
}

/// What no destination can hold, by module or test of the suite, and why.
const NOT_HELD: [(&str, &str); 12] = [
    (
        "administration",
        "people's side of the contacts is the service's own",
    ),
    (
        "browsing",
        "people's side of the contacts is the service's own",
    ),
    (
        "lease",
        "the lease is the host's; the fence of the ledger holds off whoever comes too late",
    ),
    (
        "edits",
        "nobody tells what people write in the service: the store says so, and is not asked",
    ),
    (
        "unlinked",
        "nobody tells whom people put into the service: the store says so, and is not asked",
    ),
    ("ledger", "a destination is given a ledger, and gives none"),
    ("marks", "nobody tells what people write in the service"),
    ("reading", "read-only access is the host's to give"),
    ("review", "plans are the host's"),
    ("plan_and_state", "but for the state: plans are the host's"),
    (
        "one_form",
        "but for users, addresses and lists: plans are the host's",
    ),
    (
        "the_description_tells_the_fields_their_roles_and_what_was_asked_of_the_store",
        "no commit is atomic, and the fields are the service's own",
    ),
];

#[test]
fn every_test_of_the_suite_is_run_or_it_is_said_why_not() {
    let here = include_str!("suite.rs");
    let is_named = |name: &str| {
        here.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    let suite = include_str!("../../store-api/src/suite/mod.rs");
    let listed = suite
        .split("macro_rules!")
        .nth(1)
        .unwrap()
        .split("(@module $stores:expr")
        .next()
        .unwrap();
    let mut module = "";
    let mut tests = 0;
    for line in listed.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("$crate::store_suite!(@module $stores, ") {
            module = rest.trim_end_matches([' ', '{']);
        } else if line.chars().all(|c| c.is_alphanumeric() || c == '_') && !line.is_empty() {
            let is_excused = NOT_HELD
                .iter()
                .any(|(what, _)| *what == module || *what == line);
            assert!(is_named(line) || is_excused, "{module}::{line}");
            tests += 1;
        }
    }
    assert!(tests > 120, "the suite was read: {tests}");
}
