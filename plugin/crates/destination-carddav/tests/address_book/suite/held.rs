//! What of the suite an address book holds.

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

    use crate::servers::live::Server;
    use crate::suite::Stores;

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
