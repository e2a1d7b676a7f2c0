"""Reading real engines: every kind of documents, exactly, with users, while they are killed, and equal to the files."""

import json
import signal
import threading

import pytest

from pipeline.documents.capabilities import probe
from pipeline.documents.document import Naming
from pipeline.documents.roles import make_opensearch_roles
from pipeline.errors import SettingsError
from pipeline.ingest.run import ingest
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.sources.index import listing as listing_module
from pipeline.sources.index import snapshot
from pipeline.sources.index.listing import IndexListing
from pipeline.sources.index.snapshot import SCROLL, way_of
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.records import NOW
from tests.pipeline.sources.index.documents import a_numbered, an_id, elastic, ours, stock
from tests.pipeline.sources.index.played import Clock, MemoryState
from tests.servers.engine import PASSWORD

pytestmark = pytest.mark.sweep

KINDS = {
    "ours": ours,
    "stock": stock,
    "elastic": lambda record: elastic(json.dumps(record)),
    "arrays": lambda record: elastic([json.dumps(record)]),
    "records": lambda record: record,
}


def fill(server, index, records, make, shards=1):
    """Documents of records in an index of so many shards, which maps next to nothing."""
    mapping = {"dynamic": False, "properties": {"event": {"properties": {"dataset": {"type": "keyword"}}}}}
    settings = {"number_of_shards": shards, "number_of_replicas": 0}
    server.ask("PUT", f"/{index}", {"settings": settings, "mappings": mapping})
    put(server, index, records, make)


def put(server, index, records, make):
    records = list(records)
    for start in range(0, len(records), 2_000):
        lines = []
        for record in records[start : start + 2_000]:
            lines += [json.dumps({"create": {"_id": record["eventID"]}}), json.dumps(make(record))]
        answer = server.ask("POST", f"/{index}/_bulk?filter_path=errors", ("\n".join(lines) + "\n").encode())
        assert answer == {"errors": False}
    server.ask("POST", f"/{index}/_refresh")


def open_contexts(server, prefix):
    """How many moments a server holds open."""
    held = server.ask("GET", f"/{prefix}-*/_stats/search")["_all"]["total"]["search"]
    return held["open_contexts"] + held.get("point_in_time_current", 0) + held["scroll_current"]


class Home:
    """A home in memory that reads a server's indices."""

    def __init__(self, server, pattern, url=None, way=None):
        self.url, self.pattern, self.way = parse_url(url or server.url), pattern, way
        self.target, self.state, self.clock = MemoryTarget(), MemoryState(), Clock()

    def read(self, patience=20.0):
        engine = Engine(self.url)
        try:
            way = self.way or way_of(probe(engine))
            self.listing = IndexListing(engine, way, self.pattern, clock=self.clock, patience=patience)
            self.listing.remember_in(self.state)
            return ingest(self.listing, self.target, now=NOW)
        finally:
            engine.close()

    @property
    def ids(self):
        return {row["event_id"] for row in self.target.events.values()}


@pytest.mark.parametrize("way", [None, SCROLL], ids=["as it can", "scroll"])
def test_twelve_thousand_documents_over_three_days_are_read_exactly(server, prefix, monkeypatch, way):
    monkeypatch.setattr(snapshot, "MOST", 150)
    monkeypatch.setattr(listing_module, "STRETCH", 1_000)
    for day in range(3):
        records = [a_numbered(4_000 * day + number) for number in range(4_000)]
        fill(server, f"{prefix}-2026.03.0{day + 1}", records, ours, shards=1 + 2 * (day == 1))
    home = Home(server, f"{prefix}-*", way=way)
    report = home.read()
    assert home.ids == {an_id(number) for number in range(12_000)}
    assert (report.stored, report.duplicates, report.set_aside) == (12_000, 0, 0)
    assert (home.listing.documents, home.listing.problems, home.listing.notes) == (12_000, [], [])
    assert home.read().records == 0
    put(server, f"{prefix}-2026.03.02", [a_numbered(20_000 + number) for number in range(5)], ours)
    home.clock.pass_by(minutes=1)
    assert (home.read().stored, home.listing.documents) == (5, 5)
    server.ask("DELETE", f"/{prefix}-2026.03.01")
    assert (home.read().stored, home.listing.problems) == (0, [])
    assert open_contexts(server, prefix) == 0


def test_every_kind_is_recognised_and_read(server, prefix):
    wanted = set()
    for at, (name, make) in enumerate(KINDS.items()):
        records = [a_numbered(1_000 * at + number) for number in range(40)]
        fill(server, f"{prefix}-{name}", records, make)
        wanted |= {record["eventID"] for record in records}
    fill(server, f"{prefix}-web", [{"eventID": "1", "message": "GET /"}], lambda record: {"message": "GET /"})
    home = Home(server, f"{prefix}-*")
    report = home.read()
    assert (home.ids, report.set_aside) == (wanted, 0)
    [problem] = home.listing.problems
    assert f"{prefix}-web holds no CloudTrail records" in problem


def test_the_trainers_role_is_enough_and_less_is_told(opensearch_with_users, prefix):
    server = opensearch_with_users
    roles = {role.name.rsplit("-", 1)[1]: role.body for role in make_opensearch_roles(Naming(prefix=prefix))}
    fill(server, f"{prefix}-2026.03.01", [a_numbered(number) for number in range(300)], ours)
    urls = {}
    for name in ("trainer", "lambda"):
        user = f"{prefix}{name}"
        server.ask("PUT", f"/_plugins/_security/api/roles/{user}", roles[name])
        server.ask("PUT", f"/_plugins/_security/api/internalusers/{user}", {"password": PASSWORD})
        server.ask("PUT", f"/_plugins/_security/api/rolesmapping/{user}", {"users": [user]})
        urls[name] = server.url.replace("admin@", f"{user}@")
    home = Home(server, f"{prefix}-*.*.*", urls["trainer"])
    assert home.read().stored == 300
    assert home.read().records == 0, "the question about news is allowed, too"
    assert open_contexts(server, prefix) == 0, "and so is closing what was opened"
    with pytest.raises(SettingsError, match="trainer"):
        Home(server, f"{prefix}-*.*.*", urls["lambda"]).read()
    scrolled = Home(server, f"{prefix}-*.*.*", urls["trainer"], SCROLL)
    assert scrolled.read().stored == 300


def test_a_server_that_is_killed_while_it_is_read_is_waited_for(opensearch, prefix, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST", 100)
    monkeypatch.setattr(snapshot, "_FIRST", 100)
    monkeypatch.setattr(listing_module, "STRETCH", 400)
    fill(opensearch, f"{prefix}-2026.03.01", [a_numbered(number) for number in range(2_000)], ours)
    opensearch.ask("POST", f"/{prefix}-2026.03.01/_flush")
    home = Home(opensearch, f"{prefix}-*")
    commit, commits = home.target.commit, []

    def killing(batch, now):
        commits.append(len(batch.files))
        if len(commits) == 5:
            opensearch.kill()
            threading.Thread(target=opensearch.start).start()
        return commit(batch, now)

    monkeypatch.setattr(home.target, "commit", killing)
    monkeypatch.setattr("pipeline.ingest.run.LARGEST", 1)
    home.read(patience=120.0)
    assert (home.ids, home.listing.problems) == ({an_id(number) for number in range(2_000)}, [])


def test_a_server_that_stays_away_ends_the_run_and_the_next_goes_on(opensearch, prefix, monkeypatch):
    monkeypatch.setattr(snapshot, "_FIRST", 100)
    monkeypatch.setattr(snapshot, "MOST", 100)
    monkeypatch.setattr(listing_module, "STRETCH", 400)
    fill(opensearch, f"{prefix}-2026.03.01", [a_numbered(number) for number in range(2_000)], ours)
    home = Home(opensearch, f"{prefix}-*")
    commit, commits = home.target.commit, []

    def stopping(batch, now):
        commits.append(len(batch.files))
        if len(commits) == 9:
            opensearch.signal(signal.SIGSTOP)
        return commit(batch, now)

    monkeypatch.setattr(home.target, "commit", stopping)
    monkeypatch.setattr("pipeline.ingest.run.LARGEST", 1)
    monkeypatch.setitem(Engine.ask.__kwdefaults__, "timeout", 1.0)
    try:
        with pytest.raises(Exception, match="does not answer"):
            home.read(patience=0)
    finally:
        opensearch.signal(signal.SIGCONT)
    [stood] = home.state.seqs()
    assert stood in (399, 799)
    home.read()
    assert home.listing.documents == 2_000 - 1 - stood
    assert home.ids == {an_id(number) for number in range(2_000)}
