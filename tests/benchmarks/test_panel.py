"""Desks beside the one that decides: each raises what it would alone, and the deciding one does not notice."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.campaigns import Campaign
from benchmarks.judge import judge_alerts
from benchmarks.panel import Panel, PanelDesk, by_budget, watched_by
from features.times.day import day_number
from models.hands import Hands
from models.history import DayRecord, History
from models.standing import Standing
from pipeline.detect.backtest import Backtest, run_backtest
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.worlds import START, a_company, a_theft, a_trail

THEFT_DAY = 16
BUDGET = 2.0


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records = a_company(days=19, people=4, roles=3) + a_theft(THEFT_DAY)
    return a_trail(tmp_path_factory.mktemp("trail"), records)


@pytest.fixture(scope="module")
def stolen(trail: Path) -> list[str]:
    files = [json.loads(gzip.decompress(path.read_bytes())) for path in sorted(trail.glob("*.json.gz"))]
    [address] = {row["address"] for row in a_theft(THEFT_DAY)}
    return [r["eventID"] for file in files for r in file["Records"] if r["sourceIPAddress"] == address]


def backtested(out: Path, trail: Path, **settings: Any) -> list[Alert]:
    run_backtest(
        Backtest([trail], START + timedelta(days=14), out),
        Settings(threads=1, memory=2**30, budget=settings.get("budget", BUDGET)),
    )
    return list(AlertsJsonl(out / "alerts.jsonl").revisions())


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, trail: Path) -> list[Alert]:
    return backtested(tmp_path_factory.mktemp("alone"), trail)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, trail: Path, stolen: list[str]) -> tuple[Panel, list[Alert]]:
    with watched_by(Panel([BUDGET, 0.01], stolen)) as panel:
        return panel, backtested(tmp_path_factory.mktemp("beside"), trail)


def test_the_deciding_desk_does_not_notice(alone: list[Alert], beside: tuple[Panel, list[Alert]]) -> None:
    assert alone
    assert beside[1] == alone


def test_a_desk_of_the_same_budget_raises_the_same(
    alone: list[Alert], beside: tuple[Panel, list[Alert]], stolen: list[str]
) -> None:
    panel, _ = beside
    alerts, raised = by_budget(panel)[BUDGET]
    assert raised == len({alert.alert_id for alert in alone if alert.raised})
    campaigns = [Campaign(one, "simulator", "mining", "loud", START, START, (one,)) for one in stolen]
    delivered = {event_id: event.delivered for event_id, event in panel.events.items()}
    mine, theirs = judge_alerts(alone, campaigns, delivered), judge_alerts(alerts, campaigns, delivered)
    assert len(mine.found) > 1
    assert (theirs.found, theirs.minutes, theirs.waited) == (mine.found, mine.minutes, mine.waited)


def test_a_desk_that_raises_later_finds_later(beside: tuple[Panel, list[Alert]], stolen: list[str]) -> None:
    panel, _ = beside
    campaigns = [Campaign("theft", "simulator", "mining", "loud", START, START, tuple(stolen))]
    alerts, _ = by_budget(panel)[BUDGET]
    hour = timedelta(hours=1)
    [name] = {alert.alert_id for alert in alerts}
    at = panel.beside[BUDGET].when[name]
    panel.beside[BUDGET].when[name] = at + hour
    later = judge_alerts(by_budget(panel)[BUDGET][0], campaigns)
    panel.beside[BUDGET].when[name] = at
    waited = judge_alerts(alerts, campaigns)
    assert later.minutes["theft"] == waited.minutes["theft"] + 60


def test_what_waited_for_a_desk_is_followed_once_it_is_raised() -> None:
    """Nothing of it changed at that tick, and another desk may have raised it before."""
    history, total = History(), np.linspace(1.0, 9.0, 40)
    history.add(DayRecord(13, 100, total, total, np.zeros(40, dtype=bool), {}, np.zeros(40), total))
    panel = Panel([2.0, 4.0], [])
    desk = PanelDesk(panel, 3.0)
    desk.start_day(history, history.calibration(), history.calibration("week"))
    strange = Standing(14, 1, 0, 30.0, {"write": 30.0}, [], None, None, 0.0, frozenset())

    def find_hands(standing: Standing, _: frozenset[str]) -> Hands:
        return Hands(told_by=5 if standing.tick < 5 else 0)

    for tick, standings in ((0, [strange]), (5, [])):
        assert desk.next_due() == (None if tick == 0 else 5)
        decisions = desk.review(standings, lambda _: frozenset(), find_hands=find_hands, tick=tick)
        assert len(decisions) == (tick == 5)
    assert {budget: beside.raised for budget, beside in panel.beside.items()} == {2.0: {(14, 1): 5}, 4.0: {(14, 1): 5}}
    assert [standing.tick for standing in panel._followed] == [5]
    assert desk.next_due() is None


def test_a_desk_without_room_raises_nothing(beside: tuple[Panel, list[Alert]]) -> None:
    alerts, raised = by_budget(beside[0])[0.01]
    assert raised == 0
    assert not alerts


def test_planted_events_are_known_by_principal_and_time(beside: tuple[Panel, list[Alert]], stolen: list[str]) -> None:
    events = beside[0].events
    assert len(stolen) == len(a_theft(THEFT_DAY))
    assert set(events) == set(stolen)
    for event in events.values():
        assert event.kind == "human"
        assert event.day == day_number((START + timedelta(days=THEFT_DAY)).date())
        assert event.called < event.delivered


def test_nothing_is_watched_after_the_block(trail: Path, tmp_path: Path, beside: tuple[Panel, list[Alert]]) -> None:
    before = list(beside[0].alerts)
    backtested(tmp_path / "out", trail)
    assert beside[0].alerts == before
