"""Every text that holding logs against digests can tell is told in Korean, with its names and commands as they are."""

import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from pipeline.reports.integrity_words import tell_integrity, tell_integrity_head
from pipeline.watch import finding
from pipeline.words.catalogue import find_words
from pipeline.words.words import ENGLISH
from tests.digests import ACCOUNT

KOREAN = find_words("ko")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = [f"{ACCOUNT}_CloudTrail_eu-west-1_20260302T{hour:02d}00Z_abcdef.json.gz" for hour in range(5)]


class Digest:
    """A digest as texts name it."""

    account, region, home, trail = ACCOUNT, "eu-west-1", "eu-west-1", "main"
    start = end = NOON


def texts() -> dict[str, str]:
    told = Digest()
    command = finding.write_command(told, NOON, None)  # type: ignore[arg-type]
    found = {
        f"objects {len(missing)} {len(changed)}": finding.tell_objects(told, told, missing, changed)  # type: ignore[arg-type]
        + finding.ask_next(command, told, standing)  # type: ignore[arg-type]
        for missing, changed in ((NAMES[:1], ()), ((), NAMES[:2]), (NAMES, NAMES[:1]))
        for standing in ("verified", "unsigned")
    }
    for what in ("chain_begins", "digest_missing", "chain_ends", "digest_changed"):
        text = finding.tell_broken(what, told, None, NOON, NAMES[0])  # type: ignore[arg-type]
        found[what] = text + finding.ask_next(command, told, "unsigned")  # type: ignore[arg-type]
    found["unread"] = finding.tell_unread(ACCOUNT, NAMES[:2], "AccessDenied")
    for account in (ACCOUNT, ""):
        found[f"more{account}"] = finding.tell_more(account, 1, command)
        found[f"unbelieved{account}"] = finding.tell_unbelieved(account, NAMES[0], "no JSON")
        found[f"unreadable{account}"] = finding.tell_unreadable(account, NAMES[0], "AccessDenied")
    return found


@pytest.mark.parametrize("name", texts())
def test_each_text_is_told_whole(name):
    text = texts()[name]
    said = tell_integrity(text, KOREAN)
    assert tell_integrity(text, ENGLISH) == text
    assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub("aws cloudtrail [^(,.]*", "", said)), said
    assert [one for one in NAMES if one in text] == [one for one in NAMES if one in said]
    assert re.findall(r"aws cloudtrail \S+ --\S+", text) == re.findall(r"aws cloudtrail \S+ --\S+", said)


def test_each_kind_has_a_head_of_its_own():
    event = {"account": ACCOUNT, "region": "eu-west-1", "count": 1}
    heads = {tell_integrity_head(event | {"what": what}, ENGLISH) for what in get_args(finding.What)}
    assert len(heads) == len(get_args(finding.What))
    assert f"1 log file of {ACCOUNT}, eu-west-1 is missing or was changed" in heads
    assert f"2 log files of {ACCOUNT} could not be read" in tell_integrity_head(
        {"what": "unread", "account": ACCOUNT, "count": 2}, ENGLISH
    )
