"""An alert that tells of no attack has the cause of what happened to its principal at that time."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import Campaign
from benchmarks.causes import NOTHING, count_causes, read_oddities
from pipeline.simulate.truth import Oddity, Truth
from pipeline.stores.alert import Alert
from tests.builders import an_alert

NINE = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
ROLE, PEOPLE = "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/aws-reserved/engineer"
ATTACK = Campaign("c1", "simulator", "t", "loud", NINE, NINE, ("e1",))


def an_oddity(cause: str, arn: str = ROLE, name: str = "app", *, after: int = 0, hours: int = 24) -> Oddity:
    start = NINE + timedelta(hours=after)
    return Oddity(
        cause, arn, name, f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{start + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    )


def of_role(alert_id: str = "a", **named: Any) -> Alert:
    columns: dict[str, Any] = {
        "identities": [ROLE], "principal_kind": "workload", "principal_name": "app", "window_start": NINE,
        "window_end": NINE + timedelta(hours=2), "event_ids": ["usual"], "raised": True,
    }  # fmt: skip
    return an_alert(alert_id, **(columns | named))


def test_the_oddity_that_began_last_is_the_cause() -> None:
    oddities = [an_oddity("release", after=-10), an_oddity("permission bug", after=1), an_oddity("later", after=2)]
    assert count_causes([of_role()], [ATTACK], oddities) == {"permission bug": 1}


@pytest.mark.parametrize(
    "oddity",
    [an_oddity("before", after=-9, hours=9), an_oddity("after", after=2), an_oddity("another's", PEOPLE)],
    ids=lambda oddity: oddity.cause,
)
def test_what_happened_at_another_time_or_to_somebody_else_is_no_cause(oddity: Oddity) -> None:
    assert count_causes([of_role()], [ATTACK], [oddity]) == {NOTHING: 1}


def test_people_of_one_permission_set_are_told_apart_by_name() -> None:
    alert = of_role(identities=[PEOPLE], principal_kind="human", principal_name="ann")
    assert count_causes([alert], [], [an_oddity("travel", PEOPLE, "ben")]) == {NOTHING: 1}
    assert count_causes([alert], [], [an_oddity("travel", PEOPLE, "ann")]) == {"travel": 1}


def test_alerts_of_attacks_held_ones_and_earlier_revisions_are_not_counted() -> None:
    alerts = [
        of_role("attack", event_ids=["usual", "e1"]),
        of_role("held", raised=False),
        of_role("twice"), of_role("twice", revision=2),
        of_role("b", identities=["arn:aws:iam::111122223333:role/b"]),
    ]  # fmt: skip
    assert count_causes(alerts, [ATTACK], [an_oddity("release")]) == {NOTHING: 1, "release": 1}


def test_oddities_are_read_as_they_were_written(tmp_path: Path) -> None:
    truth = Truth(oddities=[an_oddity("release")])
    truth.write(tmp_path / "truth.json")
    assert [asdict(one) for one in read_oddities(tmp_path / "truth.json")] == json.loads(
        (tmp_path / "truth.json").read_text()
    )["oddities"]
    assert read_oddities(tmp_path / "truth.json") == truth.oddities
