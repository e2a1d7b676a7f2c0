"""Influencers: values without whose events a good part of the evidence would not be there."""

import numpy as np
import pandas as pd
import pytest

from models.explain import Reason
from pipeline.alerts.influencers import LEAST_SHARE, MOST_VALUES, find_influencers

EVENTS = {"action": "s3:ListBuckets", "address": "198.51.100.7", "region": "", "agent": "boto3", "account": "1"}


def frame(*rows):
    return pd.DataFrame([EVENTS | row for row in rows])


def weighing(*nats):
    return [Reason("surprise", "read", f"value{place}", 0.0, 1.0, each, "", 1) for place, each in enumerate(nats)]


def found(events, nats, masks):
    return find_influencers(events, weighing(*nats), [np.array(mask, dtype=bool) for mask in masks])


def by_field(influencers):
    return {influencer.field: (influencer.values, influencer.share) for influencer in influencers}


def test_a_value_carries_the_reasons_whose_every_event_has_it():
    events = frame({"address": "192.0.2.66"}, {"address": "192.0.2.66"}, {})
    influencers = by_field(found(events, [6.0, 2.0], [[1, 1, 0], [0, 1, 1]]))
    assert influencers["source.address"] == (("192.0.2.66",), 0.75)  # the second reason has an event from elsewhere
    assert influencers["event.action"] == (("s3:ListBuckets",), 1.0)


def test_the_strongest_come_first_and_of_a_field_the_value_that_carries_most():
    events = frame({"action": "iam:CreateUser", "account": "2"}, {"action": "iam:ListUsers"}, {"account": "2"})
    influencers = found(events, [3.0, 5.0], [[1, 0, 0], [0, 1, 0]])
    assert [influencer.share for influencer in influencers] == sorted((i.share for i in influencers), reverse=True)
    assert by_field(influencers)["event.action"] == (("iam:ListUsers", "iam:CreateUser"), 0.625)
    assert by_field(influencers)["cloud.account.id"] == (("1", "2"), 0.625)


def test_values_that_carry_alike_stand_in_the_order_of_the_alphabet():
    events = frame({"action": "b"}, {"action": "a"})
    assert by_field(found(events, [1.0, 1.0], [[1, 0], [0, 1]]))["event.action"] == (("a", "b"), 0.5)


def test_what_carries_little_and_what_is_empty_is_not_named():
    events = frame({"agent": "aws-cli"}, {"agent": "boto3"})
    influencers = by_field(found(events, [LEAST_SHARE - 0.01, 1 - LEAST_SHARE + 0.01], [[1, 0], [0, 1]]))
    assert influencers["user_agent.name"][0] == ("boto3",)
    assert "cloud.region" not in influencers


def test_so_many_values_of_a_field_are_named():
    number = MOST_VALUES + 2
    events = frame(*({"action": f"iam:Call{place}"} for place in range(number)))
    influencers = by_field(found(events, [1.0] * number, np.eye(number)))
    assert len(influencers["event.action"][0]) == MOST_VALUES


@pytest.mark.parametrize(("rows", "nats", "masks"), [([{}], [], []), ([], [2.0], [[]])])
def test_without_reasons_or_events_nothing_carries_anything(rows, nats, masks):
    assert found(frame({}).iloc[: len(rows)], nats, masks) == ()


def test_a_reason_without_events_is_carried_by_nothing():
    assert found(frame({}), [2.0], [[0]]) == ()
