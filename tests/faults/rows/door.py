"""Faults of the way into an engine: what comes, and who takes it."""

ROWS: dict[int, tuple[str, str]] = {
    1: (
        "the engine is not there at the start",
        """
        killed::test_a_server_that_is_not_there_yet_is_waited_for
        killed::test_a_server_that_goes_and_does_not_come_back_ends_the_run_which_says_that_it_is_not_done
        destination::test_where_nobody_is_is_said_at_once
        real parts::test_what_is_not_finished_is_spilled_before_the_kill_and_comes_back
        """,
    ),
    2: (
        "the engine is killed amid requests",
        """
        killed::test_a_server_that_is_killed_amid_requests_and_started_again_holds_each_event_once
        soak::test_a_server_that_is_killed_twice_holds_each_event_once
        """,
    ),
    3: (
        "the engine stands still, and applies later what it was sent",
        "killed::test_a_server_that_stands_still_applies_what_it_was_sent_and_doubles_nothing",
    ),
    4: (
        "a connection is reset amid the request, or amid the answer",
        """
        network::test_a_fault_of_the_network_loses_nothing_and_doubles_nothing
        network::test_all_faults_before_a_real_engine_leave_each_event_there_once
        """,
    ),
    5: (
        "an answer of a byte a second",
        """
        network::test_a_network_that_never_works_hands_everything_back_in_time
        network::test_a_fault_of_the_network_loses_nothing_and_doubles_nothing
        handle faults::test_backing_off_ends_before_the_grace
        """,
    ),
    6: (
        "a few answers of 429",
        """
        bulk::test_waits_grow_with_full_jitter_and_are_bounded
        refused::test_a_storm_of_refusals_ends_with_everything_in_the_index
        """,
    ),
    7: (
        "items of one answer that end differently",
        """
        bulk::test_of_mixed_items_only_those_that_may_still_be_taken_are_sent_again
        refused::test_items_that_are_busy_are_sent_again_alone
        """,
    ),
    8: (
        "429 for longer than there is time",
        """
        handle faults::test_an_engine_that_is_down_has_what_cannot_come_again_spilled_and_it_comes_back_as_it_was
        handle faults::test_without_a_spill_what_cannot_come_again_alone_fails_the_invocation
        sink::test_what_cannot_be_spilled_is_not_acknowledged
        """,
    ),
    9: (
        "a disk that is full blocks indices, and no longer",
        """
        refused::test_an_index_that_is_blocked_as_on_a_full_disk_is_waited_for
        refused::test_a_cluster_that_may_only_be_read_is_waited_for
        refused::test_a_cluster_that_has_no_room_for_another_index_is_waited_for
        handle faults::test_a_blocked_disk_buries_nothing_and_drains_afterwards
        """,
    ),
    10: (
        "a signature, a credential or a right is refused",
        """
        handle faults::test_who_is_not_let_in_any_more_connects_anew_once
        handle faults::test_a_fault_of_configuration_fails_the_invocation_and_buries_nothing
        cli::test_a_fault_of_configuration_ends_the_run_with_the_reason_and_running_again_goes_on
        signed::test_the_whole_way_into_a_real_node_is_signed_as_aws_wants_it
        signed::test_a_wrong_secret
        signed::test_a_session_that_has_expired
        signed::test_a_clock_that_is_wrong
        signed::test_credentials_are_renewed_once_and_before_they_run_out
        """,
    ),
    11: (
        "requests that are too large",
        """
        refused::test_requests_that_are_too_large_are_halved_and_a_giant_among_them_is_made_smaller
        refused::test_what_nothing_makes_small_enough_is_kept_with_its_bytes
        """,
    ),
    12: (
        "the template is not there, or another's",
        """
        refused::test_nothing_is_written_where_nobody_set_the_engine_up
        refused::test_an_index_of_somebody_elses_making_stops_with_its_reason
        sink::test_nothing_is_written_where_the_template_is_not_there
        setup::test_what_is_somebody_elses_is_named_and_not_fought
        """,
    ),
    13: (
        "fields of several types",
        """
        corpus::test_each_record_ends_where_it_should_and_no_field_is_added
        template::test_a_free_form_field_may_be_of_any_type_and_no_field_is_ever_added
        """,
    ),
    14: (
        "thousands of new paths in a day",
        "corpus::test_each_record_ends_where_it_should_and_no_field_is_added",
    ),
    15: (
        "a leaf of 40 kB, a key of 33 kB, a document of 2 MB",
        "corpus::test_each_record_ends_where_it_should_and_no_field_is_added",
    ),
    16: (
        "a depth of 2,000, a list of 100,000",
        "corpus::test_each_record_ends_where_it_should_and_no_field_is_added",
    ),
    17: (
        "NaN, surrogates, NUL, a mark of byte order, bytes that are no text, a key twice",
        """
        corpus::test_each_record_ends_where_it_should_and_no_field_is_added
        corpus::test_a_mark_of_byte_order_is_passed_over
        """,
    ),
    18: (
        "payloads and objects that inflate without end",
        """
        memory::test_an_object_of_ten_gigabytes_of_nothing
        memory::test_a_payload_of_a_gigabyte_of_nothing
        handle::test_a_payload_that_inflates_without_end_is_kept_and_not_inflated
        handle::test_an_object_that_inflates_without_end_is_named_by_a_dead_letter
        """,
    ),
    19: (
        "gzip that is cut off, damaged, empty or several in one",
        """
        handle::test_a_truncated_object_gives_its_whole_records_and_is_named_by_a_dead_letter
        handle::test_a_damaged_payload_is_kept_with_its_bytes
        inflate::test_members_follow_each_other_with_padding_between
        odd files::test_complete_records_of_a_truncated_file_are_kept_and_the_rest_is_one_record
        odd files::test_a_file_that_cannot_be_read_is_one_record_set_aside_once
        object::test_an_object_is_read_on_where_it_broke_off
        """,
    ),
    20: (
        "every shape that a message or an object has, and those with nothing in them",
        """
        handle::test_whatever_an_object_holds_ends
        handle::test_what_has_nothing_in_it_is_counted
        trigger::test_a_shape_is_known_when_it_invokes_the_function
        trigger::test_the_same_shape_is_known_in_a_queue
        """,
    ),
    21: (
        "digests, Insights, aggregates, network activity, versions to come",
        """
        handle::test_an_aggregated_record_and_a_network_activity_event_are_routed
        handle::test_records_that_are_no_event_are_counted_by_name
        ingest::test_what_is_no_event_is_counted_by_name_and_kept
        """,
    ),
    22: (
        "everything is delivered five times",
        """
        corpus::test_deliveries_again_by_another_way_and_in_another_order_are_one_event
        handle::test_a_whole_batch_that_comes_five_times_is_indexed_once
        ingest::test_the_same_record_in_two_files_is_a_duplicate_and_the_earliest_delivery_stays
        """,
    ),
    23: (
        "an event comes by CloudWatch and by S3",
        """
        corpus::test_deliveries_again_by_another_way_and_in_another_order_are_one_event
        handle::test_the_same_event_by_cloudwatch_and_by_s3_is_one_document
        searches::test_every_event_of_three_accounts_is_there_once
        """,
    ),
    24: (
        "one call that two accounts recorded",
        """
        corpus::test_deliveries_again_by_another_way_and_in_another_order_are_one_event
        handle::test_one_action_recorded_in_two_accounts_is_two_documents
        activity::test_a_cross_account_call_that_both_accounts_recorded_counts_once
        """,
    ),
    25: (
        "events out of order, within files and across them",
        """
        corpus::test_deliveries_again_by_another_way_and_in_another_order_are_one_event
        replay::test_the_order_of_rows_does_not_matter
        ingest::test_the_store_does_not_depend_on_workers_tasks_or_order
        """,
    ),
    26: (
        "events that are 20 minutes, 26 hours and 29 days late",
        """
        corpus::test_what_comes_late_is_in_the_index_of_its_own_day
        landing::test_what_lands_days_later_is_judged_and_worded_as_late
        landing::test_what_lands_after_more_than_the_limit_is_counted
        scoring::test_what_lands_late_is_decided_as_by_scoring_each_time_anew
        cover::test_what_comes_of_an_hour_that_was_closed_is_counted_in_its_record
        """,
    ),
    27: (
        "a time in 2099, in 1970, of another zone, or none",
        """
        corpus::test_each_record_ends_where_it_should_and_no_field_is_added
        handle::test_a_time_that_cannot_be_believed_opens_no_index
        ingest::test_an_impossible_time_is_stored_flagged_and_makes_no_day
        """,
    ),
    28: (
        "a clock that jumps",
        """
        machine::test_a_clock_that_jumps_delays_and_loses_nothing
        learning::test_a_worker_whose_clock_jumps_skips_no_hour_and_doubles_none
        scoring::test_a_clock_that_was_ahead_delays_and_neither_skips_nor_doubles_anything
        clock::test_a_jump_that_is_taken_back_moves_nothing
        clock::test_a_jump_that_stands_is_believed_after_an_hour
        cover::test_a_clock_that_jumps_and_comes_back_leaves_the_records_as_they_were
        """,
    ),
    29: (
        "the function is killed",
        "real parts::test_a_function_that_is_killed_loses_nothing_and_indexes_nothing_twice",
    ),
    30: (
        "some messages of a batch fail",
        """
        handle faults::test_only_the_message_that_failed_is_named
        handle faults::test_when_no_message_is_done_the_invocation_fails
        real parts::test_a_message_that_always_fails_ends_in_its_queues_dead_letters_and_the_others_flow
        """,
    ),
    31: (
        "a message that fails for ever",
        "real parts::test_a_message_that_always_fails_ends_in_its_queues_dead_letters_and_the_others_flow",
    ),
    32: (
        "an object that is gone, may not be read, or comes slowly",
        """
        bucket::test_an_object_that_does_not_come_whole_comes_again_and_buries_nothing
        bucket::test_a_function_that_may_not_read_takes_no_object_for_gone_and_reads_it_once_it_may
        handle faults::test_an_object_that_is_gone_is_counted_told_and_acknowledged
        fetch::test_an_object_that_may_not_be_read_comes_again
        """,
    ),
    33: (
        "a forged notification",
        """
        handle::test_a_forged_notification_is_refused_counted_and_kept
        trigger::test_a_forged_notification_is_refused_and_kept
        """,
    ),
    34: (
        "a message comes again while the first function still works on it",
        "real parts::test_two_functions_that_get_the_same_message_make_one_result",
    ),
}
"""By number, what happens, and the tests that play it."""
