"""Which shards are looked into."""

from tests.pipeline.sources.index.documents import fill
from tests.pipeline.sources.index.played import PlayedEngine, Watched


def test_a_quiet_index_costs_a_question_together_with_all_others():
    engine = PlayedEngine()
    for day in range(1, 29):
        fill(engine, f"cloudtrail-2026.02.{day:02}", 2, start=100 * day)
    home = Watched(engine)
    home.read()
    engine.asked.clear()
    home.read()
    assert [path for _, path, _ in engine.asked] == ["/*", "/*", "/_msearch"]
