"""The estate as a graph and a matrix, and its complexity: each number held against one that is worked out by hand."""

from datetime import date, timedelta
from math import log2

import duckdb
import pytest

from pipeline.reports import estate
from pipeline.reports.estate_edges import TABLES

Edge = tuple[int, str, str, str, int, int]


def tables(*edges: Edge, days: int = 28) -> duckdb.DuckDBPyConnection:
    """Tables of edges (month, principal, service, account, calls, hours); names of machines begin with `ci`."""
    connection = duckdb.connect()
    connection.execute(TABLES)
    for month in sorted({edge[0] for edge in edges}):
        last = date(2026, 3, 1) - timedelta(days=28 * month)
        connection.execute("INSERT INTO months VALUES (?, ?, ?, ?)", [month, last - timedelta(days=27), last, days])
    for name in sorted({edge[1] for edge in edges}):
        kind = "ci" if name.startswith("ci") else "human"
        connection.execute("INSERT INTO principals VALUES (?, ?, ?, ?)", [name, name, kind, f"group:{kind}"])
    connection.executemany("INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?)", [list(edge) for edge in edges])
    return connection


ONE = (
    (0, "ana", "s3", "1", 40, 4),
    (0, "ana", "ec2", "1", 40, 4),
    (0, "ben", "s3", "1", 10, 9),
    (0, "ci-1", "s3", "2", 10, 1),
)


def test_edges_gather_groups_kinds_or_single_principals_those_with_most_hours_first():
    made = tables(*ONE)
    rows = estate.edges(made)
    assert rows.to_dict("records")[0] == {
        "who": "group:human", "kind": "human", "service": "s3", "account": "1", "principals": 2, "calls": 50,
        "hours": 13,
    }  # fmt: skip
    assert estate.edges(made, by="kind")["who"].tolist() == ["human", "human", "ci"]
    assert estate.edges(made, by="principal")["who"].tolist() == ["ben", "ana", "ana", "ci-1"]
    assert len(estate.edges(made, most=1)) == 1


def test_edges_are_those_of_a_month_or_of_all():
    made = tables(*ONE, (1, "ana", "iam", "1", 5, 5))
    assert "iam" not in set(estate.edges(made)["service"])
    assert set(estate.edges(made, month=1)["service"]) == {"iam"}
    assert set(estate.edges(made, month=None)["service"]) == {"s3", "ec2", "iam"}


def test_a_row_of_the_matrix_shares_its_hours_and_what_is_left_out_is_missing():
    made = tables(*ONE)
    table = estate.matrix(made, by="principal")
    assert table.index.tolist() == ["ben", "ana", "ci-1"]
    assert table.columns.tolist() == ["s3", "ec2"]
    assert table.loc["ana"].tolist() == [0.5, 0.5]
    assert table.loc["ci-1"].tolist() == [1.0, 0.0]
    assert estate.matrix(made, by="principal", rows=1, columns=1).to_numpy().tolist() == [[1.0]]
    assert estate.matrix(made, by="principal", columns=1).loc["ana"].tolist() == [0.5]
    assert estate.matrix(made, by="kind", across="account").loc["ci"].to_dict() == {"1": 0.0, "2": 1.0}


def test_complexity_is_what_its_formulas_say():
    [row] = estate.complexity(tables(*ONE)).to_dict("records")
    p = [0.4, 0.4, 0.1, 0.1]
    entropy = -sum(x * log2(x) for x in p)
    assert (row["principals"], row["services"], row["accounts"], row["edges"]) == (3, 2, 2, 4)
    assert row["edges_each"] == pytest.approx(4 / 3)
    assert row["density"] == pytest.approx(4 / (3 * 3))  # three pairs of service and account are in use
    assert row["entropy"] == pytest.approx(entropy)
    assert row["effective_edges"] == pytest.approx(2**entropy)
    assert row["services_each"] == pytest.approx(1.0)  # ana has two, ben and ci-1 one each
    who = -sum(x * log2(x) for x in (0.8, 0.1, 0.1))
    what = -sum(x * log2(x) for x in (0.5, 0.4, 0.1))
    assert row["specialisation"] == pytest.approx((who + what - entropy) / what)


def test_where_everybody_calls_the_same_it_is_not_known_from_who_calls_what_is_called():
    alike = [(0, who, what, "1", 5, 1) for who in ("ana", "ben") for what in ("s3", "ec2")]
    apart = [(0, who, what, "1", 5, 1) for who, what in (("ana", "s3"), ("ben", "ec2"))]
    assert estate.complexity(tables(*alike)).loc[0, "specialisation"] == pytest.approx(0.0)
    assert estate.complexity(tables(*apart)).loc[0, "specialisation"] == pytest.approx(1.0)
    one = estate.complexity(tables((0, "ana", "s3", "1", 5, 1)))
    assert one["specialisation"].isna().all()
    assert one[["density", "effective_edges"]].to_numpy().tolist() == [[1.0, 1.0]]


def test_change_is_told_between_months_the_oldest_first():
    made = tables(
        (2, "ana", "s3", "1", 5, 1), (2, "ana", "sqs", "1", 5, 1),
        (1, "ana", "s3", "1", 5, 1), (1, "ana", "ec2", "1", 5, 1),
        (0, "ana", "s3", "1", 5, 1), (0, "ana", "sqs", "1", 5, 1), (0, "ana", "iam", "1", 5, 1),
    )  # fmt: skip
    rows = estate.complexity(made)
    assert rows["first"].is_monotonic_increasing
    assert rows["new"].isna().tolist() == [True, False, False]
    assert rows["new"].tolist()[1:] == [0.5, pytest.approx(1 / 3)]  # sqs was there two months ago
    assert rows["gone"].tolist()[1:] == [0.5, 0.5]
    assert rows["once"].tolist() == [0.0, 0.5, pytest.approx(1 / 3)]


def test_one_month_alone_says_nothing_of_change():
    made = tables(*ONE)
    assert estate.complexity(made)[["new", "gone", "once"]].isna().all(axis=None)
    assert estate.changed_edges(made).empty


def test_changed_edges_are_new_to_all_months_or_gone_since_the_last():
    made = tables(
        (1, "ana", "s3", "1", 5, 1), (1, "ana", "ec2", "1", 5, 7), (0, "ana", "s3", "1", 5, 1),
        (0, "ana", "iam", "1", 5, 3),
    )  # fmt: skip
    rows = estate.changed_edges(made, by="principal")
    assert rows[["change", "service", "hours"]].to_numpy().tolist() == [["gone", "ec2", 7], ["new", "iam", 3]]
    assert len(estate.changed_edges(made, most=1)) == 1


def test_every_number_has_a_meaning_a_formula_and_a_source():
    told = estate.explain_numbers()
    assert [*estate.complexity(tables(*ONE)).columns[3:]] == told["number"].tolist()
    assert told.map(len).gt(0).all(axis=None)
