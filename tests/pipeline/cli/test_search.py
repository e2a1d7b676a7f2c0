"""`oddtrail events` and `oddtrail sql`: what matches is found, and nothing else can be read or changed."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import ACCOUNT, NINE, a_home, a_record


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Four calls, an hour apart."""
    return a_home(
        tmp_path,
        [
            a_record(NINE, "DescribeInstances"),
            a_record(
                NINE + timedelta(hours=1), "DeleteBucket", "s3", requestParameters={"bucketName": "ledger-1"},
                sourceIPAddress="203.0.113.9", userAgent="=cmd|'/C calc'!A0\x1b[31m",
            ),
            a_record(NINE + timedelta(hours=2), "DeleteObject", "s3", requestParameters={"bucketName": "ledger-2"}),
            a_record(NINE + timedelta(hours=3), "StopLogging", "cloudtrail", recipientAccountId="444455556666"),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        ([], ["cloudtrail:StopLogging", "s3:DeleteObject", "s3:DeleteBucket", "ec2:DescribeInstances"]),
        (["--action", "s3:Delete*"], ["s3:DeleteObject", "s3:DeleteBucket"]),
        (["--action", "stoplogging"], ["cloudtrail:StopLogging"]),
        (["--action", "Stop"], []),
        (["--action", "s3:Delete?ucket"], []),
        (["--resource", "bucket:ledger-1"], ["s3:DeleteBucket"]),
        (["--resource", "ledger-*"], ["s3:DeleteObject", "s3:DeleteBucket"]),
        (["--resource", "ledger"], []),
        (["--address", "203.0.113.9"], ["s3:DeleteBucket"]),
        (["--address", "203.0.113.0/24"], ["s3:DeleteBucket"]),
        (["--account", "444455556666"], ["cloudtrail:StopLogging"]),
        (["--principal", "DEPLOY", "--account", ACCOUNT, "--action", "DescribeInstances"], ["ec2:DescribeInstances"]),
        (["--principal", "%"], []),
        (["--since", "2026-03-02T11:00:00Z"], ["cloudtrail:StopLogging", "s3:DeleteObject"]),
        (["--until", "2026-03-02T10:00:00Z"], ["ec2:DescribeInstances"]),
    ],
)
def test_events_are_found_by_what_all_of_them_hold(home: Path, options: list[str], actions: list[str]) -> None:
    found = answer("events", "--home", home, *options)
    assert [event["action"] for event in found["events"]] == actions
    assert found["total"] == found["count"] == len(actions)


def test_a_limit_keeps_the_newest_and_says_how_many_match(home: Path) -> None:
    found = answer("events", "--home", home, "--limit", "1")
    assert [event["action"] for event in found["events"]] == ["cloudtrail:StopLogging"]
    assert (found["count"], found["total"]) == (1, 4)
    assert "4 events match; these are the newest 1." in run("events", "--home", home, "--limit", "1").stdout


def test_a_person_sees_who_did_what_from_where_and_no_record_paints(home: Path) -> None:
    shown = run("events", "--home", home, "--action", "DeleteBucket").stdout
    assert "2026-03-02 10:00:00" in shown
    assert "deploy" in shown
    assert "203.0.113.9" in shown
    assert "bucket:ledger-1" in shown
    assert "\x1b" not in shown


def test_csv_holds_no_formula_and_is_not_given_with_json(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("events", "--home", home, "--csv").stdout)))
    assert [row["action"] for row in rows][:1] == ["cloudtrail:StopLogging"]
    [row] = csv.DictReader(io.StringIO(run("sql", "--home", home, "--csv", "SELECT '=1+1' AS cell").stdout))
    assert row["cell"] == "'=1+1"
    for arguments in (("events",), ("sql", "SELECT 1")):
        assert run(*arguments, "--home", home, "--csv", "--json").exit_code == 2


def test_a_network_that_is_none_is_one_line(home: Path) -> None:
    result = run("events", "--home", home, "--address", "300.0.0.0/8")
    assert result.exit_code == 1
    assert "198.51.100.0/24" in result.stderr


def test_sql_answers_from_every_table_of_the_home(home: Path) -> None:
    found = answer("sql", "--home", home, "SELECT count(*) AS n FROM events")
    assert found == {"columns": ["n"], "rows": [[4]], "more": False}
    for table in ("set_aside", "other"):
        assert answer("sql", "--home", home, f"SELECT * FROM {table}")["rows"] == []
    assert answer("sql", "--home", home, "FROM events", "--limit", "3")["more"]
    assert "More rows than 3" in run("sql", "--home", home, "SELECT action FROM events", "--limit", "3").stdout
    assert "action" in run("sql", "--home", home, "DESCRIBE events").stdout


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW events",
        "SELECT 1; SELECT 2",
        "",
        "SELEC",
        "COPY (SELECT 1) TO '{home}/events/x.parquet'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{home}/events/x.parquet'",
        "CREATE TABLE t AS SELECT 1",
        "SET enable_external_access = true",
        "ATTACH '{home}/state.sqlite'",
        "PRAGMA version",
        "SELECT * FROM read_text('{home}/state.sqlite')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('{home}/*')",
        "SELECT * FROM nothing_of_ours",
        "SELECT no_such_column FROM events",
        "SELECT CAST(action AS INTEGER) FROM events",
    ],
)
def test_sql_can_only_read_and_only_the_home(home: Path, query: str) -> None:
    before = sorted(home.rglob("*"))
    result = run("sql", "--home", home, query.format(home=home))
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert sorted(home.rglob("*.parquet")) == sorted(path for path in before if path.suffix == ".parquet")
