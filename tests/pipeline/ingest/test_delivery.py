"""What a delivered file's name says, and what it does not."""

from datetime import UTC, datetime
from pathlib import PurePath

import pytest

from pipeline.ingest.delivery import Delivery, origin_of, read_delivery

AT = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
NAME = "111122223333_CloudTrail_eu-west-1_20260302T1205Z_AbCd1234EfGh5678.json.gz"


@pytest.mark.parametrize("folder", ["", "AWSLogs/111122223333/CloudTrail/", "C:\\trail\\", "s3://bucket/a_b_c/"])
def test_account_region_and_minute_are_read_wherever_the_file_lies(folder: str) -> None:
    assert read_delivery(folder + NAME) == Delivery("111122223333", "eu-west-1", AT)


def test_files_of_insights_and_digests_tell_the_same() -> None:
    for kind in ("CloudTrail-Insight", "CloudTrail-Digest"):
        assert read_delivery(NAME.replace("CloudTrail", kind)) == Delivery("111122223333", "eu-west-1", AT)


@pytest.mark.parametrize(
    "name",
    [
        "events.json",
        "",
        "11112222333_" + NAME[13:],
        NAME.replace("1205Z", "1205"),
        NAME.replace("20260302", "2026٠302"),
    ],
)
def test_another_name_says_nothing(name: str) -> None:
    assert read_delivery(name) == Delivery()


@pytest.mark.parametrize("minute", ["20261302T1205", "20260302T2505", "00000302T1205"])
def test_a_minute_that_does_not_exist_leaves_account_and_region(minute: str) -> None:
    assert read_delivery(NAME.replace("20260302T1205", minute)) == Delivery("111122223333", "eu-west-1")


def test_copies_of_a_bucket_have_one_origin() -> None:
    copies = ("/one/AWSLogs/1/a.json", "two/AWSLogs/1/a.json", "/old/AWSLogs/x/AWSLogs/1/a.json")
    assert {origin_of(PurePath(path)) for path in copies} == {"AWSLogs/1/a.json"}
    assert origin_of(PurePath("/one/a.json")) == "a.json"


def test_an_origin_is_text_whatever_bytes_the_name_is_of() -> None:
    assert origin_of(PurePath("/one/caf\udce9.json")) == "caf\ufffd.json"
