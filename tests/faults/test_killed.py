"""A server that is killed, or that stands still, while documents are on their way (rows 1 to 3)."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pipeline.search import bulk
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.faults.prepared import indexed, prepare
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.ingest.records import write_bucket
from tests.pipeline.search.scripted import never
from tests.servers.engine import OPENSEARCH_2, Server, ServerError, free_port, running
from tests.servers.fixtures import ONE_PROCESS
from tests.servers.sham import sham

pytestmark = ONE_PROCESS
IDS = [f"id-{n:06}" for n in range(30_000)]


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server of these tests' own."""
    with running(OPENSEARCH_2) as server:
        yield server


def documents(prefix: str) -> Iterator[Document]:
    for n, name in enumerate(IDS):
        body = b'{"event":{"id":"%b"},"@message":"%b"}' % (name.encode(), b"x" * 900)
        yield Document(f"{prefix}-2026.03.{1 + n % 3:02}", name, body, b"")


def in_background(server: Server, prefix: str, sent: list) -> threading.Thread:
    """Send everything, and keep what became of it."""
    writer = BulkWriter(Engine(parse_url(server.url)), never, Deadline(200))
    thread = threading.Thread(target=lambda: sent.append(writer.write(documents(prefix))), daemon=True)
    thread.start()
    return thread


def wait_for(server: Server, prefix: str, number: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(ServerError):  # an index that was made this moment has no shard that could count yet
            server.ask("POST", f"/{prefix}-*/_refresh?ignore_unavailable=true")
            if server.ask("GET", f"/{prefix}-*/_count?ignore_unavailable=true")["count"] >= number:
                return
        time.sleep(0.02)
    raise AssertionError("nothing arrives")


def test_a_server_that_is_killed_amid_requests_and_started_again_holds_each_event_once(own, prefix, soon):
    prepare(own, prefix)
    sent: list = []
    thread = in_background(own, prefix, sent)
    wait_for(own, prefix, 3_000)
    own.kill()
    assert thread.is_alive(), "there was nothing left to lose"
    own.start()
    thread.join(120)
    [done] = sent
    assert (done.indexed + done.duplicates, done.dead, done.left) == (len(IDS), [], [])
    assert sorted(indexed(own, prefix)) == IDS


def test_a_server_that_stands_still_applies_what_it_was_sent_and_doubles_nothing(own, prefix, soon):
    prepare(own, prefix)
    sent: list = []
    thread = in_background(own, prefix, sent)
    wait_for(own, prefix, 3_000)
    own.signal(signal.SIGSTOP)
    time.sleep(4 * bulk.LONGEST_REQUEST)
    assert thread.is_alive()
    own.signal(signal.SIGCONT)
    thread.join(120)
    [done] = sent
    assert (done.indexed + done.duplicates, done.dead, done.left) == (len(IDS), [], [])
    assert done.duplicates > 0, "what was applied without an answer was sent again"
    assert sorted(indexed(own, prefix)) == IDS


def test_a_server_that_is_not_there_yet_is_waited_for():
    port, sent = free_port(), []
    writer = BulkWriter(Engine(parse_url(f"opensearch+http://127.0.0.1:{port}")), never, Deadline(60))
    thread = threading.Thread(target=lambda: sent.append(writer.write(list(documents("x"))[:100])))
    thread.start()
    time.sleep(1)
    with sham(port) as engine:
        thread.join(30)
        assert sent[0].indexed == 100 == len(engine.held)


def test_a_server_that_goes_and_does_not_come_back_ends_the_run_which_says_that_it_is_not_done(tmp_path, engine):
    ids = write_bucket(tmp_path / "in", files=4, each=50)
    line = ("index", tmp_path / "in", "--to", engine.url, "--home", tmp_path / "home", "--retention", "5000d")
    engine.always = lambda asked: (503, b"")
    done = run(*line, "--patience", "1s")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "run the same command again" in done.stderr
    assert len(engine.bulks) > 2, "it tried again meanwhile"
    engine.always = None
    told = answer(*line)
    assert (told["skipped_files"], told["indexed"]) == (0, len(ids))
    assert engine.ids == sorted(ids)
