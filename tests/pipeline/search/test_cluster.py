"""A cluster is known by its own id on every engine, and by its address where it tells none."""

from typing import Any

from pipeline.search.cluster import name_cluster
from pipeline.search.engine import Answer, Engine
from pipeline.search.url import parse_url


def test_every_engine_tells_its_cluster(server):
    name = name_cluster(Engine(parse_url(server.url)))
    assert len(name) == 22
    assert "http" not in name


def test_where_it_is_refused_the_address_serves():
    class Refusing:
        url = parse_url("opensearch+sigv4://x.aoss.amazonaws.com?region=eu-west-1&service=aoss")

        def ask(self, *given: Any) -> Answer:
            return Answer(404, None)

    assert name_cluster(Refusing()) == "https://x.aoss.amazonaws.com:443"  # type: ignore[arg-type]
