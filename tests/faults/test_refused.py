"""What an engine refuses for reasons of its own: no event is given up for it, and all get in once it is mended.

Rows 6 to 9, 11 and 12: real servers block, are full, busy or misled; each kind of server in turn.
"""

import threading
import time

import pytest

from pipeline.documents.document import repair
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.faults.prepared import indexed, prepare
from tests.pipeline.cli.commands import run
from tests.pipeline.delivery.target import a_target, index
from tests.pipeline.ingest.records import a_name, a_record, envelope, write, write_bucket
from tests.pipeline.search.scripted import never

IDS = [f"id-{n:03}" for n in range(200)]
BLOCK = "index.blocks"


def documents(name: str) -> list[Document]:
    return [Document(name, each, b'{"event":{"id":"%b"}}' % each.encode(), b"raw") for each in IDS]


def impatient(seconds: float = 60) -> Deadline:
    """Waits a tenth of what chance would mostly have it wait."""
    return Deadline(seconds, draw=lambda: 0.05)


def write_to(server, index_name: str, seconds: float = 60):
    return BulkWriter(Engine(parse_url(server.url)), never, impatient(seconds), 2).write(documents(index_name))


class Mended(threading.Thread):
    """Mends something a second from now."""

    def __init__(self, mend) -> None:
        super().__init__(daemon=True)
        self.mend = mend
        self.start()

    def run(self) -> None:
        time.sleep(1)
        self.mend()


@pytest.mark.parametrize("block", ["read_only_allow_delete", "write"])
def test_an_index_that_is_blocked_as_on_a_full_disk_is_waited_for(server, prefix, block):
    prepare(server, prefix)
    name = f"{prefix}-2026.03.01"
    server.ask("PUT", f"/{name}", {"settings": {f"{BLOCK}.{block}": True}})
    mended = Mended(lambda: server.ask("PUT", f"/{name}/_settings", {f"{BLOCK}.{block}": None}))
    sent = write_to(server, name)
    mended.join()
    assert (sent.indexed + sent.duplicates, sent.dead, sent.left) == (len(IDS), [], [])
    assert sorted(indexed(server, prefix)) == IDS


def settings(server, **given) -> None:
    server.ask("PUT", "/_cluster/settings", {"persistent": {name.replace("__", "."): v for name, v in given.items()}})


def test_a_cluster_that_may_only_be_read_is_waited_for(server, prefix):
    prepare(server, prefix)
    settings(server, cluster__blocks__read_only_allow_delete=True)
    mended = Mended(lambda: settings(server, cluster__blocks__read_only_allow_delete=None))
    sent = write_to(server, f"{prefix}-2026.03.01")
    mended.join()
    assert (sent.indexed + sent.duplicates, sent.dead, sent.left) == (len(IDS), [], [])


def test_a_cluster_that_has_no_room_for_another_index_is_waited_for(server, prefix):
    """It says 400 to each document, as if that were at fault: a night's events would be buried."""
    prepare(server, prefix)
    server.ask("PUT", f"/{prefix}-2026.02.01")
    settings(server, cluster__max_shards_per_node=1)
    mended = Mended(lambda: settings(server, cluster__max_shards_per_node=None))
    sent = write_to(server, f"{prefix}-2026.03.01")
    mended.join()
    assert (sent.indexed + sent.duplicates, sent.dead, sent.left) == (len(IDS), [], [])


def test_an_index_that_is_closed_keeps_nobody_elses_events_back(server, prefix):
    prepare(server, prefix)
    server.ask("PUT", f"/{prefix}-2026.02.01")
    server.ask("POST", f"/{prefix}-2026.02.01/_close")
    late, today = documents(f"{prefix}-2026.02.01")[:5], documents(f"{prefix}-2026.03.01")[5:]
    sent = BulkWriter(Engine(parse_url(server.url)), repair, impatient(), 2).write([*late, *today])
    assert (sent.indexed, len(sent.dead), sent.left) == (195, 5, [])
    assert {each.document.raw for each in sent.dead} == {b"raw"}
    assert "index_closed_exception" in sent.dead[0].reason


@pytest.mark.parametrize("kind", ["strict", "pipeline"])
def test_an_index_of_somebody_elses_making_stops_with_its_reason(server, prefix, kind):
    settings_of = {"index.default_pipeline": "nobody"} if kind == "pipeline" else {}
    body = {"settings": settings_of, "mappings": {"dynamic": "strict"} if kind == "strict" else {}}
    server.ask("PUT", f"/{prefix}-2026.03.01", body)
    sent = write_to(server, f"{prefix}-2026.03.01")
    assert sent.misconfigured
    assert (len(sent.left), sent.dead) == (len(IDS), [])
    assert kind in sent.problem


def test_nothing_is_written_where_nobody_set_the_engine_up(server, prefix, tmp_path):
    """The first document would have made an index whose fields grow with whatever anybody calls."""
    write(tmp_path / "in" / a_name(), envelope(a_record()))
    line = ("index", tmp_path / "in", "--to", server.url, "--home", tmp_path / "home", "--prefix", prefix)
    done = run(*line)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "run `oddtrail setup URL` first" in done.stderr
    assert server.ask("GET", f"/{prefix}*") == {}


def test_an_index_is_made_where_the_engine_makes_none_by_itself(server, prefix):
    prepare(server, prefix)
    settings(server, action__auto_create_index="false")
    try:
        sent = write_to(server, f"{prefix}-2026.03.01")
    finally:
        settings(server, action__auto_create_index=None)
    assert (sent.indexed, sent.dead, sent.left) == (len(IDS), [], [])
    mapping = server.ask("GET", f"/{prefix}-2026.03.01/_mapping")[f"{prefix}-2026.03.01"]["mappings"]
    assert mapping["dynamic"] == "false"


# and what a sham one can be told to do


def test_a_storm_of_refusals_ends_with_everything_in_the_index(tmp_path, engine):
    ids = write_bucket(tmp_path / "in", files=6, each=200)
    turn = iter(range(10**6))

    def storm(asked: list[str]):
        n = next(turn)
        if n % 4 == 0:
            return 429, {"error": {"type": "es_rejected_execution_exception", "reason": "queue full"}}
        if n % 4 == 1:
            return 200, {"errors": False, "items": [{"create": {"status": 201}}] * (len(asked) // 2)}
        if n % 4 == 2:
            return [(503, b""), (502, b"<html>"), (504, b""), (200, b"{")][n // 4 % 4]
        return None

    engine.always = storm
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert engine.ids == sorted(ids)


def test_items_that_are_busy_are_sent_again_alone(tmp_path, engine):
    ids = write_bucket(tmp_path / "in", files=1, each=40)

    def some_busy(asked: list[str]):
        engine.held.update({("x", each): {} for each in asked[1:]})
        busy = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue full"}}
        return 200, {"errors": True, "items": [{"create": busy}, *[{"create": {"status": 201}}] * (len(asked) - 1)]}

    engine.scripts = [some_busy]
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert [len(asked) for asked in engine.bulks] == [40, 1]
    assert engine.ids == sorted(ids)


def test_requests_that_are_too_large_are_halved_and_a_giant_among_them_is_made_smaller(tmp_path, engine):
    giant = a_record(requestParameters={f"key{n}": "v" * 900 for n in range(300)})
    small = [a_record() for _ in range(120)]
    write(tmp_path / "in" / a_name(), envelope(*small, giant))
    engine.most_bytes = 100_000
    target = a_target(tmp_path, engine.url)
    index(target, tmp_path / "in")
    assert engine.ids == sorted(record["eventID"] for record in [*small, giant])
    assert (target.tally.repaired, target.tally.dead_letters) == (1, 0)


def test_what_nothing_makes_small_enough_is_kept_with_its_bytes(tmp_path, engine):
    write(tmp_path / "in" / a_name(), envelope(a_record()))
    engine.most_bytes = 100
    target = a_target(tmp_path, engine.url)
    index(target, tmp_path / "in")
    assert (target.tally.indexed, target.tally.dead_letters, engine.ids) == (0, 1, [])
