"""`oddtrail ingest` of an index, as somebody runs it: the same events as from the files, and what is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from features.normalise.event import EVENT
from pipeline.connection import connect
from pipeline.simulate.company import simulate
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import a_record, write_trail

START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=4)
NOT_HELD = {"file", "position"}
"""Columns that say in which delivered file a record lay: a document's page is another one."""
REDACTED = {"raw", "user_agent", "error_message"}
"""Columns in which a secret may have stood, which no document holds."""


def events(home, columns="*"):
    with open_store(home) as store, connect(1, 10**9) as connection:
        store.events.view(connection)
        return connection.execute(f"SELECT {columns} FROM events ORDER BY event_id").fetchall()


def address(engine, name):
    base, _, query = engine.url.partition("?")
    return f"{base}/{name}-*?{query}".rstrip("?")


def make_index(engine, name, trail, home):
    answer("setup", engine.url, "--prefix", name, "--home", home)
    told = answer("index", trail, "--to", engine.url, "--prefix", name, "--home", home)
    engine.ask("POST", f"/{name}-*/_refresh")
    return told


def test_the_events_are_those_of_the_files(server, prefix, tmp_path):
    simulate(tmp_path / "trail", seed=5, days=2, principals=15, start=START.date(), campaigns=None)
    when = START + timedelta(days=2, hours=9)
    secrets = [
        a_record(when, "PutParameter", "ssm", requestParameters={"name": "/db", "password": "hunter2"}),
        a_record(when, "GetSecretValue", "secretsmanager", userAgent="curl --token=abcdefghijklmnop"),
        a_record(when, "CopyObject", "s3", errorCode="AccessDenied", errorMessage="https://u:hunter2@h/ denied"),
    ]
    write_trail(tmp_path / "trail", secrets, when + timedelta(minutes=40))
    told = make_index(server, prefix, tmp_path / "trail", tmp_path / "indexing")
    embedded = answer("ingest", tmp_path / "trail", "--home", tmp_path / "files")
    read = answer("ingest", address(server, prefix), "--home", tmp_path / "home")
    [index] = read["indices"].values()
    assert told["indexed"] == embedded["stored"] == read["stored"] == index["documents"] > 1_000
    assert (read["duplicates"], read["set_aside"], index["problems"], index["notes"]) == (0, 0, [], [])
    kept = ", ".join(column.name for column in EVENT if column.name not in NOT_HELD | REDACTED)
    assert events(tmp_path / "home", kept) == events(tmp_path / "files", kept)
    held, delivered = (
        {event_id: told for event_id, *told in events(tmp_path / name, "event_id, raw, user_agent, error_message")}
        for name in ("home", "files")
    )
    other = {event_id for event_id, told in held.items() if told != delivered[event_id]}
    assert other >= {record["eventID"] for record in secrets}
    assert all(b"REDACTED" in held[event_id][0] for event_id in other), "only secrets differ"
    assert len(other) < len(held) // 10
    assert b"hunter2" not in b"".join(row[0] for row in events(tmp_path / "home", "raw"))
    again = answer("ingest", address(server, prefix), "--home", tmp_path / "home")
    assert (again["records"], next(iter(again["indices"].values()))["documents"]) == (0, 0)


def test_what_is_new_what_is_refused_and_what_is_read_again(opensearch, prefix, tmp_path):
    home, where = tmp_path / "home", address(opensearch, prefix)
    write_trail(
        tmp_path / "trail", [a_record(START), a_record(START, "ListRoles", "iam")], START + timedelta(minutes=9)
    )
    make_index(opensearch, prefix, tmp_path / "trail", tmp_path / "indexing")
    shown = run("ingest", where, "--home", home)
    assert shown.exit_code == 0, shown.output
    assert f"/{prefix}-*: 2 new documents read (oddtrail's (@message): 1)." in shown.stdout
    opensearch.ask("PUT", f"/{prefix}-web/_doc/1?refresh=true", {"message": "GET /", "status": 200})
    refused = run("ingest", where, "--home", home, "--json")
    assert refused.exit_code == 1
    assert f"{prefix}-web holds no CloudTrail records" in json.loads(refused.stdout)["error"]["message"]
    assert json.loads(refused.stdout)["indices"]
    less = where.replace(f"{prefix}-*", f"{prefix}-*,-{prefix}-web")
    assert answer("ingest", less, "--home", home)["records"] == 0
    [index] = answer("ingest", less, "--home", home, "--again")["indices"].values()
    assert index["documents"] == 2
    day = f"{START + timedelta(days=3):%Y-%m-%d}"
    [index] = answer("ingest", less, "--home", tmp_path / "other", "--since", day)["indices"].values()
    assert index["documents"] == 0
    [index] = answer("ingest", less, "--home", tmp_path / "other")["indices"].values()
    assert index["documents"] == 2, "what a run with --since passed over is not forgotten"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("opensearch+http://localhost:1", "names no index"),
        ("opensearch+http://localhost:1/_all", "no name of an index"),
        ("opensearch+http://search/cloudtrail-*", "in the clear"),
        ("opensearch+https://ana:secret@search/cloudtrail-*", "seen by everyone"),
    ],
)
def test_an_address_that_is_wrong_is_told_before_anything_is_done(given, says, tmp_path):
    result = run("ingest", given, "--home", tmp_path / "home")
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())
    assert not (tmp_path / "home").exists()


def test_an_engine_that_does_not_answer_is_told(tmp_path):
    result = run("ingest", "opensearch+http://127.0.0.1:1/cloudtrail-*", "--home", tmp_path / "home")
    assert (result.exit_code, "does not answer" in result.output) == (1, True)


def test_indices_are_not_indexed(tmp_path):
    to = "opensearch+http://127.0.0.1:1"
    result = run("index", f"{to}/cloudtrail-*", "--to", to, "--home", tmp_path)
    assert result.exit_code == 1
    assert "by `oddtrail ingest`" in result.output
