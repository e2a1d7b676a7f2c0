"""Numbers, credentials and states in words."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.alerts.wording import write_held, write_session
from pipeline.stores.alert import Alert, AlertSession, Held
from tests.builders import an_alert
from tests.pipeline.alerts.test_playbook import a_session, an_opener

UTC = ZoneInfo("UTC")


def lines(zone: ZoneInfo = UTC, **named: Any) -> list[str]:
    return write_session(msgspec.convert(a_session(**named), AlertSession), zone)


def held(because: Held | None, **named: Any) -> str:
    return write_held(msgspec.convert(an_alert(raised=False, **named).as_dict() | {"held_because": because}, Alert))


@pytest.mark.parametrize(
    ("because", "words"),
    [
        ("evidence", "too little evidence: 1.4 of 4"),
        ("score", "record score below 75"),
        ("others", "weaker than what the daily budget is kept for"),
        ("budget", "held back by the daily budget"),
        (None, ""),
    ],
)
def test_why_an_alert_was_not_raised_is_said_as_it_is(because: Held | None, words: str) -> None:
    assert held(because, evidence=1.44) == words


def test_of_a_raised_alert_nothing_is_said() -> None:
    assert write_held(an_alert()) == ""


def test_a_session_is_told_a_line_a_thing() -> None:
    assert lines(
        mfa=False, opened_by=[an_opener(), an_opener(access_key="", session_name="s")], issued_keys=["AKIAN"]
    ) == [
        "key ASIADEPLOY, session run, since 02 Mar 09:00, no MFA, 3 calls",
        "from 203.0.113.99",
        "with aws-cli/2.15.0",
        "opened by quentin (human) with key AKIAQUENTIN, from 198.51.100.7, sts:AssumeRole at 02 Mar 09:00:00",
        "and that one opened by quentin (human), session s, from 198.51.100.7, sts:AssumeRole at 02 Mar 09:00:00",
        "handed out 1 key: AKIAN",
    ]


def test_what_is_not_known_has_no_line() -> None:
    assert lines(access_key="", session_name="", started=None, addresses=[], agents=[], calls=1) == [
        "no access key, 1 call"
    ]


def test_times_are_those_of_the_zone() -> None:
    assert "since 02 Mar 18:00" in lines(ZoneInfo("Asia/Seoul"))[0]
