"""The benchmark of indexing works on every event it was given, by whichever way, and in little memory."""

import re
from pathlib import Path

import pytest

from benchmarks.index_door import HERE, NOWHERE
from benchmarks.index_speed import in_a_process, lines, payloads, write_large
from tests.pipeline.ingest.records import write_bucket
from tests.servers.fixtures import ONE_PROCESS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("speed")
    write_bucket(where / "trail", files=12, each=500)
    return where


@pytest.mark.parametrize("url", [HERE, NOWHERE])
def test_into_nothing_everything_is_counted_and_the_stages_are_all_of_the_time(folder, url):
    staged = in_a_process("stages", folder, 6_000, url)
    assert staged["events"] == 6_000
    assert set(staged["stages"]) == {"columns", "documents", "packing", "requests"}
    assert 0 < sum(staged["stages"].values()) <= staged["cpu_s"]


@ONE_PROCESS
def test_the_door_and_the_bare_loop_have_the_same_events_taken(folder, opensearch):
    url = opensearch.url
    one, other = in_a_process("server", folder, 6_000, url), in_a_process("bare", folder, 6_000, url)
    assert one["indexed"] == other["indexed"] == one["events"] == other["events"] == 6_000
    assert other["bytes"] > 6_000 * 1_000
    assert not [name for name in opensearch.ask("GET", "/_all/_settings") if name.startswith("speed")]


def test_what_is_said_has_a_rate_a_table_and_the_memory(folder):
    said = "\n".join(lines(folder, 2_000, 1, "", (200_000, 600_000)))
    rates = re.findall(r"into nothing, \w+ +([0-9,]+) events/s", said)
    assert len(rates) == 2
    assert all(int(rate.replace(",", "")) > 500 for rate in rates)
    shares = [int(share) for share in re.findall(r"([0-9]+)%", said)]
    assert 97 <= sum(shares) <= 103
    used = {what: int(held) for what, held in re.findall(r"one (\w+) of .*: (\d+) MB at most", said)}
    assert set(used) == {"payload", "object"}
    assert used["payload"] < 256
    assert used["object"] < 512


def test_payloads_are_of_two_thousand_and_what_is_large_is_as_large_as_asked_for(folder):
    assert len(list(payloads(folder / "trail", 4_000))) == 2
    write_large(folder / "trail", folder, 100_000, 300_000)
    assert (folder / "object").stat().st_size >= 300_000
    assert 80_000 < (folder / "payload").stat().st_size < 120_000
