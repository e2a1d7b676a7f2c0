"""What models of vectors say, on the alert: their record scores, and what made the strangest hour strange."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from pipeline.alerts.scores import write_scores
from pipeline.render.alert import render_scores
from tests.builders import an_alert
from tests.walks import walk_through
from tests.worlds import START, a_company, an_event, as_person, numbered

BURST_DAY = 10
VICTIM = as_person("person1")


def a_burst() -> list[dict[str, Any]]:
    """An hour of an ordinary person who asks every region for everything, and later changes something."""
    begins = START + timedelta(days=BURST_DAY, hours=11)
    asked = [
        an_event(
            **VICTIM | {"region": f"region-{n % 17}"},
            action=f"ec2:DescribeThing{n % 60}",
            event_time=begins + timedelta(seconds=9 * n),
            error="denied" if n % 3 == 0 else "",
        )
        for n in range(300)
    ]
    later = begins + timedelta(hours=3)
    changed = [
        an_event(**VICTIM | {"country": "KP", "prefix": "192.0.2.0/24"}, action=action, write=True, event_time=later)
        for action in ("iam:CreateUser", "iam:CreateAccessKey")
    ]
    return numbered(asked + changed, "burst")


@pytest.fixture(scope="module")
def day():
    return walk_through(a_company(days=BURST_DAY + 1, people=12, roles=6) + a_burst())[-1]


def test_a_burst_of_an_ordinary_person_is_the_strangest_hour_and_is_told_why(day):
    alert = [one for one in day.alerts if one.principal_key == "idc/person1"][-1]
    assert alert.scores.incident == alert.record_score
    assert alert.scores.population > 75
    assert alert.scores.forest > 50
    told = [one for one in alert.measures if one.model == "population"]
    assert 0 < len(told) <= 3
    assert {one.measure for one in told} <= {"regions", "calls", "actions", "denied", "errors"}
    assert all(one.actual > 3 * one.typical for one in told)
    assert told[0].hour == START + timedelta(days=BURST_DAY, hours=11)
    assert 0 < sum(one.share for one in told) <= 1


def test_a_score_is_of_hours_that_were_closed_by_the_revisions_tick(day):
    mine = [one for one in day.alerts if one.principal_key == "idc/person1"]
    closes = START + timedelta(days=BURST_DAY, hours=12, minutes=15)
    before = [one for one in mine if one.detected_at < closes]
    assert before
    assert all((one.scores.population or 0) < 75 for one in before)


def test_a_line_says_them_side_by_side_and_names_are_no_markup():
    hostile = {
        "model": "pyod:[red]\x1b[2J", "measure": "calls", "typical": 1.0, "actual": 9.0, "share": 1.0,
        "text": "[bold]\x1b]0;x\x07", "hour": START,
    }  # fmt: skip
    alert = an_alert(scores={"incident": 97.2, "forest": 93.4, "population": 88.0}, measures=[hostile])
    assert write_scores(alert) == "isolation forest 93, population 88, incident 97"
    shown = "".join(str(part) for part in render_scores(alert, UTC).renderables)
    assert "\x1b" not in shown
    assert f"of {START:%d %b %H:%M}: [bold]" in shown
    assert write_scores(an_alert()) == ""
