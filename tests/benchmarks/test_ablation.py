"""A part that is off is off, and only for the walk it is off in; the whole finds what a backtest finds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ablation import VARIANTS, WHOLE, opened, walk
from benchmarks.panel import Panel, by_budget
from models.combine import FAMILIES
from models.standing import Standing
from pipeline.detect.activity import Activity
from pipeline.detect.backtest import Backtest, run_backtest
from pipeline.settings import Settings
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.benchmarks.test_panel import THEFT_DAY
from tests.worlds import START, a_company, a_theft, a_trail

TRAIN_UNTIL = START + timedelta(days=14)
SETTINGS = Settings(threads=1, memory=2**30, budget=2.0)


class Watching(Panel):
    """A panel that remembers what it saw."""

    def __init__(self) -> None:
        super().__init__([2.0], ["none"])
        self.seen: list[Standing] = []

    def review(self, standings: list[Standing], *given: Any, **named: Any) -> None:
        self.seen += standings
        super().review(standings, *given, **named)


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trail")
    a_trail(folder / "AWSLogs", a_company(days=19, people=4, roles=3) + a_theft(THEFT_DAY))
    return folder


@pytest.fixture(scope="module")
def activity(trail: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Activity]:
    with opened(trail, tmp_path_factory.mktemp("store"), SETTINGS) as activity:
        yield activity


def walked(activity: Activity, variant: str) -> Watching:
    panel = Watching()
    with VARIANTS[variant]():
        walk(activity, SETTINGS, TRAIN_UNTIL, panel)
    return panel


@pytest.fixture(scope="module")
def whole(activity: Activity) -> Watching:
    return walked(activity, WHOLE)


def totals(panel: Watching) -> list[float]:
    return [standing.total for standing in panel.seen]


def test_the_whole_raises_what_a_backtest_raises(trail: Path, tmp_path: Path, whole: Watching) -> None:
    run_backtest(Backtest([trail / "AWSLogs"], TRAIN_UNTIL, tmp_path), SETTINGS)
    raised = {alert.alert_id for alert in AlertsJsonl(tmp_path / "alerts.jsonl").revisions() if alert.raised}
    assert raised
    assert by_budget(whole)[2.0][1] == len(raised)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_that_is_off_adds_nothing(family: str, activity: Activity, whole: Watching) -> None:
    without = walked(activity, f"without {family}")
    assert without.seen
    assert all(standing.families[family] == 0 for standing in without.seen)
    if any(standing.families[family] for standing in whole.seen):
        assert totals(without) != totals(whole)


@pytest.mark.parametrize("variant", ["writes weigh no more", "without the kind's prior", "without bunching"])
def test_a_part_that_is_off_changes_what_days_add_up_to(variant: str, activity: Activity, whole: Watching) -> None:
    assert totals(walked(activity, variant)) != totals(whole)


def test_a_variant_leaves_nothing_behind(activity: Activity, whole: Watching) -> None:
    for variant in ("without waves", "without visits", "everybody one group"):
        walked(activity, variant)
    assert totals(walked(activity, WHOLE)) == totals(whole)
