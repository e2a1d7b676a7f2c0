"""Who is unlike the others, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pandas as pd
import pytest

from features.activity.closed import MEANINGS
from pipeline.reports import population
from pipeline.reports.scored_hours import TABLES

MONDAY = datetime(2026, 3, 2)


def tables(
    who: dict[str, str],
    hours: Sequence[dict[str, Any]] = (),
    scores: Sequence[tuple[Any, ...]] = (),
) -> duckdb.DuckDBPyConnection:
    """Tables of principals with their peers, hours of which only what matters is named, and scores."""
    connection = duckdb.connect()
    connection.execute(TABLES)
    for name, peers in who.items():
        connection.execute("INSERT INTO principals VALUES (?, ?, 'human', ?)", [name, name.upper(), peers])
    for row in hours:
        full = dict.fromkeys(MEANINGS, 0) | {"hour": MONDAY, "day": MONDAY.date()} | row
        connection.execute(
            f"INSERT INTO hours ({', '.join(full)}) VALUES ({', '.join('?' * len(full))})", [*full.values()]
        )
    for principal, at, model, score, measures in scores:
        connection.execute(
            "INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?)", [principal, at, at.date(), model, score, measures]
        )
    return connection


def blamed(measure: str, typical: float, actual: float, share: float) -> dict[str, Any]:
    return {"measure": measure, "typical": typical, "actual": actual, "share": share}


def at(day: int, hour: int) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


SCORES = [
    ("ana", at(0, 9), "population", 93.0, [blamed("regions", 1, 9, 0.8), blamed("calls", 2, 5, 0.2)]),
    ("ana", at(1, 9), "population", 60.0, [blamed("calls", 2, 4, 1.0)]),
    ("ana", at(1, 9), "isolation forest", 55.0, [blamed("hour_of_week", 0.001, 33, 1.0)]),
    ("ben", at(2, 9), "isolation forest", 97.0, []),
    ("cat", at(3, 9), "isolation forest", 93.0, []),
]


def test_the_largest_score_of_each_model_stands_side_by_side_the_strangest_first():
    made = tables({"ana": "dev", "ben": "dev", "cat": "ops"}, [{"principal": name} for name in ("ana", "ben")], SCORES)
    made.execute("INSERT INTO incidents VALUES ('ana', '2026-03-02', 97, true), ('ana', '2026-03-03', 40, false)")
    rows = population.list_unlike(made)
    assert rows["principal"].tolist() == ["ben", "cat", "ana"]  # of equals, who is strange to more of what looked
    assert rows.columns.tolist() == [
        "principal", "name", "kind", "peers", "others", "isolation forest", "population", "incident", "raised",
        "strongest",
    ]  # fmt: skip
    ana = rows.set_index("principal").loc["ana"]
    assert ana[["isolation forest", "population", "incident", "raised", "others"]].tolist() == [55, 93, 97, 1, 1]
    assert ana["strongest"] == pd.Timestamp(at(0, 9))
    assert rows.set_index("principal").loc["ben", ["population", "incident"]].isna().all()
    assert population.list_unlike(made, most=1)["principal"].tolist() == ["ben"]
    assert population.models_of(made) == ["isolation forest", "population", "incident"]


def test_a_model_explains_its_own_strongest_hour_the_largest_measure_first():
    rows = population.explain(tables({"ana": "dev"}, [], SCORES[:3]), "ana")
    assert rows[["model", "measure", "typical", "actual"]].to_numpy().tolist() == [
        ["population", "regions", 1, 9], ["population", "calls", 2, 5], ["isolation forest", "hour_of_week", 0.001, 33],
    ]  # fmt: skip
    assert rows["text"].tolist()[0] == "9 regions in an hour, where 1 is typical"
    assert rows["text"].tolist()[-1] == "active on Tuesday at 09:00"


def test_where_no_hour_was_explained_there_is_an_empty_table():
    rows = population.explain(tables({"ben": "dev"}, [], SCORES[3:4]), "ben")
    assert len(rows) == 0
    assert "text" in rows


def test_a_principal_is_compared_with_the_others_of_its_group_and_not_with_itself():
    hours = [{"principal": "ana", "calls": 4}, {"principal": "ana", "calls": 50, "hour": at(0, 11)}]
    hours += [{"principal": "ben", "calls": calls} for calls in (1, 2, 3)]
    hours += [{"principal": "eve", "calls": 999}]
    rows = population.compare(tables({"ana": "dev", "ben": "dev", "eve": "ops"}, hours), "ana")
    assert len(rows) == len(MEANINGS) - 1
    assert rows.loc[0, "measure"] == "calls"
    assert rows.loc[0, ["median", "own", "actual", "below"]].tolist() == [2, 27, 50, 1]
    assert rows.loc[0, "hour"] == pd.Timestamp(at(0, 11))
    assert rows.set_index("measure").loc["regions", "below"] == 0  # all alike


def test_the_others_values_are_those_of_their_hours_one_by_one():
    draw = Random(7)
    hours = [
        {"principal": draw.choice(["ana", "ben", "cat"]), "hour": at(number % 6, number // 6)}
        | {name: int(draw.paretovariate(1)) for name in ("calls", "regions", "tools")}
        for number in range(61)
    ]
    frame = pd.DataFrame(hours)
    rows = population.compare(tables(dict.fromkeys(("ana", "ben", "cat"), "dev"), hours), "ana").set_index("measure")
    own, others = frame[frame["principal"] == "ana"], frame[frame["principal"] != "ana"]
    for name in ("calls", "regions", "tools"):
        expected = [others[name].median(), others[name].quantile(0.95), own[name].median(), own[name].max()]
        assert rows.loc[name, ["median", "high", "own", "actual"]].tolist() == pytest.approx(expected)
        assert rows.loc[name, "below"] == pytest.approx((others[name] < own[name].max()).mean())
        assert rows.loc[name, "hour"] == own.loc[own[name] == own[name].max(), "hour"].min()


def test_whoever_has_no_peers_is_beside_nobody():
    hours = [{"principal": "ana", "calls": 5}, {"principal": "ben", "calls": 2}]
    for peers in ({"ana": "a", "ben": "b"}, {"ana": "", "ben": ""}):
        rows = population.compare(tables(peers, hours), "ana").set_index("measure")
        assert rows.loc["calls", "actual"] == 5
        assert rows[["median", "high", "below"]].isna().all(axis=None)
        assert population.spread(tables(peers, hours), "ana", "calls")["others"].sum() == 0


@pytest.mark.parametrize(("by", "hours", "place"), [("day", 24, 9), ("week", 168, 33)])
def test_a_measure_is_spread_by_hour_of_day_or_week(by, hours, place):
    made = [{"principal": "ben", "hour_of_week": 33, "calls": calls} for calls in range(101)]
    made += [{"principal": "ben", "hour_of_week": 34, "calls": 7}]
    made += [{"principal": "ana", "hour_of_week": 33, "calls": calls} for calls in (10, 20, 90)]
    rows = population.spread(tables({"ana": "dev", "ben": "dev"}, made), "ana", "calls", by)
    assert rows["hour"].tolist() == list(range(hours))
    row = rows.loc[place, ["others", "p5", "p25", "median", "p75", "p95", "own", "actual"]]
    assert row.tolist() == [101, 5, 25, 50, 75, 95, 20, 90]
    assert rows.loc[place + 1, ["own", "actual"]].isna().all()
    assert rows["others"].sum() == 102


def test_scores_by_day_have_every_day_and_every_model():
    made = tables({"ana": "dev"}, [{"principal": "ana", "day": (MONDAY - timedelta(days=2)).date()}], SCORES[:3])
    made.execute("INSERT INTO incidents VALUES ('ana', '2026-03-03', 40, false)")
    rows = population.scores_by_day(made, "ana")
    assert len(rows) == 4
    assert rows.columns.tolist() == ["isolation forest", "population", "incident"]
    assert rows.loc["2026-03-03"].tolist() == [55, 60, 40]
    assert rows.loc["2026-03-01"].isna().all()


def test_what_is_not_there_is_told():
    made = tables({"ana": "dev"})
    with pytest.raises(ValueError, match=r"nobody is called 'eve'.*list_unlike"):
        population.compare(made, "eve")
    with pytest.raises(ValueError, match="no measure of an hour; there are calls, writes"):
        population.spread(made, "ana", "calls FROM hours; --")


def test_a_principal_stands_among_its_group_however_many_do_more():
    who = {"ana": "dev", "ben": "dev", "cat": "dev", "eve": "ops"}
    hours = [{"principal": name, "calls": calls} for name, calls in (("ana", 1), ("ben", 5), ("ben", 4), ("cat", 3))]
    made = tables(who, [*hours, {"principal": "eve", "calls": 99}])
    rows = population.list_peers(made, "ana")
    assert rows[["principal", "own", "rank", "of", "hours", "calls"]].to_numpy().tolist() == [
        ["ben", False, 1, 3, 2, 9], ["cat", False, 2, 3, 1, 3], ["ana", True, 3, 3, 1, 1],
    ]  # fmt: skip
    assert population.list_peers(made, "ana", most=2)["principal"].tolist() == ["ben", "ana"]


def test_who_has_no_group_stands_alone():
    made = tables({"ana": "", "ben": ""}, [{"principal": "ana", "calls": 1}, {"principal": "ben", "calls": 1}])
    assert population.list_peers(made, "ana")["principal"].tolist() == ["ana"]
