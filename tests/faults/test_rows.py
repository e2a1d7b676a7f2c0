"""Which test plays which fault: rows by the numbers that faults have had from the beginning; every test exists.

After each fault the events in are those indexed, in quarantine and dead-lettered together, each of them once.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = {
    "bucket": "tests/faults/test_bucket.py", "corpus": "tests/faults/test_corpus.py",
    "killed": "tests/faults/test_killed.py", "learning": "tests/faults/test_learning.py",
    "machine": "tests/faults/test_machine.py", "network": "tests/faults/test_network.py",
    "refused": "tests/faults/test_refused.py", "real parts": "tests/lambda_ingest/test_real_parts.py",
    "bulk": "tests/pipeline/search/test_bulk.py", "handle": "tests/pipeline/delivery/test_handle.py",
    "sink": "tests/pipeline/delivery/test_door_sink.py", "memory": "tests/pipeline/delivery/test_memory.py",
    "trigger": "tests/pipeline/delivery/test_trigger.py", "fetch": "tests/pipeline/delivery/test_fetch.py",
    "make door": "tests/pipeline/delivery/test_make_door.py",
    "terminated": "tests/pipeline/delivery/test_terminated.py", "cli": "tests/pipeline/cli/test_index.py",
    "destination": "tests/pipeline/cli/test_destination.py", "setup": "tests/pipeline/documents/test_setup.py",
    "template": "tests/pipeline/documents/test_template.py", "probe": "tests/pipeline/documents/test_capabilities.py",
    "searches": "tests/pipeline/documents/test_search_page.py", "city": "tests/pipeline/enrich/test_city.py",
    "intel": "tests/pipeline/enrich/test_intel.py", "shodan": "tests/pipeline/enrich/test_intel_shodan.py",
    "inflate": "tests/pipeline/ingest/test_inflate.py", "ingest": "tests/pipeline/ingest/test_run.py",
    "odd files": "tests/pipeline/ingest/test_faults.py", "activity": "tests/pipeline/detect/test_activity.py",
    "replay": "tests/pipeline/detect/test_replay.py", "landing": "tests/pipeline/detect/test_landing.py",
    "signed": "tests/faults/test_signed.py", "soak": "tests/benchmarks/test_soak.py",
    "points": "tests/faults/test_points.py", "serving": "tests/faults/test_serving.py",
    "watch": "tests/pipeline/watch/test_watch.py", "cli watch": "tests/pipeline/cli/test_watch.py",
    "clock": "tests/pipeline/watch/test_clock.py", "cover": "tests/pipeline/watch/test_cover.py",
    "silence": "tests/pipeline/watch/test_silence.py", "integrity": "tests/pipeline/watch/test_integrity.py",
    "integrity signed": "tests/pipeline/watch/test_integrity_signed.py",
    "scoring": "tests/pipeline/detect/test_scoring.py",
    "worker": "tests/pipeline/detect/test_worker.py", "checkpoint": "tests/pipeline/detect/test_checkpoint.py",
    "served": "tests/pipeline/detect/test_served.py", "trainer": "tests/pipeline/detect/test_trainer.py",
    "promotion": "tests/pipeline/detect/test_promotion.py", "figures": "tests/pipeline/detect/test_figures.py",
    "killed training": "tests/pipeline/detect/test_killed.py", "stepping": "tests/pipeline/detect/test_stepping.py",
    "bundle": "tests/models/test_bundle.py", "folder": "tests/pipeline/stores/bundles/test_folder.py",
    "pair": "tests/pipeline/stores/bundles/test_pair.py",
    "in service": "tests/pipeline/stores/bundles/test_in_service.py",
    "rounds": "tests/pipeline/shared/test_rounds.py", "shared models": "tests/pipeline/shared/test_models.py",
    "detectors": "tests/contracts/test_detectors.py", "features": "tests/contracts/test_features.py",
    "forest": "tests/models/detectors/test_forest.py", "model": "tests/models/test_model.py",
    "stores": "tests/contracts/test_stores.py", "alert stores": "tests/contracts/test_alert_stores.py",
    "state": "tests/pipeline/stores/sqlite/test_state.py", "database": "tests/pipeline/stores/sqlite/test_database.py",
    "alert": "tests/pipeline/stores/test_alert.py", "outbox": "tests/pipeline/publish/test_outbox.py",
    "beside native": "tests/pipeline/publish/test_beside_native.py", "native": "tests/pipeline/publish/test_native.py",
    "compare native": "tests/pipeline/cli/test_compare_native.py", "settings": "tests/pipeline/test_settings.py",
    "config": "tests/pipeline/cli/test_config.py", "trouble": "tests/pipeline/cli/test_trouble.py",
    "queue": "tests/pipeline/sources/test_queue.py", "progress": "tests/pipeline/sources/index/test_progress.py",
    "object": "tests/pipeline/sources/test_bucket.py", "cli ingest": "tests/pipeline/cli/test_ingest.py",
}  # fmt: skip
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
        handle::test_backing_off_ends_before_the_grace
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
        handle::test_an_engine_that_is_down_has_what_cannot_come_again_spilled_and_it_comes_back_as_it_was
        handle::test_without_a_spill_what_cannot_come_again_alone_fails_the_invocation
        sink::test_what_cannot_be_spilled_is_not_acknowledged
        """,
    ),
    9: (
        "a disk that is full blocks indices, and no longer",
        """
        refused::test_an_index_that_is_blocked_as_on_a_full_disk_is_waited_for
        refused::test_a_cluster_that_may_only_be_read_is_waited_for
        refused::test_a_cluster_that_has_no_room_for_another_index_is_waited_for
        handle::test_a_blocked_disk_buries_nothing_and_drains_afterwards
        """,
    ),
    10: (
        "a signature, a credential or a right is refused",
        """
        handle::test_who_is_not_let_in_any_more_connects_anew_once
        handle::test_a_fault_of_configuration_fails_the_invocation_and_buries_nothing
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
        handle::test_only_the_message_that_failed_is_named
        handle::test_when_no_message_is_done_the_invocation_fails
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
        handle::test_an_object_that_is_gone_is_counted_told_and_acknowledged
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
    35: (
        "a watch is killed between alerts and checkpoint",
        """
        points::test_killed_in_the_course_of_a_day
        worker::test_killed_in_the_middle_of_a_day_nothing_is_lost_or_written_twice
        outbox::test_killed_at_any_request_it_goes_on_where_it_was
        """,
    ),
    36: (
        "killed at every place at which anything is written",
        """
        points::test_a_tick_writes_nothing_outside_of_the_places_it_is_killed_at
        points::test_killed_in_the_course_of_a_day
        points::test_killed_in_the_night
        points::test_killed_as_the_gate_refuses_what_was_learnt
        points::test_killed_whatever_records_come_from
        points::test_killed_before_a_real_engine
        killed training::test_a_killed_training_leaves_nothing_half_there
        cover::test_killed_anywhere_records_are_in_the_end_what_the_store_holds
        queue::test_killed_between_the_commit_and_the_acknowledgement_nothing_is_lost_or_doubled
        """,
    ),
    37: (
        "two watches at once",
        """
        watch::test_the_second_watch_of_a_home_ends_at_once_and_takes_over_when_the_first_is_gone
        watch::test_who_slept_through_its_lease_writes_nothing
        cli watch::test_it_watches_until_it_is_stopped_and_a_second_one_ends_at_once
        stores::test_a_worker_that_slept_through_its_lease_cannot_write_its_checkpoint
        """,
    ),
    38: (
        "a checkpoint that is cut, none, or of another version",
        """
        checkpoint::test_what_no_scoring_wrote_is_refused_in_one_line
        checkpoint::test_one_of_before_that_names_no_tick_or_no_counters_is_taken_and_doubles_nothing
        checkpoint::test_a_training_refuses_it_as_well
        state::test_a_value_that_nobody_wrote_is_told
        database::test_a_damaged_file_is_told_whatever_byte_it_is
        outbox::test_a_place_that_is_none_means_the_start
        progress::test_a_memory_that_another_version_wrote_is_refused
        """,
    ),
    39: (
        "a disk that is full: dead letters, what is known, objects, models",
        """
        machine::test_a_full_disk_is_one_line_and_with_room_again_it_goes_on
        machine::test_letters_that_find_no_room_leave_their_file_to_the_next_run
        bucket::test_a_large_object_that_finds_no_room_comes_again
        learning::test_a_model_that_finds_no_room_is_said_and_none_is_left_half_written
        odd files::test_a_full_disk_is_an_error_that_says_so_and_the_next_run_goes_on
        """,
    ),
    40: (
        "memory that does not suffice",
        """
        serving::test_a_gigabyte_is_enough_and_decides_alike
        trouble::test_what_the_machine_refuses_is_one_line
        """,
    ),
    41: (
        "SIGTERM in the middle",
        """
        terminated::test_it_is_ended_in_the_middle_of_a_request_and_comes_again
        cli::test_stopped_in_the_middle_and_run_again_everything_is_there_once
        """,
    ),
    42: (
        "a model with a bit that is another, another key's, not signed, or of other libraries",
        """
        bundle::test_a_changed_byte_is_found_before_anything_is_opened
        bundle::test_a_manifest_signed_with_another_key_is_refused
        pair::test_one_bit_of_a_sealed_text_is_told
        pair::test_what_is_not_as_the_trainer_signed_it_is_not_opened
        pair::test_a_worker_with_keys_serves_nothing_without_a_signed_list
        served::test_where_the_champion_is_damaged_the_one_before_serves_and_it_is_told_once
        served::test_an_older_list_that_was_put_back_serves_nothing_until_the_next_training
        shared models::test_after_a_file_that_is_not_as_it_was_signed_none_is_fetched
        rounds::test_a_model_that_is_not_as_it_was_signed_is_not_fetched_and_the_one_here_stays
        stepping::test_other_code_learns_from_scratch
        """,
    ),
    43: (
        "a pickle, or what skops once ran, among the models",
        """
        serving::test_nothing_among_the_models_is_ever_unpickled
        bundle::test_a_bundle_is_data_only
        bundle::test_a_file_nobody_signed_is_refused
        """,
    ),
    44: (
        "another model is put in service amid a run",
        """
        serving::test_a_run_is_pinned_to_the_model_it_began_with
        watch::test_a_model_that_somebody_else_puts_in_service_serves_from_the_next_tick_on
        """,
    ),
    45: (
        "nothing to learn from, one row, what never varies",
        """
        serving::test_too_little_to_learn_from_leaves_the_model_in_service
        trainer::test_training_on_too_little_says_how_much_is_needed
        cli ingest::test_training_without_an_event_says_to_ingest
        detectors::test_too_little_to_learn_from_still_gives_finite_scores
        detectors::test_columns_that_never_vary_still_give_finite_scores
        promotion::test_numbers_that_are_none_are_not_put_in_service_where_nothing_serves
        """,
    ),
    46: (
        "features that are no numbers, or without bounds",
        """
        features::test_a_finite_number_always
        detectors::test_an_hour_that_is_not_finite_is_refused_by_number
        figures::test_a_number_that_is_none_is_found_wherever_it_is
        promotion::test_numbers_that_are_none_are_not_put_in_service_where_nothing_serves
        """,
    ),
    47: (
        "a principal, a call, a region and a kind that nobody has seen",
        """
        serving::test_what_nobody_has_seen_is_judged_with_a_score_that_is_one
        forest::test_a_kind_nobody_has_seen_is_judged_by_the_shared_forest
        model::test_a_newcomer_joins_the_group_it_resembles_and_moves_nobody
        """,
    ),
    49: (
        "the trail of one of five accounts stops",
        """
        silence::test_the_account_whose_trail_stops_is_told_within_half_an_hour_and_the_others_are_not
        silence::test_a_region_that_stops_is_told_by_name_and_its_account_is_not
        """,
    ),
    50: (
        "the trail is stopped, and then nothing comes",
        "silence::test_a_trail_that_was_stopped_is_linked_to_the_call_and_to_the_alert_on_it",
    ),
    51: (
        "a digest is missing, lists what never came, or says another hash",
        """
        integrity::test_a_log_file_that_never_came_is_told_once_with_what_to_do
        integrity::test_a_log_file_that_was_changed_before_it_was_read_is_told
        integrity::test_a_digest_that_is_missing_between_two_is_told
        integrity::test_a_digest_that_was_changed_is_told_by_the_one_after_it
        integrity signed::test_signatures_of_a_buckets_digests_are_verified
        integrity signed::test_a_wrong_signature_is_one_finding_and_its_digest_lists_nothing
        integrity::test_where_all_is_right_nothing_is_told
        """,
    ),
    52: (
        "a burst",
        """
        machine::test_a_burst_before_a_slow_server_takes_no_more_memory_than_a_trickle
        sink::test_lag_is_the_oldest_events_by_account_and_region
        serving::test_a_burst_is_taken_in_within_a_tick_and_hides_nothing
        """,
    ),
    53: (
        "a geo database that is missing, damaged or swapped",
        """
        city::test_a_database_that_is_missing_or_damaged_stops_nothing
        city::test_a_database_damaged_within_is_counted
        city::test_a_database_that_is_swapped_is_read_anew
        city::test_while_its_successor_is_damaged_or_missing_the_last_good_one_answers
        make door::test_without_a_geo_database_that_can_be_read_places_stay_unknown
        """,
    ),
    54: (
        "an address that is none",
        """
        corpus::test_an_address_is_one_only_where_it_is
        corpus::test_each_record_ends_where_it_should_and_no_field_is_added
        """,
    ),
    55: (
        "whoever is asked about addresses is slow, fails, or sends elsewhere",
        """
        shodan::test_a_redirection_is_not_followed_and_a_refusal_is_an_error
        shodan::test_who_trickles_is_left
        shodan::test_a_name_service_that_points_inside_is_not_followed
        intel::test_nobody_waits_for_a_source_that_is_slow
        """,
    ),
    62: (
        "an index of alerts is deleted or closed",
        """
        outbox::test_an_index_that_was_removed_gets_back_what_it_had
        outbox::test_killed_at_any_request_while_an_index_gets_back_what_it_had
        outbox::test_a_history_that_was_removed_gets_back_what_it_had
        outbox::test_nothing_is_written_without_our_template
        beside native::test_a_month_that_is_closed_waits_and_one_that_is_deleted_comes_back
        """,
    ),
    63: (
        "native results that are not there, elsewhere, or may not be read",
        """
        compare native::test_without_native_results_it_says_so_and_succeeds
        compare native::test_an_engine_that_lets_nobody_in_is_no_error_either
        compare native::test_an_engine_that_is_down_is_an_error
        native::test_where_nothing_can_be_read_it_says_so
        native::test_another_index_and_a_least_score_are_asked_for
        """,
    ),
    64: (
        "engines of several makers and versions",
        """
        probe::test_each_real_engine_says_what_it_is
        template::test_the_probe_decides_on_every_engine
        setup::test_a_second_time_everything_is_the_same_on_every_engine
        """,
    ),
    65: (
        "settings that are misspelt or make no sense",
        """
        settings::test_a_misspelt_key_of_the_file_is_refused
        settings::test_an_error_names_the_key_its_value_and_what_to_give
        settings::test_a_file_that_is_not_toml_says_so
        settings::test_a_named_file_must_exist
        config::test_settings_that_cannot_be_used_are_named
        cli watch::test_an_option_that_makes_no_sense_is_one_line
        """,
    ),
    66: (
        "a home, a model, an index of another version",
        """
        database::test_a_home_of_before_gets_the_tables_that_came_later
        database::test_a_file_of_another_version_is_refused
        checkpoint::test_one_of_before_that_names_no_tick_or_no_counters_is_taken_and_doubles_nothing
        in service::test_in_a_home_of_before_all_that_is_there_is_in_service
        alert::test_an_alert_of_every_version_is_read_as_what_it_is
        alert stores::test_an_alert_that_only_a_later_version_understands_is_never_passed_over
        bundle::test_what_was_signed_is_looked_at_all_the_same
        bundle::test_other_priors_ask_for_a_new_training
        stepping::test_other_code_learns_from_scratch
        setup::test_an_index_of_ours_gets_the_fields_that_it_lacks
        setup::test_a_template_of_another_version_is_told_apart
        """,
    ),
}
"""Rows, each with what happens and the tests that play it; the others are of neither the door nor the watch."""
TESTS = [(row, test) for row, (_, tests) in ROWS.items() for test in tests.split("\n") if test.strip()]


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("row", "test"), TESTS, ids=[f"{row}-{test.strip()}" for row, test in TESTS])
def test_the_test_of_a_fault_is_there(row: int, test: str) -> None:
    short, _, name = test.strip().partition("::")
    assert name in names_in(SHORT[short]), f"row {row}, {ROWS[row][0]}: {SHORT[short]} has no {name}"


def test_no_row_of_the_door_and_of_the_watch_is_left_out() -> None:
    assert sorted(ROWS) == [*range(1, 48), *range(49, 56), *range(62, 67)]
