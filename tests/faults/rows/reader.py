"""Faults of whoever reads: messages, the page, exports, alerts beside native results, settings, upgrades."""

ROWS: dict[int, tuple[str, str]] = {
    56: (
        "a receiver of messages fails, hangs, or is killed amid",
        """
        notify::test_before_a_receiver_that_fails_and_hangs_each_state_is_taken_once
        notify::test_a_receiver_that_is_down_delays_and_loses_nothing_and_is_asked_ever_less_often
        notify::test_each_state_is_told_once_and_nothing_else
        notify::test_retries_survive_a_restart_under_the_same_id
        notify::test_one_that_hangs_delays_neither_the_others_nor_the_tick
        notify::test_whoever_is_killed_while_sending_sends_it_again_later_and_then_never_again
        post::test_a_status_says_what_became_of_the_message
        post::test_whoever_hangs_is_waited_for_so_long_and_no_longer
        """,
    ),
    57: (
        "names that are scripts: on pages, in the report, in mails, in notebooks",
        """
        hostile browser::test_no_page_runs_or_asks_for_what_somebody_named
        hostile browser::test_no_mark_and_no_price_runs_what_somebody_named
        hostile browser::test_no_table_of_a_notebook_runs_what_somebody_named
        hostile browser::test_no_mail_runs_or_asks_for_what_somebody_named
        hostile browser::test_no_report_runs_or_asks_for_what_somebody_named
        hostile browser::test_unescaped_each_of_them_fires_and_the_policy_alone_stops_it
        """,
    ),
    58: (
        "a page elsewhere posts, brings a name of its own, or somebody none at all",
        """
        other sites::test_it_changes_nothing
        other sites::test_it_marks_nothing_whatever_it_knows
        other sites::test_a_name_of_somebody_else_that_leads_here_is_refused
        raw requests::test_without_a_name_of_its_own_nothing_is_shown
        raw requests::test_what_a_page_elsewhere_posts_is_refused
        host::test_only_its_own_names_are_answered
        marking::test_only_our_own_page_may_ask
        """,
    ),
    59: (
        "names that are formulas, in a CSV",
        """
        inert::test_no_text_cell_of_a_csv_starts_a_formula_and_every_row_survives
        cli hostile::test_no_cell_of_a_csv_is_a_formula
        """,
    ),
    60: (
        "names that a terminal obeys",
        """
        inert::test_no_control_of_a_name_reaches_the_terminal
        cli hostile::test_no_terminal_obeys_what_somebody_named
        """,
    ),
    61: (
        "a million alerts, and a page of them",
        "million::test_a_page_of_a_million_alerts_takes_less_than_two_seconds",
    ),
    62: (
        "an index of alerts is deleted or closed",
        """
        outbox::test_an_index_that_was_removed_gets_back_what_it_had
        outbox::test_killed_at_any_request_while_an_index_gets_back_what_it_had
        outbox::test_a_history_that_was_removed_gets_back_what_it_had
        outbox::test_nothing_is_written_without_our_template
        take over::test_an_engine_that_is_away_or_refuses_is_a_problem_that_is_told
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
        page native::test_without_native_results_the_page_says_why_and_shows_ours
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
        manifest::test_what_was_signed_is_looked_at_all_the_same
        bundle::test_other_priors_ask_for_a_new_training
        stepping::test_other_code_learns_from_scratch
        setup::test_an_index_of_ours_gets_the_fields_that_it_lacks
        setup::test_a_template_of_another_version_is_told_apart
        """,
    ),
}
"""By number, what happens, and the tests that play it."""
