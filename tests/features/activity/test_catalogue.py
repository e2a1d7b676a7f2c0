"""Each feature means what its entry says."""

import math
from datetime import timedelta

import pytest

from features.activity.catalogue import CATALOGUE, NAMES
from tests.builders import NINE, an_event, vector, vectors

MINUTE = timedelta(minutes=1)
SYDNEY = {"country": "AU", "latitude": -33.87, "longitude": 151.21, "prefix": "198.51.100.0/24", "asn": 64501}


def test_a_vector_is_one_principals_hour():
    rows = vectors(
        [
            an_event(NINE),
            an_event(NINE + 59 * MINUTE),
            an_event(NINE + 60 * MINUTE),
            an_event(NINE, principal="user/ben"),
        ]
    )
    assert [(row["principal"], row["hour"], row["calls"]) for row in rows] == [
        ("user/ana", NINE, 2),
        ("user/ana", NINE + 60 * MINUTE, 1),
        ("user/ben", NINE, 1),
    ]


def test_columns_are_the_catalogues_in_its_order():
    assert list(vector(an_event())) == ["principal", "hour", *NAMES]


@pytest.mark.parametrize(
    ("name", "alike", "different"),
    [
        ("distinct_services", {"action": "s3:ListBuckets"}, {"action": "iam:ListUsers"}),
        ("distinct_actions", {"action": "s3:ListBuckets"}, {"action": "s3:GetBucketAcl"}),
        ("distinct_regions", {"region": "eu-west-1"}, {"region": "ap-northeast-2"}),
        ("distinct_countries", {"prefix": "192.0.2.0/24"}, SYDNEY),
        ("distinct_networks", {"prefix": "192.0.2.0/24"}, SYDNEY),
        ("distinct_agents", {"agent": "terraform"}, {"agent": "boto3"}),
        ("distinct_resources", {"resources": ["bucket:a"]}, {"resources": ["bucket:b"]}),
        ("distinct_accounts", {"account": "222222222222"}, {"account": "333333333333"}),
        ("sessions", {"session": "one"}, {"session": "two"}),
    ],
)
def test_distinct_things_are_counted_once(name, alike, different):
    assert vector(an_event(**alike), an_event(**alike))[name] == 1
    assert vector(an_event(**alike), an_event(**alike), an_event(**different))[name] == 2


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        ("distinct_regions", {"region": ""}),
        ("distinct_countries", {"country": ""}),
        ("distinct_countries", {"prefix": "", "address_kind": "aws_internal"}),
        ("distinct_networks", {"asn": 0}),
        ("distinct_agents", {"agent": ""}),
        ("distinct_agents", {"agent": "service:cloudformation"}),
        ("distinct_resources", {"resources": []}),
        ("sessions", {"session": ""}),
    ],
)
def test_what_is_not_known_is_not_counted(name, nothing):
    assert vector(an_event(**nothing))[name] == 0


def test_shares_are_of_calls():
    row = vector(
        an_event(error="denied"),
        an_event(error="throttle"),
        an_event(action="iam:CreateUser", write=True, level="permissions"),
        an_event(),
    )
    assert (row["error_share"], row["denied_share"], row["write_share"]) == (0.5, 0.25, 0.25)


def test_entropy_is_nothing_for_one_service_and_ln_n_for_n_alike():
    services = ["s3:ListBuckets", "iam:ListUsers", "ec2:DescribeVpcs", "kms:ListKeys"]
    assert vector(*[an_event(action="s3:ListBuckets")] * 7)["service_entropy"] == 0
    assert vector(*[an_event(action=action) for action in services * 3])["service_entropy"] == pytest.approx(
        math.log(4)
    )


def test_entropy_weighs_services_by_their_calls():
    row = vector(*[an_event(action="s3:ListBuckets") for _ in range(9)], an_event(action="iam:ListUsers"))
    assert row["service_entropy"] == pytest.approx(-0.9 * math.log(0.9) - 0.1 * math.log(0.1))


def test_levels_count_once_and_the_highest_outweighs_the_others():
    low = [an_event(level=level) for level in ("list", "read", "tagging", "write")] * 2
    assert vector(*low)["level_weight"] == 1 + 2 + 4 + 8
    assert vector(an_event(level="permissions"))["level_weight"] == 16
    assert vector(an_event(level="unheard of"))["level_weight"] == 0


def test_the_hour_of_the_week_is_the_deployments():
    monday_nine_in_seoul = vector(an_event(NINE - timedelta(hours=9)), timezone="Asia/Seoul")
    monday_nine = vector(an_event(NINE))
    assert monday_nine["hour_of_week_sin"] == pytest.approx(math.sin(2 * math.pi * 9 / 168))
    assert monday_nine["hour_of_week_cos"] == pytest.approx(math.cos(2 * math.pi * 9 / 168))
    for name in ("hour_of_week_sin", "hour_of_week_cos"):
        assert monday_nine_in_seoul[name] == monday_nine[name]


def test_credential_age_is_that_of_the_oldest_when_last_used():
    row = vector(
        an_event(NINE + 30 * MINUTE, session="old", session_start=NINE - timedelta(hours=3)),
        an_event(NINE + 50 * MINUTE, session="new", session_start=NINE),
        an_event(NINE, session="long-lived"),
    )
    assert row["credential_age"] == 3.5


def test_a_clock_that_runs_ahead_gives_no_negative_age():
    assert vector(an_event(NINE, session_start=NINE + MINUTE))["credential_age"] == 0


def test_a_catalogue_tells_an_analyst_what_each_feature_means():
    assert len(set(NAMES)) == len(CATALOGUE) >= 19
    for feature in CATALOGUE:
        assert feature.meaning.endswith("."), feature.name
        assert feature.unit, feature.name
