"""Where we stand in each shard: after the commit, and back where something came into sight before it."""

from itertools import count

import pytest

from pipeline.errors import StoreError
from pipeline.sources.index.snapshot import OPENSEARCH, SCROLL
from tests.pipeline.sources.index.documents import DAY, a_numbered, an_id, fill, filled, ids, ours
from tests.pipeline.sources.index.played import Watched


@pytest.mark.parametrize("way", [OPENSEARCH, SCROLL], ids=str)
def test_the_next_run_reads_what_is_new(way):
    home = Watched(filled(100), way=way)
    home.read()
    again = home.read()
    assert (again.records, home.listing.documents) == (0, 0)
    fill(home.engine, DAY, 7, start=100)
    home.clock.pass_by(minutes=1)
    assert home.read().stored == 7
    assert home.listing.documents == 7


def test_a_late_call_is_found_for_it_is_newly_written():
    home = Watched(filled(40))
    home.read()
    home.engine.indices[DAY].put("late", ours(a_numbered(7) | {"eventID": an_id(7, 1)}))
    assert (home.read().stored, an_id(7, 1) in home.ids) == (1, True)


def test_a_document_whose_number_comes_into_sight_after_greater_ones_is_found():
    home = Watched(filled(40))
    index = home.engine.indices[DAY]
    held = index.shards[0].pop(an_id(20))
    home.read()
    assert an_id(20) not in home.ids
    index.shards[0][an_id(20)] = held
    home.clock.pass_by(minutes=1)
    assert home.read().stored == 1, "though nothing newer was written"
    assert home.ids == ids(40)


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize("way", [OPENSEARCH, SCROLL], ids=str)
def test_whenever_a_lower_number_comes_into_sight_its_document_is_found(way, goes_on, closes):
    """Before every request of a run in turn, be it the first one or one that goes on; held open all along, or not."""
    for moment in count(1):
        home = Watched(filled(50), way=way)
        documents = home.engine.indices[DAY].shards[0]
        held = documents.pop(an_id(20))
        if goes_on:
            home.read()
        fill(home.engine, DAY, 50, start=50)
        asked = []

        def show(method, path, body, home=home, documents=documents, held=held, asked=asked, moment=moment):
            asked.append(path)
            if len(asked) == moment:
                documents[an_id(20)] = held
                if closes:
                    home.engine.held.clear()
                    home.engine.scrolled.clear()

        home.engine.faults.append(show)
        home.read()
        if len(asked) < moment:
            break
        home.clock.pass_by(minutes=1)
        home.read()
        assert home.ids == ids(100), f"it came before request {moment}: {asked}"
    assert moment > 8


@pytest.mark.parametrize("way", [OPENSEARCH, SCROLL], ids=str)
def test_what_a_copy_numbers_again_after_taking_over_is_found(way):
    home = Watched(filled(40), way=way)
    home.read()
    index = home.engine.indices[DAY]
    [gone] = [name for name, (seq, _, _) in index.shards[0].items() if seq == 39]
    index.shards[0].pop(gone)
    index.term, index.next[0] = 2, 39
    fill(home.engine, DAY, 2, start=100)
    home.read()
    assert home.ids == ids(40) | ids(2, 100)


def test_documents_that_are_deleted_or_written_again_do_no_harm():
    home = Watched(filled(60))
    home.read()
    index = home.engine.indices[DAY]
    for number in range(10):
        del index.shards[0][an_id(number)]
    index.put(an_id(20), ours(a_numbered(20)))
    home.clock.pass_by(hours=1)
    report = home.read()
    assert (report.stored, home.ids) == (0, ids(60))
    home.engine.asked.clear()
    home.read()
    assert home.listing.documents == 0, "and it is quiet again"


def test_an_index_that_was_made_again_is_read_again():
    home = Watched(filled(10))
    home.read()
    home.engine.opened += 1
    del home.engine.indices[DAY]
    fill(home.engine, DAY, 12)
    assert (home.read().stored, home.listing.documents) == (2, 12)


def test_again_reads_everything_again():
    home = Watched(filled(10))
    home.read()
    assert home.read(again=True).stored == 0
    assert home.listing.documents == 10


def test_where_we_stand_moves_after_the_commit_and_never_before(monkeypatch):
    home = Watched(filled(100))
    commit, seen = home.target.commit, []

    def failing(batch, now):
        seen.append(home.state.seqs())
        if len(home.target.events) >= 50:
            raise StoreError("it is full")
        return commit(batch, now)

    monkeypatch.setattr(home.target, "commit", failing)
    monkeypatch.setattr("pipeline.ingest.run.LARGEST", 1)
    with pytest.raises(StoreError, match="full"):
        home.read()
    assert home.state.seqs() == [29]
    assert len(home.target.events) == 50
    monkeypatch.setattr(home.target, "commit", commit)
    home.read()
    assert (home.ids, home.listing.documents) == (ids(100), 70)


def test_a_memory_that_another_version_wrote_is_refused():
    home = Watched(filled(5))
    home.read()
    [name] = home.state.held
    home.state.put_checkpoint(name, {"shards": {"0": [["when", "where"]]}})
    with pytest.raises(StoreError, match="read it again with --again"):
        home.read()
    home.read(again=True)
    assert home.state.seqs() == [4]
