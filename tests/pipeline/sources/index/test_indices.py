"""Which indices are read, and as what."""

import json

import pytest

from pipeline.ingest.listing import SourceError
from tests.pipeline.sources.index.documents import a_numbered, an_id, elastic, fill, filled, ids, stock
from tests.pipeline.sources.index.played import PlayedEngine, Watched


def test_several_indices_of_several_kinds_are_each_read_as_they_are():
    engine = PlayedEngine()
    fill(engine, "a-ours", 5)
    for number in range(5):
        for name, document in (
            ("b-stock", stock(a_numbered(100 + number))),
            ("c-elastic", elastic(json.dumps(a_numbered(200 + number)))),
            ("d-records", a_numbered(300 + number)),
            ("e-arrays", elastic([json.dumps(a_numbered(400 + number))])),
        ):
            (engine.indices.get(name) or engine.index(name)).put(f"{number}", document)
    home = Watched(engine)
    home.read()
    assert home.ids == ids(5) | ids(5, 100) | ids(5, 200) | ids(5, 300) | ids(5, 400)
    assert home.listing.problems == []
    fetched = {
        tuple(body["_source"]) if isinstance(body["_source"], list) else body["_source"]
        for _, path, body in engine.asked
        if path == "/_search" and body["size"] and body["_source"]
    }
    assert len(fetched) == 3, "only of records the whole document is fetched"


def test_what_is_unknown_is_refused_by_name_and_the_rest_is_read():
    engine = filled(5)
    engine.index("cloudtrail-web").put("1", {"message": "GET /", "a\x1b[31m": {"b": 1}, "long" * 100: 1})
    engine.index("cloudtrail-dropped").put("1", elastic(None))
    engine.index("cloudtrail-empty")
    home = Watched(engine)
    home.read()
    assert home.ids == ids(5)
    dropped, web = home.listing.problems
    assert "event.original was dropped" in dropped
    assert "preserve_original_event" in dropped
    assert "message, a\\x1b[31m.b" in web
    assert ",-cloudtrail-web" in web
    assert len(web) < 700


def test_only_cloudtrails_documents_of_a_mixed_index_are_read():
    engine = PlayedEngine()
    index = engine.index("filebeat-8")
    for number in range(30):
        index.put(f"n{number}", {"event": {"dataset": "nginx.access", "original": "GET /"}, "message": "GET /"})
    for number in range(5):
        index.put(an_id(number), elastic(json.dumps(a_numbered(number))))
    for number in range(30):
        index.put(f"m{number}", {"event": {"dataset": "nginx.access", "original": "GET /"}, "message": "GET /"})
    home = Watched(engine)
    report = home.read()
    assert (home.ids, report.set_aside, home.listing.documents) == (ids(5), 0, 5)
    assert "only the documents of CloudTrail are read" in home.listing.notes[0]
    home.read()
    assert home.listing.documents == 0, "though the newest documents are none of ours"


def test_closed_and_missing_indices_are_told():
    engine = filled(5)
    engine.index("cloudtrail-2026.01.01").is_open = False
    home = Watched(engine)
    home.read()
    assert home.listing.notes == ["1 closed index, which cannot be read: cloudtrail-2026.01.01"]
    with pytest.raises(SourceError, match="no open index 'nothing-\\*'"):
        Watched(engine, "nothing-*").read()
