"""What every store of alerts promises, whatever it is made of."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StoreError
from pipeline.stores.alert import VERSION, Alert
from pipeline.stores.home import open_store
from pipeline.stores.protocols import AlertStore
from tests import builders
from tests.builders import a_reason
from tests.pipeline.render.hostile import HOSTILE

ALERT_STORES: dict[str, Callable[[Path], AlertStore]] = {"jsonl": lambda home: open_store(home).alerts}

LONG = "x" * 100_000


def an_alert(alert_id: str = "a1", revision: int = 1, **named: Any) -> Alert:
    """A revision of medium strength about the role `ci`; name only what matters."""
    about = {"record_score": 50.0, "principal": "arn:aws:iam::111122223333:role/ci", "principal_name": "ci"}
    return builders.an_alert(alert_id, revision, **(about | {"detected_at": "2026-03-01T10:05:00Z"} | named))


@pytest.fixture(params=ALERT_STORES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def alerts(kind: str, home: Path) -> AlertStore:
    return ALERT_STORES[kind](home)


def ids(found: list[Alert]) -> list[str]:
    return [alert.alert_id for alert in found]


# what is written stays


def test_before_anything_is_written_there_are_no_alerts(alerts: AlertStore) -> None:
    assert alerts.revisions() == alerts.latest() == []
    assert alerts.append([]) == 0


def test_a_revision_is_read_back_whole(alerts: AlertStore) -> None:
    reasons = [a_reason(nats=1e-9), a_reason(text=LONG)]
    revision = an_alert(reasons=reasons, event_ids=["e"] * 100, evidence=-0.1, title="", identities=[""])
    alerts.append([revision])
    assert alerts.revisions() == alerts.latest() == [alerts.find("a1")] == [revision]


def test_revisions_are_added_in_the_order_they_are_written(alerts: AlertStore) -> None:
    assert alerts.append([an_alert(), an_alert("b2")]) == 2
    before = alerts.revisions()
    assert alerts.append([an_alert(revision=2, record_score=80.0)]) == 1
    assert alerts.revisions()[:2] == before
    assert [(alert.alert_id, alert.revision) for alert in alerts.revisions()] == [("a1", 1), ("b2", 1), ("a1", 2)]
    assert [alert.revision for alert in alerts.revisions("a1")] == [1, 2]
    assert alerts.revisions("a") == [], "an id that only starts so is another"


def test_writing_a_revision_twice_is_harmless(kind: str, home: Path) -> None:
    revisions = [an_alert(), an_alert(revision=2)]
    assert ALERT_STORES[kind](home).append([*revisions, *revisions]) == 2
    assert ALERT_STORES[kind](home).append(revisions) == 0
    assert ALERT_STORES[kind](home).revisions() == revisions


def test_a_revision_is_never_rewritten(alerts: AlertStore) -> None:
    alerts.append([an_alert(record_score=50.0)])
    assert alerts.append([an_alert(record_score=99.0, raised=False), an_alert("b2")]) == 1
    assert alerts.revisions("a1") == [an_alert(record_score=50.0)]


def test_what_is_handed_out_cannot_be_changed(alerts: AlertStore) -> None:
    alerts.append([an_alert()])
    found = alerts.find("a1")
    with pytest.raises(AttributeError, match="immutable"):
        found.record_score = 0.0  # type: ignore[misc]
    assert all(isinstance(part, tuple) for part in (found.reasons, found.accounts, found.influencers, found.event_ids))


def test_an_alert_that_only_a_later_version_understands_is_never_passed_over(kind: str, home: Path) -> None:
    ALERT_STORES[kind](home).append([an_alert(), an_alert("b2", version=VERSION + 1)])
    alerts = ALERT_STORES[kind](home)
    for read in (alerts.revisions, alerts.latest, lambda: alerts.find("a1"), lambda: alerts.append([an_alert("c3")])):
        with pytest.raises(StoreError, match=f"version {VERSION + 1}.* up to version {VERSION}: install"):
            read()


# what is found


def test_the_latest_revision_speaks_for_its_alert_whatever_the_order(alerts: AlertStore) -> None:
    alerts.append([an_alert(revision=2, record_score=80.0), an_alert(), an_alert("b2", record_score=60.0)])
    assert [(alert.alert_id, alert.record_score) for alert in alerts.latest()] == [("a1", 80.0), ("b2", 60.0)]
    assert alerts.find("a1").revision == 2


def test_the_strongest_come_first_and_equals_by_their_ids(alerts: AlertStore) -> None:
    alerts.append([an_alert("c"), an_alert("a"), an_alert("b", record_score=70.0), an_alert("d", record_score=100.0)])
    assert ids(alerts.latest()) == ["d", "b", "a", "c"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["c", "a", "b"]),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC)}, ["b"]),
        ({"since": datetime(2026, 3, 2, 0, 0, 1, tzinfo=UTC)}, []),
        ({"principal": "JANE"}, ["b"]),
        ({"principal": "role/ci"}, ["c", "a"]),
        ({"min_score": 50}, ["c", "a"]),
        ({"raised": True}, ["c", "b"]),
        ({"raised": False}, ["a"]),
        ({"raised": True, "principal": "ci", "min_score": 40, "since": datetime(2026, 3, 1, tzinfo=UTC)}, ["c"]),
    ],
)
def test_alerts_are_found_by_time_principal_score_and_raised(
    alerts: AlertStore, filters: dict[str, Any], found: list[str]
) -> None:
    alerts.append(
        [
            an_alert("a", raised=False),
            an_alert("b", principal_name="Jane", principal="x", record_score=30.0, detected_at="2026-03-02T00:00:00Z"),
            an_alert("c", record_score=90.0),
        ]
    )
    assert ids(alerts.latest(**filters)) == found


def test_filters_are_held_against_the_latest_revision_only(alerts: AlertStore) -> None:
    alerts.append([an_alert(record_score=90.0), an_alert(revision=2, record_score=95.0, raised=False)])
    assert alerts.latest(raised=True) == []
    assert ids(alerts.latest(min_score=95)) == ["a1"]


def test_the_start_of_an_id_is_enough_where_it_is_the_only_one(alerts: AlertStore) -> None:
    alerts.append([an_alert("abc1"), an_alert("abd2"), an_alert("abd22")])
    assert alerts.find("abc").alert_id == "abc1"
    assert alerts.find("abd2").alert_id == "abd2", "a whole id is itself, whatever goes on from it"
    with pytest.raises(StoreError, match="3 alerts' ids start with 'ab': give more of one, as in abc1"):
        alerts.find("ab")
    for unknown in ("zz", "", "*", "a%", "ab?1", "../abc1", "abc1\n"):
        with pytest.raises(StoreError, match="no alert's id starts with"):
            alerts.find(unknown)


# whatever somebody calls himself


@pytest.mark.parametrize("name", [*HOSTILE, '"}\n{"alert_id": "forged", "revision": 1}', "\n", "*", "%", ".*", ""])
def test_a_name_is_only_ever_a_name(alerts: AlertStore, name: str) -> None:
    revision = an_alert(principal_name=name, title=name, reasons=[a_reason(value=name)])
    alerts.append([revision, an_alert("bystander", principal_name="ci", principal="arn")])
    kept = name.replace("\ud800", "?")
    assert alerts.find("a1") == an_alert(principal_name=kept, title=kept, reasons=[a_reason(value=kept)])
    assert sorted(ids(alerts.revisions())) == ["a1", "bystander"]
    if kept:
        assert ids(alerts.latest(principal=kept)) == ["a1"]
    assert alerts.append([revision]) == 0


# while others write, and when one is killed


def _write_on(kind: str, home: Path, start: int) -> None:
    alerts = ALERT_STORES[kind](home)
    for number in range(start, start + 25):
        alerts.append([an_alert(f"alert-{number}", title=LONG)])


def _write_until_killed(kind: str, home: Path) -> None:
    alerts = ALERT_STORES[kind](home)
    for number in range(1_000_000):
        alerts.append(a_burst(number))


def a_burst(number: int) -> list[Alert]:
    return [an_alert(f"alert-{number}-{part}", title=LONG) for part in range(10)]


def started(target: Callable[..., None], *arguments: Any) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def test_two_writers_at_once_lose_nothing(kind: str, home: Path) -> None:
    writers = [started(_write_on, kind, home, start) for start in (0, 25)]
    for writer in writers:
        writer.join(timeout=60)
    found = ALERT_STORES[kind](home).revisions()
    assert sorted(ids(found)) == sorted(f"alert-{number}" for number in range(50))
    assert {alert.title for alert in found} == {LONG}


def test_a_reader_beside_a_writer_sees_whole_revisions_and_never_fewer(kind: str, home: Path) -> None:
    alerts = ALERT_STORES[kind](home)
    writer, before, sizes = started(_write_on, kind, home, 0), list[str](), set[int]()
    while len(before) < 25:
        found = alerts.revisions()
        assert {alert.title for alert in found} <= {LONG}
        assert ids(found)[: len(before)] == before
        before = ids(found)
        sizes.add(len(before))
        assert writer.is_alive() or len(before) == 25
    writer.join(timeout=60)
    assert len(sizes) > 2, "it was read while it was written"


@pytest.mark.parametrize("seed", range(3))
def test_a_writer_killed_half_way_leaves_whole_revisions_and_room_for_the_rest(
    kind: str, home: Path, seed: int
) -> None:
    alerts = ALERT_STORES[kind](home)
    writer = started(_write_until_killed, kind, home)
    while not alerts.revisions():
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0, 0.2))
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(timeout=60)
    found = alerts.revisions()
    written = [revision for number in range(len(found) // 10 + 1) for revision in a_burst(number)]
    assert found == written[: len(found)]
    assert alerts.append(written) == len(written) - len(found)
    assert alerts.revisions() == written
