//! What every store must pass: the guarantees of the contract and of [`AdminStore`](crate::AdminStore), one
//! test each, and a model that random commits are compared with.
//!
//! A store's crate implements [`StoreFactory`] and runs every test under its own name:
//!
//! ```ignore
//! store_api::store_suite!(&crate::tests::MyStores);
//! ```
//!
//! Tests of what only one store has, its tables for example, stand beside that store, and may use the
//! [`Workspace`] and the [`model`] of this module.

#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    reason = "they are tests: a name is the sentence that is proven, and a failure is a panic"
)]

pub mod administration;
pub mod apply;
pub mod browsing;
pub mod edits;
pub mod history;
pub mod journal;
pub mod lease;
pub mod ledger;
pub mod lookup;
pub mod marks;
pub mod model;
pub mod one_form;
pub mod plan_and_state;
pub mod reading;
pub mod removal;
pub mod revert;
pub mod review;
pub mod rounds;
pub mod since;
pub mod statistics;
pub mod two_sources;
pub mod undo;
pub mod unlinked;
pub mod workspace;

mod factory;

pub use self::factory::{StoreFactory, StoreUnderTest, SuiteOptions};
pub use self::workspace::Workspace;

/// Runs every test of the suite, each as a test of its own, on the stores of a [`StoreFactory`]: an
/// expression for a reference to one, with names that hold in every module.
#[macro_export]
macro_rules! store_suite {
    ($stores:expr) => {
        $crate::store_suite!(@module $stores, administration {
            contacts_are_listed_with_all_they_have
            a_filter_narrows_the_list
            a_list_longer_than_a_page_is_complete_and_can_begin_behind_a_contact
            a_contact_that_two_put_on_a_list_is_listed_once
            an_edit_by_hand_is_seen_by_the_version
            people_are_held_to_the_same_rules_and_told_the_field_not_the_value
            the_document_is_kept_as_it_is
        });
        $crate::store_suite!(@module $stores, apply {
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
            a_list_that_a_person_put_the_contact_on_is_neither_told_nor_left
            a_refused_change_has_no_effect_and_stops_no_other
            a_refusal_names_the_field_and_never_the_value
            changes_are_performed_in_order_and_see_each_other
            a_commit_is_there_after_the_process_is_gone
            a_commit_that_fails_leaves_nothing_of_itself
            a_batch_over_the_limit_is_refused_with_the_limit
            the_description_tells_the_fields_their_roles_and_what_was_asked_of_the_store
        });
        $crate::store_suite!(@module $stores, browsing {
            whoever_is_counted_as_missing_a_field_is_found_and_nobody_else
            a_person_is_shown_whole_and_a_page_that_is_full_ends_the_list
            a_filter_finds_what_the_whole_list_shows_page_by_page
            an_address_finds_everybody_who_has_it_without_regard_to_case
        });
        $crate::store_suite!(@module $stores, edits {
            whatever_others_write_is_told
            edits_are_told_part_by_part_and_then_no_more
            a_token_outlives_the_process
            a_token_that_the_store_never_gave_is_lost
            nobody_is_left_out_whom_others_edit_between_random_commits
        });
        $crate::store_suite!(@module $stores, journal {
            every_applied_change_is_in_the_journal_and_no_other
            what_the_directory_was_given_is_kept_with_its_change_and_nothing_else_is_done
            a_run_is_read_user_by_user_and_newest_first_for_each
            somebody_is_found_by_user_by_contact_and_by_address_also_once_they_are_gone
            what_belongs_to_no_run_is_kept_without_one
            a_note_keeps_its_moment_as_long_as_the_reason_is_the_same
            a_contingency_is_written_where_its_change_was_not_applied
            a_run_is_forgotten_once_it_is_old_and_many_runs_ago_and_never_the_last
        });
        $crate::store_suite!(@module $stores, lease {
            a_second_one_is_refused_and_hears_who_is_at_work_since_when
            a_lease_that_is_given_up_is_free_at_once
            every_write_renews_and_who_writes_nothing_can_be_replaced_after_the_expiry
            one_whose_lease_expired_goes_on_as_long_as_nobody_took_over
            a_dead_process_of_this_machine_is_replaced_at_once_and_cannot_come_back
            a_stale_holder_writes_no_contact_no_state_no_round_and_no_plan
        });
        $crate::store_suite!(@module $stores, ledger {
            entries_are_kept_replaced_and_deleted_and_deleting_what_is_not_there_is_no_error
            a_commit_whose_expectation_is_not_met_writes_nothing_of_itself
            entries_are_scanned_by_prefix_in_byte_order_page_by_page
            accounts_do_not_see_each_other
            who_has_lost_the_lease_keeps_nothing
            what_is_too_long_is_refused_and_nothing_of_its_commit_is_kept
            an_entry_is_there_after_the_process_is_gone
        });
        $crate::store_suite!(@module $stores, lookup {
            a_contact_is_returned_once_however_many_criteria_it_meets
            match_keys_find_linked_and_unlinked_contacts_without_regard_to_case
            object_ids_are_compared_byte_for_byte
            a_changed_address_is_found_and_the_former_is_not
            only_the_fields_that_are_asked_for_come_back
            links_and_lists_of_another_source_are_not_told
            what_is_not_there_and_what_no_text_of_this_store_is_are_left_out
            a_whole_page_is_found_at_once
        });
        $crate::store_suite!(@module $stores, marks {
            a_contact_is_known_again_by_its_mark_and_by_no_other
            whatever_is_written_makes_a_contact_unknown
            what_another_connection_writes_makes_a_contact_unknown
            a_change_gives_its_contact_the_mark_that_comes_with_it
            a_change_that_is_not_applied_gives_no_mark_and_takes_none
            a_contact_that_is_no_longer_as_it_was_looked_up_gets_no_mark
            a_mark_is_no_write
            a_mark_outlives_the_process
            who_is_known_again_is_seen_by_the_link
            a_link_that_is_gone_or_too_young_sees_nobody
            a_user_in_capitals_is_known_again
            too_many_at_once_are_refused_with_the_limit
            nobody_is_known_again_whose_contact_changed_in_random_commits
        });
        $crate::store_suite!(@module $stores, model {
            random_commits_do_to_the_store_what_they_do_to_a_map
        });
        $crate::store_suite!(@module $stores, one_form {
            a_user_in_capitals_is_the_user_at_every_door
            a_plan_has_one_entry_of_a_user_however_spelt
            an_address_finds_its_contact_however_it_is_spelt
            names_that_differ_by_case_are_one_list_spelt_as_the_smallest_object_ids
            a_list_that_is_there_keeps_its_spelling
            a_plan_spells_lists_as_the_sync_will_whatever_the_order
        });
        $crate::store_suite!(@module $stores, plan_and_state {
            state_is_replaced_deleted_and_deleting_what_is_not_there_is_no_error
            state_is_listed_by_prefix_in_byte_order_page_by_page
            an_entry_of_a_plan_comes_back_as_it_was_put
            a_later_entry_of_a_user_replaces_the_earlier
            changes_come_in_byte_order_and_without_what_changes_nothing
            only_links_claim_a_contact
            entries_are_counted_by_effect_and_reason
            a_finished_plan_is_kept_under_its_digest_and_the_next_one_begins_empty
            entries_of_some_users_are_found_in_a_kept_plan_and_in_the_one_in_the_making
            the_last_ten_plans_are_kept_and_a_digest_only_once
        });
        $crate::store_suite!(@module $stores, reading {
            every_write_is_refused_and_nothing_is_changed
        });
        $crate::store_suite!(@module $stores, removal {
            unlinking_takes_the_link_and_the_connectors_lists_and_leaves_the_contact
            deactivating_keeps_contact_and_link_and_takes_the_connectors_lists
            deleting_takes_everything_and_the_id_never_comes_back
            a_removal_is_refused_by_any_change_in_between
            a_removal_for_another_user_than_the_linked_one_is_a_conflict
            a_contact_that_was_unlinked_can_be_linked_again
        });
        $crate::store_suite!(@module $stores, revert {
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
        $crate::store_suite!(@module $stores, review {
            entries_of_a_kept_plan_are_read_by_effect_and_user_page_by_page
        });
        $crate::store_suite!(@module $stores, rounds {
            known_links_that_no_page_showed_are_unseen_in_order_of_the_object_id
            a_link_made_after_the_round_was_opened_is_none_of_its_business
            a_link_that_is_gone_or_was_made_anew_is_not_unseen
            the_last_link_before_the_round_does_not_lend_its_place_to_a_later_one
            a_resumed_round_goes_on_and_one_that_is_not_resumed_starts_anew
            a_closed_round_is_forgotten_and_closing_it_again_is_no_error
            a_user_may_be_seen_twice_and_rounds_do_not_see_for_each_other
            an_inactive_linked_contact_can_be_unseen
        });
        $crate::store_suite!(@module $stores, since {
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
        $crate::store_suite!(@module $stores, statistics {
            missing_fields_are_counted_over_active_linked_contacts
            the_numbers_follow_every_kind_of_write
            a_source_that_was_never_used_has_no_contacts
            a_contact_linked_by_two_sources_counts_for_both
        });
        $crate::store_suite!(@module $stores, two_sources {
            each_source_has_its_own_link_and_base_whoever_came_first
            what_one_source_writes_leaves_the_base_of_the_other
            who_loses_one_link_keeps_the_other
            who_was_deleted_comes_back_with_both_links
            a_round_of_each_source_sees_its_own_links
        });
        $crate::store_suite!(@module $stores, unlinked {
            contacts_that_are_nobodys_are_told_and_no_others
            nobodys_contacts_come_part_by_part_also_where_one_is_gone_meanwhile
        });
        $crate::store_suite!(@module $stores, undo {
            a_run_that_is_taken_back_leaves_what_was_there_before
            an_edit_after_a_run_makes_what_was_decided_before_it_a_conflict
        });
    };
    (@module $stores:expr, $module:ident { $($test:ident)* }) => {
        mod $module {
            $(
                #[test]
                fn $test() {
                    $crate::suite::$module::$test($stores);
                }
            )*
        }
    };
}

#[cfg(test)]
mod tests {
    /// The name of each test that a file of the suite has.
    fn tests_of(source: &str) -> Vec<&str> {
        let functions = source.lines().filter_map(|line| {
            let (name, parameters) = line.strip_prefix("pub fn ")?.split_once('(')?;
            (parameters == "stores: &dyn StoreFactory) {").then_some(name)
        });
        functions.collect()
    }

    #[test]
    fn the_macro_runs_every_test_that_there_is() {
        let listed = include_str!("mod.rs");
        let sources = [
            include_str!("administration.rs"),
            include_str!("apply.rs"),
            include_str!("browsing.rs"),
            include_str!("edits.rs"),
            include_str!("journal.rs"),
            include_str!("lease.rs"),
            include_str!("ledger.rs"),
            include_str!("lookup.rs"),
            include_str!("marks.rs"),
            include_str!("model.rs"),
            include_str!("one_form.rs"),
            include_str!("plan_and_state.rs"),
            include_str!("reading.rs"),
            include_str!("removal.rs"),
            include_str!("revert.rs"),
            include_str!("review.rs"),
            include_str!("rounds.rs"),
            include_str!("since.rs"),
            include_str!("statistics.rs"),
            include_str!("two_sources.rs"),
            include_str!("undo.rs"),
            include_str!("unlinked.rs"),
        ];
        for source in sources {
            let tests = tests_of(source);
            assert!(!tests.is_empty());
            for test in tests {
                let line = format!("            {test}");
                assert!(listed.lines().any(|listed| listed == line), "{test}");
            }
        }
    }
}
