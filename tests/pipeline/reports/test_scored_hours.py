"""What the population report reads: labels instead of keys, vectors as models see them, the days asked for."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from features.activity.closed import MEANINGS
from models.model import Model
from models.priors import AttackPriors
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.coding import coded, coded_hours
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import NoHistoryError, StoreError
from pipeline.ingest.run import ingest
from pipeline.reports.scored_hours import MOST_PEERS, choose_peers, make_labels, open_population
from pipeline.reports.source import DEMO_HOME
from pipeline.stores.home import open_store
from pipeline.stores.parquet.hour_scores import FOLDER, SCHEMA
from tests.builders import an_alert
from tests.pipeline.detect.conftest import NOW, settings_of
from tests.pipeline.reports.test_source import a_home
from tests.worlds import START, a_company, a_theft, a_trail, an_event, as_person

DAYS = 17
FIRST, LAST = START.date(), START.date() + timedelta(days=DAYS - 1)


def a_scored_home(folder: Path) -> Path:
    """A company of four engineers and four roles, one engineer's session stolen, trained and scored."""
    rows = a_company(days=DAYS, people=4, roles=4) + a_theft(14, victim=as_person("person1"))
    home = folder / "home"
    with open_store(home) as store:
        ingest([a_trail(folder / "trail", rows)], store.events, now=NOW)
        train(store, settings_of(home), NOW)
        score(store, settings_of(home), NOW)
    return home


def a_score(principal: str, day: date, **named: object) -> dict[str, object]:
    hour = START + (day - FIRST) + timedelta(hours=9)
    return {
        "principal": principal, "principal_name": principal, "principal_kind": "human", "day": day, "hour": hour,
        "scored_at": hour + timedelta(minutes=75), "model": "population", "raw_score": 9.0, "record_score": 90.0,
        "measures": [{"measure": "calls", "typical": 2.0, "actual": 40.0, "share": 1.0}],
    } | named  # fmt: skip


def put(home: Path, day: date, *rows: dict[str, object]) -> None:
    with open_store(home) as store:
        store.hour_scores.put(day, pa.Table.from_pylist(list(rows), schema=SCHEMA))


@pytest.mark.parametrize("part", [150_000, 100])
def test_hours_hold_the_vectors_that_models_are_given(home, part, monkeypatch):
    """The same numbers as `coded_hours`, which trainer and worker read, of all principals at once or some at a time."""
    monkeypatch.setattr("pipeline.reports.scored_hours._PART", part)
    with open_store(home) as store, connect(1, 2**30) as connection:
        store.activity.view(connection)
        activity = Activity.of_store(connection)
        model = Model(0, AttackPriors.from_dict(read_attack_priors()))
        expected = set()
        for day in activity.days():
            delivered = activity.delivered(day)
            _, _, hourly = coded(delivered, model, activity.members())
            hours = coded_hours(delivered, model, hourly)
            names = [model.baseline.principals.values[code] for code in hours.principal.tolist()]
            expected |= {(n, *map(int, row)) for n, row in zip(names, hours.values.tolist(), strict=True)}
    with open_population(home, days=DAYS) as tables:
        found = tables.execute(f"SELECT principal, {', '.join(MEANINGS)} FROM hours").fetchall()
    assert len(found) > 1000
    assert set(found) == expected


def test_only_the_days_that_were_asked_for_are_read(home):
    put(home, FIRST, a_score("idc/long-ago", FIRST))
    long_ago = sorted((home / "activity").rglob(f"*{FIRST}*/*.parquet"))
    assert long_ago
    for path in [*long_ago, home / FOLDER / f"{FIRST}.parquet"]:
        path.write_bytes(b"damaged")
    with open_population(home, days=3) as tables:
        days = [day for (day,) in tables.execute("SELECT DISTINCT day FROM hours ORDER BY 1").fetchall()]
    assert days == [LAST - timedelta(days=2), LAST - timedelta(days=1), LAST]
    with pytest.raises(StoreError, match="not as scoring writes it"):
        open_population(home, days=DAYS)


def test_hours_are_told_in_the_deployments_time_zone(home):
    put(home, LAST, a_score("idc/person1", LAST))
    (home / "oddtrail.toml").write_text('timezone = "Asia/Seoul"')
    with open_population(home, days=3) as tables:
        rows = tables.execute("SELECT hour(hour) FROM scores WHERE principal = 'idc/person1' AND score = 90").fetchall()
        weeks = tables.execute("SELECT DISTINCT hour_of_week % 24 = hour(hour) FROM hours").fetchall()
    assert rows == [(18,)]
    assert weeks == [(True,)]


def test_people_of_one_permission_set_are_peers_and_scores_without_hours_have_none(home):
    put(home, LAST, a_score("idc/gone", LAST))
    with open_population(home) as tables:
        peers = dict(tables.execute("SELECT principal, peers FROM principals").fetchall())
    assert peers["idc/person1"] == peers["idc/person3"] == "person:Engineer"
    assert peers["idc/gone"] == ""


def test_beside_a_principal_nobody_but_its_group_is_read(home):
    with open_population(home) as tables:
        peers = dict(tables.execute("SELECT principal, peers FROM principals").fetchall())
        hours = tables.execute("FROM hours WHERE starts_with(principal, 'idc/') ORDER BY ALL").fetchall()
    with open_population(home, beside="idc/person1") as tables:
        found = dict(tables.execute("SELECT principal, peers FROM principals").fetchall())
        assert found == {name: group for name, group in peers.items() if group == peers["idc/person1"]}
        assert tables.execute("FROM hours ORDER BY ALL").fetchall() == hours
        others = tables.execute("SELECT count(*) FROM scores WHERE NOT starts_with(principal, 'idc/')").fetchone()
        assert others == (0,)


def test_of_a_large_group_a_sample_is_read_that_is_the_same_each_time():
    peers = {f"role/{n}": "g" for n in range(5 * MOST_PEERS)} | {"role/other": "h"}
    chosen = choose_peers(peers, "role/7")
    assert len(chosen) == MOST_PEERS + 1
    assert "role/7" in chosen
    assert "role/other" not in chosen
    assert choose_peers(dict(reversed(peers.items())), "role/7").keys() == chosen.keys()
    assert choose_peers(peers, "role/nobody") == {"role/nobody": ""}
    assert choose_peers({"role/a\x07": "g", "role/b": "h"}, "role/a\\x07") == {"role/a\x07": "g"}


def test_beside_a_principal_hours_are_read_though_none_was_scored(home):
    shutil.rmtree(home / FOLDER)
    with open_population(home, beside="idc/person1") as tables:
        assert tables.execute("SELECT count(DISTINCT principal) FROM hours").fetchone() == (4,)


def test_names_are_inert_and_no_two_principals_share_a_label(home):
    put(home, LAST, a_score("idc/a\x1bb", LAST), a_score("idc/a\\x1bb", LAST), a_score("x" * 500, LAST))
    with open_population(home) as tables:
        labels = [label for row in tables.execute("SELECT principal, name FROM principals").fetchall() for label in row]
        scores = tables.execute("SELECT count(DISTINCT principal) FROM scores WHERE starts_with(principal, 'idc/a')")
        assert scores.fetchone() == (2,)
    assert {"idc/a\\x1bb", "idc/a\\x1bb (2)"} < set(labels)
    assert all(label.isprintable() and len(label) <= 110 for label in labels)
    assert len(make_labels(["x" * 200 + tail for tail in "abc"]).values()) == 3


def test_alerts_are_those_of_the_days_and_no_drills(home):
    named = {"principal_key": "idc/person1", "principal_name": "person1", "principal_kind": "human"}
    with open_store(home) as store:
        store.alerts.append([
            an_alert("a" * 32, day=LAST, record_score=91.5, **named),
            an_alert("b" * 32, day=FIRST - timedelta(days=90), record_score=99.5, **named),
            an_alert("c" * 32, day=LAST, record_score=98.5, drill="d1", **named),
        ])  # fmt: skip
    with open_population(home) as tables:
        scores = {score for (score,) in tables.execute("SELECT score FROM incidents").fetchall()}
    assert 91.5 in scores
    assert not {99.5, 98.5} & scores


def test_a_home_without_events_or_scores_says_what_to_do(home, tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        open_population(tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match=r"holds no event yet: `oddtrail ingest PATH`"):
        open_population(a_home(tmp_path / "empty"))
    with pytest.raises(NoHistoryError, match=r"not scored yet: `oddtrail train`, then `oddtrail score`"):
        open_population(a_home(tmp_path / "events", an_event(**as_person("ana"), action="a:B", event_time=START)))
    shutil.rmtree(home / FOLDER)
    with pytest.raises(NoHistoryError, match=r"no scores from .* to .*`oddtrail score`"):
        open_population(home)
    with pytest.raises(ValueError, match="give 1 or more"):
        open_population(home, days=0)


def test_without_events_of_its_own_a_home_shows_the_demos(scored, tmp_path):
    shutil.copytree(scored, tmp_path / DEMO_HOME)
    with open_population(tmp_path) as tables:
        assert tables.execute("SELECT count(*) > 0 FROM scores").fetchone() == (True,)
