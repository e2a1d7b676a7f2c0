"""A network that delays, cuts, resets, stalls and garbles: each event is there once afterwards (rows 2, 4 and 5).

Fault by fault before an engine that tells what it was sent, and all of them before each real one.
"""

import time

import pytest

from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.faults.prepared import indexed, prepare
from tests.pipeline.search.scripted import documents, never
from tests.servers.proxy import Fault, proxy

pytestmark = pytest.mark.sweep

IDS = [f"id-{n:04}" for n in range(300)]
HALF_REQUEST, HALF_RESPONSE = 9_000, 3_000
FAULTS = [
    Fault(act, way, after)  # type: ignore[arg-type]
    for act in ("delay", "reset", "close", "half-close", "hang", "throttle")
    for way, half in (("request", HALF_REQUEST), ("response", HALF_RESPONSE))
    for after in (0, half)
]
FAULTS += [Fault("garble", "response", 0), Fault("garble", "response", HALF_RESPONSE)]


def write(url: str, seconds: float = 60, **given: float):
    return BulkWriter(Engine(parse_url(url)), never, Deadline(seconds), requests=1, **given).write(documents(*IDS))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_of_the_network_loses_nothing_and_doubles_nothing(engine, soon, fault):
    with proxy(engine.port) as network:
        network.plan = [fault]
        begun = time.monotonic()
        sent = write(network.url)
        assert network.played == [fault]
    assert (sent.indexed + sent.duplicates, sent.dead, sent.left) == (len(IDS), [], [])
    assert engine.ids == IDS
    assert time.monotonic() - begun < 10


def test_a_network_that_never_works_hands_everything_back_in_time(engine, soon):
    with proxy(engine.port) as network:
        network.plan = [Fault("throttle")] * 99
        begun = time.monotonic()
        sent = write(network.url, seconds=5)
        assert time.monotonic() - begun < 8
    assert (len(sent.left), sent.dead) == (len(IDS), [])
    assert "does not answer" in sent.problem
    assert engine.ids == IDS, "it was taken, and nobody knew: sending it again is harmless"


def test_many_faults_after_each_other_end_as_if_there_had_been_none(engine, soon):
    with proxy(engine.port) as network:
        network.plan = [fault for fault in FAULTS if fault.act in ("reset", "close", "half-close", "garble")]
        assert write(network.url, seconds=120).left == []
    assert engine.ids == IDS


@pytest.mark.parametrize("after", [0, 2, 10, 40, 80, 120])
def test_a_request_that_arrives_garbled_buries_nothing(engine, soon, after):
    """Who answers it may say that our request is wrong, and must not be believed about the documents."""
    with proxy(engine.port) as network:
        network.plan = [Fault("garble", "request", after)]
        first = write(network.url)
        assert first.dead == []
        assert len(first.left) + first.indexed == len(IDS)
        assert write(network.url).left == []
    assert engine.ids == IDS


def test_all_faults_before_a_real_engine_leave_each_event_there_once(server, prefix, soon):
    """Over TLS too, where what is garbled is no answer at all."""
    prepare(server, prefix)
    ids = [f"id-{n:05}" for n in range(3_000)]
    some = [
        Document(f"{prefix}-2026.03.{1 + n % 3:02}", name, b'{"event":{"id":"%b"}}' % name.encode(), b"")
        for n, name in enumerate(ids)
    ]
    with proxy(server.port) as network:
        network.plan = [fault for fault in FAULTS if fault.act != "delay"]
        url = server.url.replace(f":{server.port}", f":{network.port}")
        deadline = Deadline(120, draw=lambda: 0.05)
        sent = BulkWriter(Engine(parse_url(url)), never, deadline, requests=2).write(some)
        assert len(network.played) > len(FAULTS) // 2
    assert (sent.indexed + sent.duplicates, sent.dead, sent.left) == (len(ids), [], [])
    assert sorted(indexed(server, prefix)) == ids
