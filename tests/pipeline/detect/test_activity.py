from datetime import timedelta

import duckdb
import numpy as np
import pytest

from features.activity.catalogue import NAMES
from pipeline.detect.activity import Activity
from tests.worlds import START, a_company, an_event, as_role, table

TUESDAY = (START + timedelta(days=1)).date()


def activity_of(*rows, **options):
    connection = duckdb.connect()
    connection.register("events", table(rows))
    return Activity.of_events(connection, **options)


def at(hours, minutes=0, late=5):
    time = START + timedelta(hours=hours, minutes=minutes)
    return {"event_time": time, "delivered_at": time + timedelta(minutes=late)}


def test_a_days_vectors_are_a_row_for_each_active_hour_with_every_feature():
    vectors = activity_of(*a_company(days=2, people=2, roles=1)).vectors(TUESDAY)
    assert vectors.column_names == ["principal", "hour", *NAMES]
    hours = {(row["principal"], row["hour"]) for row in vectors.select(["principal", "hour"]).to_pylist()}
    assert len(hours) == vectors.num_rows == 24 + 2 * 8
    assert np.isfinite(np.column_stack([vectors[name] for name in NAMES])).all()


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (at(12), 0),  # delivered the same day
        (at(23, 58), 0),  # delivered after midnight, before the training
        (at(23, 58, late=60), 1),  # missed the training: the next day's deliveries hold it
        (at(24, 1, late=2), 1),  # an event of the new day is never known to that day's own baseline
    ],
)
def test_an_event_is_learnt_by_the_training_that_could_know_it(when, day):
    made = activity_of(an_event(**as_role("web"), action="s3:GetObject", **when))
    assert made.days() == [(START + timedelta(days=day)).date()]


def test_a_cross_account_call_that_both_accounts_recorded_counts_once():
    twins = [
        an_event(**as_role("web"), action="sts:AssumeRole", shared_event_id="s", event_id=name, **at(1))
        for name in ("caller", "callee")
    ]
    made = activity_of(*twins)
    assert made.connection.sql("SELECT sum(calls) FROM every_joint").fetchall() == [(1,)]


@pytest.mark.parametrize("odd", [{"flags": ["future"]}, {"flags": ["past"]}, {"category": "NetworkActivity"}])
def test_what_is_stored_but_not_learnt_is_in_no_activity(odd):
    made = activity_of(an_event(**as_role("web"), action="s3:GetObject", **at(1)) | odd)
    assert made.days() == []


def test_aws_services_are_kept_and_not_judged():
    service = as_role("ec2") | {"kind": "aws_service"}
    made = activity_of(an_event(**service, action="sts:AssumeRole", **at(1)))
    assert made.connection.sql("SELECT count(*) FROM every_joint").fetchall() == [(1,)]
    assert made.delivered(START.date()).tokens.num_rows == 0


def test_a_workloads_credential_used_from_another_operator_is_a_fact():
    home = as_role("web") | {"session": "ASIAX/2026"}
    away = home | {"prefix": "192.0.2.0/24", "asn": 64999}
    rows = [an_event(**home, action="s3:GetObject", **at(1)), an_event(**away, action="s3:ListBuckets", **at(2))]
    tokens = activity_of(*rows).delivered(START.date()).tokens.to_pylist()
    assert [row["value"] for row in tokens if row["dimension"] == "fact"] == ["off_host"]


def test_what_a_principal_turns_out_to_be_later_changes_no_fact_of_before():
    ann = as_role("ann") | {"session": "ASIAX/2026", "kind": "human"}
    away = ann | {"prefix": "192.0.2.0/24", "asn": 64999}
    rows = [an_event(**ann, action="s3:GetObject", **at(1)), an_event(**away, action="s3:ListBuckets", **at(2))]
    later = an_event(**ann | {"kind": "workload", "identity": "other"}, action="s3:GetObject", **at(30))
    for held in (rows, [*rows, later]):
        made = activity_of(*held)
        assert "fact" not in made.delivered(START.date()).tokens["dimension"].to_pylist()
        assert made.members()[ann["principal"]]["kind"] == "human"
