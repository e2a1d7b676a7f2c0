"""Engines made ready as `oddtrail setup` does, and what is in them afterwards."""

from datetime import timedelta
from typing import Any

from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.servers.engine import Server


def prepare(server: Server, prefix: str) -> Naming:
    """Set an engine up for indices of a prefix that keep everything since 1970."""
    naming = Naming(prefix, timedelta(days=30_000))
    engine = Engine(parse_url(server.url), connections=1)
    set_up(engine, naming)
    engine.close()
    return naming


def indexed(server: Server, prefix: str) -> dict[str, dict[str, Any]]:
    """Every document of a prefix by its id; each is there once, and was written once."""
    server.ask("POST", f"/{prefix}-*/_refresh")
    found: dict[str, dict[str, Any]] = {}
    after: list[Any] | None = None
    while True:
        search: dict[str, Any] = {"size": 2_000, "sort": [{"event.id": "asc"}], "version": True}
        hits = server.ask("POST", f"/{prefix}-*/_search", search | ({"search_after": after} if after else {}))
        some = hits["hits"]["hits"]
        if not some:
            return found
        for hit in some:
            assert hit["_id"] not in found, "twice"
            assert hit["_version"] == 1, "written over"
            found[hit["_id"]] = hit
        after = some[-1]["sort"]
