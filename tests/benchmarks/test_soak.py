"""The soak in short: a server killed twice amid forty thousand events holds each of them once."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.ingest_floor import make_files
from benchmarks.soak import SERVERS, Soaked, ids_in, soak
from tests.pipeline.ingest.records import write_bucket
from tests.servers.fixtures import ONE_PROCESS


@pytest.mark.sweep  # over a minute; tests/faults/test_killed.py kills servers in every run
@ONE_PROCESS
def test_a_server_that_is_killed_twice_holds_each_event_once(tmp_path):
    make_files(tmp_path / "trail", 40_000, per_file=0)
    done = soak(tmp_path / "trail", SERVERS["opensearch-2"], every=4, kills=2)
    assert done.kills == 2
    assert done.events > 35_000
    assert done.is_whole, done
    assert (done.found, done.dead_letters) == (done.events, 0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found | {"lost": 1},
        lambda found: found | {"twice": 1},
        lambda found: found | {"found": found["found"] - 1},
        lambda found: found | {"found": found["found"] + 1},
    ],
)
def test_it_fails_where_one_is_missing_or_twice(spoil: Callable[[dict[str, Any]], dict[str, Any]]):
    whole = {"events": 9, "kills": 1, "seconds": 1.0, "indexed": 7, "duplicates": 1, "dead_letters": 1, "found": 8}
    whole |= {"lost": 0, "twice": 0}
    assert Soaked(**whole).is_whole
    assert not Soaked(**spoil(whole)).is_whole


def test_the_ids_are_those_of_the_files(tmp_path):
    ids = write_bucket(tmp_path / "AWSLogs", files=3, each=4)
    assert ids_in(tmp_path) == set(ids)
