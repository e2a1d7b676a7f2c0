"""Faults of the watch: of its machine, its models, its clock, and what it hears nothing of."""

ROWS: dict[int, tuple[str, str]] = {
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
        bundle::test_a_changed_byte_is_found_before_its_file_is_opened
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
        integrity chain::test_a_digest_that_is_missing_between_two_is_told
        integrity chain::test_a_digest_that_was_changed_is_told_by_the_one_after_it
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
}
"""By number, what happens, and the tests that play it."""
