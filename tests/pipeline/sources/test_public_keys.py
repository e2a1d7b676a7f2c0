"""CloudTrail's keys are asked for where they are needed, seldom, and never where somebody else says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from pipeline.errors import SettingsError
from pipeline.sources.address import OWN
from pipeline.sources.aws import make_client
from pipeline.sources.public_keys import CloudTrailKeys, find_keys
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Played:
    """CloudTrail of a region."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, list[dict[str, Any]]()

    def list_public_keys(self, **asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"PublicKeyList": [{"Fingerprint": name, "Value": value} for name, value in self.answer.items()]}


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def keys_of(answer: Any) -> tuple[CloudTrailKeys, Played, Time, list[str]]:
    played, time, made = Played(answer), Time(), list[str]()

    def make(region: str) -> Played:
        made.append(region)
        return played

    return CloudTrailKeys(OWN, make, time), played, time, made


def test_a_key_is_asked_for_once_in_its_region_around_its_time():
    keys, played, _, made = keys_of({"a": b"1", "b": b"2"})
    assert [keys.find("eu-west-1", name, AT) for name in ("a", "b", "a")] == [b"1", b"2", b"1"]
    assert (len(played.asked), made) == (1, ["eu-west-1"])
    assert played.asked[0]["StartTime"] < AT < played.asked[0]["EndTime"]
    assert keys.find("us-east-1", "a", AT) == b"1"
    assert made == ["eu-west-1", "us-east-1"], "a key of one region is none of another"


def test_what_is_not_known_is_asked_again_after_an_hour():
    keys, played, time, _ = keys_of({})
    assert [keys.find("eu-west-1", "a", AT) for _ in range(3)] == [None] * 3
    assert len(played.asked) == 1
    keys.find("eu-west-1", "a", AT + timedelta(days=1))
    assert len(played.asked) == 2
    time.now, played.answer = 3600.0, {"a": b"1"}
    assert keys.find("eu-west-1", "a", AT) == b"1"


@pytest.mark.parametrize("region", ["evil", "eu-west-1.example.com", "", "x" * 32, "zz-nowhere-1"])
def test_a_region_that_aws_has_not_is_never_asked(region):
    keys, _, _, made = keys_of({"a": b"1"})
    assert keys.find(region, "a", AT) is None
    assert made == []


def test_many_digests_of_many_days_ask_so_often_and_no_more():
    keys, played, _, _ = keys_of({})
    for day in range(1000):
        keys.find("eu-west-1", "a", AT - timedelta(days=day))
    assert len(played.asked) == 400


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListPublicKeys"),
        EndpointConnectionError(endpoint_url="https://cloudtrail.eu-west-1.amazonaws.com"),
        SettingsError("no credentials"),
    ],
)
def test_an_error_is_told_and_the_region_is_not_asked_for_an_hour(error):
    keys, played, time, _ = keys_of(error)
    asked = ("eu-west-1", "us-east-1", "eu-west-1", "us-east-1")
    assert [keys.find(region, "a", AT) for region in asked] == [None] * 4
    assert len(played.asked) == 2
    assert keys.problem
    time.now, played.answer = 3600.0, {"a": b"1"}
    assert (keys.find("eu-west-1", "a", AT), keys.problem) == (b"1", "")


def test_what_has_to_be_allowed_is_named():
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListPublicKeys")
    keys, *_ = keys_of(denied)
    keys.find("eu-west-1", "a", AT)
    assert "cloudtrail:ListPublicKeys" in keys.problem


def test_only_where_signatures_come_with_the_files_are_keys_asked_for(tmp_path):
    assert find_keys([str(tmp_path)]) is None
    assert find_keys([str(tmp_path), "s3://trail-bucket/AWSLogs/"]) is not None


class Slow(Played):
    """A region that answers after some seconds, or gives up after them."""

    def __init__(self, answer: Any, time: Time, seconds: float) -> None:
        super().__init__(answer)
        self.time, self.seconds = time, seconds

    def list_public_keys(self, **asked: Any) -> Any:
        self.time.now += self.seconds
        return super().list_public_keys(**asked)


UNREACHABLE = EndpointConnectionError(endpoint_url="https://cloudtrail.eu-west-1.amazonaws.com")
REGIONS = ["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]


def test_where_nobody_answers_a_tick_waits_for_seconds_and_the_next_ones_ever_more_seldom():
    time = Time()
    slow = Slow(UNREACHABLE, time, 7.0)
    keys, waited = CloudTrailKeys(OWN, lambda _: slow, time), list[float]()
    for minute in range(240):
        began = time.now = max(time.now, 60.0 * minute)
        for region in REGIONS:
            keys.find(region, "a", AT)
        waited.append(time.now - began)
        assert keys.problem, "whoever judges knows that signatures are not verified"
    assert max(waited) <= 14
    assert sum(1 for seconds in waited if seconds) < 15
    slow.answer, time.now = {"a": b"1"}, time.now + 3600
    assert [keys.find(region, "a", AT) for region in REGIONS[:1]] == [b"1"]


def test_where_answers_take_long_the_rest_is_asked_in_the_next_minutes():
    time = Time()
    slow = Slow({"a": b"1"}, time, 4.0)
    keys = CloudTrailKeys(OWN, lambda _: slow, time)
    found = [keys.find(region, "a", AT) for region in REGIONS]
    assert (found, time.now) == ([b"1"] * 3 + [None] * 5, 12.0)
    assert "later" in keys.problem
    time.now = 61.0
    assert [keys.find(region, "a", AT) for region in REGIONS[:6]] == [b"1"] * 6


def test_one_region_that_does_not_answer_keeps_no_other_back():
    time = Time()
    away, near = Slow(UNREACHABLE, time, 7.0), Slow({"a": b"1"}, time, 0.0)
    keys = CloudTrailKeys(OWN, lambda region: away if region == "me-south-1" else near, time)
    assert [keys.find(region, "a", AT) for region in ("me-south-1", "eu-west-1", "us-east-1")] == [None, b"1", b"1"]


def test_a_client_of_keys_gives_up_after_seconds_and_one_of_logs_does_not(monkeypatch):
    monkeypatch.setattr("pipeline.sources.aws.find_credentials", lambda *_: None)
    keys, logs = (make_client("cloudtrail", OWN._replace(region="eu-west-1"), patient=patient) for patient in (0, 1))
    for client, seconds, tries in ((keys, 7, 2), (logs, 70, 8)):
        config = client.meta.config
        assert config.connect_timeout + config.read_timeout == seconds
        assert config.retries["total_max_attempts"] == tries


def test_regions_that_somebody_names_keep_none_from_being_asked_that_answered():
    """Whoever writes a digest chooses its region; one whose keys cannot be had takes no doubt off another."""
    time = Time()
    away, near = Slow(UNREACHABLE, time, 7.0), Slow({"a": b"1"}, time, 0.1)
    keys = CloudTrailKeys(OWN, lambda region: near if region == "eu-west-1" else away, time)
    assert keys.find("eu-west-1", "a", AT) == b"1"
    for region in REGIONS[1:]:
        keys.find(region, "a", AT)
    assert keys.problem
    assert keys.problem_of("us-east-1")
    assert keys.problem_of("eu-west-1") == ""
    assert (keys.find("eu-west-1", "b", AT + timedelta(days=5)), len(near.asked)) == (None, 2)


def test_the_next_process_knows_keys_and_who_did_not_answer():
    state, time = SqliteState(Database(":memory:")), Time()
    away, near = Slow(UNREACHABLE, time, 7.0), Slow({"a": b"1"}, time, 0.1)

    def begin() -> CloudTrailKeys:
        keys = CloudTrailKeys(OWN, lambda region: near if region == "eu-west-1" else away, time)
        keys.remember_in(state, lambda: 1e9 + time.now)
        return keys

    for region in REGIONS:
        begin().find(region, "a", AT)
    asked, began = len(away.asked), time.now
    assert asked < 4, "each in a process of its own"
    assert begin().find("eu-west-1", "a", AT) == b"1"
    assert begin().problem_of("us-east-2")
    assert (len(near.asked), len(away.asked), time.now) == (1, asked, began)
    time.now += 7200
    begin().find("eu-west-2", "a", AT)
    assert len(away.asked) == asked + 1
