import numpy as np
import pytest

from models.circles import Circles
from models.rates import FirstRates
from models.surprise import MOST_NATS, RESOURCE_MOST_NATS, score_tokens, surprise
from tests.models import baselines
from tests.models.baselines import DAY, learn, rows_of, traits_of


@pytest.fixture
def settled():
    return baselines.settled()


def nats(baseline, *tokens, who=0):
    """Evidence of tokens (dimension, value, level) of one principal's day, by value."""
    rows = rows_of(baseline, *tokens, who=who)
    items = score_tokens(baseline, Circles(baseline), FirstRates(baseline), traits_of(baseline), rows)
    return {baseline.token(int(t))[1]: n for t, n in zip(items.token, items.nats, strict=True)}


def test_a_habit_is_no_evidence(settled):
    assert (
        nats(
            settled, ("read", "s3:ListBuckets", "list"), ("country", "DE", ""), ("write", "ecs:UpdateService", "write")
        )
        == {}
    )


def test_the_wider_the_circle_that_knows_a_change_the_less_likely_it_was_its_turn(settled):
    found = nats(
        settled,
        ("write", "lambda:CreateFunction", "write"),  # her peer does it daily
        ("write", "sqs:CreateQueue", "write"),  # somebody elsewhere does
        ("write", "cloudtrail:StopLogging", "write"),  # nobody ever did
    )
    assert found.get("lambda:CreateFunction", 0) < found["sqs:CreateQueue"] < found["cloudtrail:StopLogging"]


def test_a_first_stop_logging_outweighs_a_first_describe(settled):
    found = nats(settled, ("write", "cloudtrail:StopLogging", "write"), ("read", "ec2:DescribeVpcs", "list"))
    assert found["cloudtrail:StopLogging"] > found.get("ec2:DescribeVpcs", 0) + 3


def test_a_country_nobody_uses_is_stranger_than_a_colleagues(settled):
    found = nats(settled, ("country", "KP", ""), ("country", "FR", ""))
    assert found["KP"] > found["FR"] > 0


def test_a_resource_gives_at_most_four_nats_even_where_nobody_ever_touches_a_new_one(settled):
    buckets = settled.dimensions.get("resource:bucket")
    settled.hours[:, buckets] *= 1e4
    settled.settled_hours[:, buckets] *= 1e4
    assert nats(settled, ("resource:bucket", "crown-jewels", ""))["crown-jewels"] == RESOURCE_MOST_NATS


def test_nothing_gives_more_than_the_cap(settled):
    found = nats(settled, *[("write", name, "permissions") for name in ("iam:CreateAccessKey", "iam:PutUserPolicy")])
    assert all(0 < value <= MOST_NATS for value in found.values())


def test_what_was_done_once_long_ago_is_rarer_than_a_habit_and_less_than_a_first(settled):
    token = ("write", "kms:CreateKey", "write")
    first = nats(settled, token)["kms:CreateKey"]
    learn(settled, DAY, (0, "write", "kms:CreateKey", 1))
    settled.pairs.hours[:] *= 0.5  # forty-five days later
    settled.hours[:] *= 0.5
    assert 0 < nats(settled, token)["kms:CreateKey"] < first


def test_somebody_who_explores_surprises_less(settled):
    explorer = [(1, "read", f"iam:ListThing{n}", 1) for n in range(20)]
    learn(settled, DAY, *explorer, (0, "read", "s3:ListBuckets", 6))
    token = ("read", "glue:GetDatabases", "list")
    assert nats(settled, token, who=1).get("glue:GetDatabases", 0) < nats(settled, token, who=0)["glue:GetDatabases"]


def test_a_denied_call_weighs_more_where_denials_are_rare(settled):
    rare = nats(settled, ("denied", "s3:ListBuckets", ""))["s3:ListBuckets"]
    learn(settled, DAY, *[(p, "denied", "s3:ListBuckets", 6) for p in (1, 2, 3)], (0, "read", "s3:ListBuckets", 1))
    assert nats(settled, ("denied", "s3:ListBuckets", "")).get("s3:ListBuckets", 0) < rare


def test_evidence_is_the_log_of_a_ratio_never_negative_and_capped():
    probability, attack = np.array([1e-5, 0.5, 1e-12, 1e-12]), np.array([2e-3, 2e-3, 1.0, 1.0])
    most = np.array([MOST_NATS, MOST_NATS, MOST_NATS, RESOURCE_MOST_NATS])
    assert surprise(probability, attack, most).tolist() == pytest.approx([np.log(200), 0.0, 12.0, 4.0])


def test_what_scores_is_what_is_tested(settled, monkeypatch):
    """The formula is called for every token; a copy beside it would not notice."""
    token = ("write", "cloudtrail:StopLogging", "write")
    before = nats(settled, token)
    monkeypatch.setattr("models.surprise.surprise", lambda p, q, most: surprise(p, q, most) / 2)
    assert nats(settled, token) == {value: found / 2 for value, found in before.items()}
