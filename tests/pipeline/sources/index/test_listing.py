"""What is listed of indices, as a whole."""

import pytest

from pipeline.search.engine import Answer
from pipeline.sources.index.snapshot import OPENSEARCH, SCROLL
from tests.pipeline.sources.index.documents import DAY, fill, filled, ids
from tests.pipeline.sources.index.played import Watched


@pytest.mark.parametrize("way", [OPENSEARCH, SCROLL], ids=str)
@pytest.mark.parametrize("shards", [1, 3])
def test_every_document_is_read_once_whatever_the_shards(way, shards):
    home = Watched(filled(100, shards), way=way)
    report = home.read()
    assert (home.ids, report.stored, report.duplicates) == (ids(100), 100, 0)
    assert (home.listing.documents, home.listing.problems, home.listing.notes) == (100, [], [])
    assert sum(home.state.seqs()) == 100 - shards, "we stand at the last of every shard"
    assert not home.engine.held, "every point in time is closed"
    assert not home.engine.scrolled


def test_an_index_that_is_deleted_meanwhile_is_told():
    engine = filled(5)
    fill(engine, "cloudtrail-2026.03.03", 5, start=5)

    def delete(method, path, body):
        if "point_in_time" in path and "2026.03.02" in path:
            engine.indices.pop(DAY, None)
        return None

    engine.faults.append(delete)
    home = Watched(engine)
    home.read()
    assert (home.ids, home.listing.problems) == (ids(5, 5), [])
    assert home.listing.notes == ["cloudtrail-2026.03.02 is closed, or was deleted meanwhile: it is not read"]


def test_an_index_that_is_closed_meanwhile_is_told():
    engine = filled(5)
    fill(engine, "cloudtrail-2026.03.03", 5, start=5)
    closed = {"error": {"type": "index_closed_exception", "reason": "closed"}}
    engine.faults.append(lambda method, path, body: Answer(400, closed) if path.startswith(f"/{DAY}/") else None)
    home = Watched(engine)
    home.read()
    assert (home.ids, home.listing.problems) == (ids(5, 5), [])
    assert home.listing.notes == ["cloudtrail-2026.03.02 is closed, or was deleted meanwhile: it is not read"]
