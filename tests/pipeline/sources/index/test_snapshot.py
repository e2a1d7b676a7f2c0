"""A shard at a moment: held open, lost, opened again, and counted."""

import pytest

from pipeline.documents.capabilities import Capabilities
from pipeline.search.engine import Answer
from pipeline.sources.index import snapshot
from pipeline.sources.index.ask import LostError, ReadError
from pipeline.sources.index.snapshot import SCROLL, next_size, way_of
from tests.pipeline.sources.index.documents import an_id, filled, ids
from tests.pipeline.sources.index.played import Watched, lost


def test_a_point_in_time_that_is_lost_is_opened_again_where_we_stood():
    home = Watched(filled(100))
    pages = []

    def lose(method, path, body):
        if path == "/_search" and body["size"] and body["_source"]:
            pages.append(body)
            if len(pages) == 6:
                home.engine.held.clear()
        return None

    home.engine.faults.append(lose)
    report = home.read()
    assert (home.ids, home.listing.problems) == (ids(100), [])
    first = [page["query"]["bool"]["filter"][0]["range"]["_seq_no"]["gt"] for page in pages]
    assert first[:7] == [-1, 9, 19, 29, 39, 49, 29], "the stretch begins again, what was before it does not"
    assert report.stored + report.duplicates + 10 * report.skipped_files >= 100


def test_a_scroll_that_is_lost_begins_again():
    home = Watched(filled(40), way=SCROLL)
    left = [1]

    def lose(method, path, body):
        if path == "/_search/scroll" and method == "POST" and left:
            left.pop()
            return lost()
        return None

    home.engine.faults.append(lose)
    home.read()
    assert (home.ids, home.listing.problems) == (ids(40), [])


def test_an_engine_that_loses_every_point_in_time_is_given_up():
    home = Watched(filled(40))
    home.engine.faults.append(lambda method, path, body: lost() if path == "/_search" else None)
    with pytest.raises(LostError, match="closed what was being read"):
        home.read()
    assert home.state.held == {}


def test_a_number_that_is_not_the_count_is_told_and_nothing_is_remembered_of_it():
    """An engine that loses documents on the way, as some orders of sorting have made it."""
    home = Watched(filled(100))

    def drop(method, path, body):
        if path == "/_search" and body["size"] and body["_source"]:
            answer = home.engine.ask(method, path, body) if not home.engine.faults.clear() else None
            home.engine.faults.append(drop)
            hits = answer.body["hits"]["hits"]
            hits[:] = [hit for hit in hits if hit["_id"] != an_id(45)]
            return answer
        return None

    home.engine.faults.append(drop)
    home.read()
    assert home.ids == ids(45) | {an_id(number) for number in range(46, 70)}
    [problem] = home.listing.problems
    assert problem.startswith("39 of 40 documents of cloudtrail-2026.03.02, shard 0, were read")
    assert home.state.seqs() == [29]
    home.engine.faults.clear()
    home.read()
    assert (home.ids, home.listing.problems) == (ids(100), [])


def test_an_end_that_comes_too_early_is_told():
    home = Watched(filled(25))

    def end(method, path, body):
        if path == "/_search" and body["size"] and body["query"]["bool"]["filter"][0]["range"]["_seq_no"]["gt"] == 19:
            shards = {"total": 1, "successful": 1, "failed": 0}
            return Answer(200, {"pit_id": "pit1", "timed_out": False, "_shards": shards, "hits": {}})
        return None

    home.engine.faults.append(end)
    home.read()
    assert home.listing.problems[0].startswith("20 of 25 documents")
    assert home.state.held == {}


@pytest.mark.parametrize(
    ("product", "version", "kind"),
    [
        ("opensearch", (3, 8, 0), "pit"),
        ("opensearch", (2, 4, 0), "pit"),
        ("opensearch", (2, 3, 0), "scroll"),
        ("opensearch", (1, 3, 19), "scroll"),
        ("elasticsearch", (7, 17, 0), "_pit"),
        ("elasticsearch", (9, 2, 0), "_pit"),
    ],
)
def test_each_engine_holds_a_moment_open_in_its_way(product, version, kind):
    assert way_of(Capabilities(product, version)).kind == kind


def test_a_page_holds_fewer_documents_where_they_are_large(monkeypatch):
    monkeypatch.setattr(snapshot, "MOST", 2_000)
    monkeypatch.setattr(snapshot, "FEWEST", 20)
    assert [next_size(100, 100 * each) for each in (100, 1_500, 30_000, 256_000, 3 << 20)] == [
        2_000,
        2_000,
        209,
        24,
        20,
    ]


def test_documents_out_of_order_end_the_reading():
    home = Watched(filled(25))

    def swap(method, path, body):
        if path == "/_search" and body["size"] and body["_source"]:
            home.engine.faults.clear()
            answer = home.engine.ask(method, path, body)
            answer.body["hits"]["hits"].reverse()
            return answer
        return None

    home.engine.faults.append(swap)
    with pytest.raises(ReadError, match="do not come in the order"):
        home.read()
    assert home.state.held == {}
