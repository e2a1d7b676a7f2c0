"""What an engine is, by what it answers: real ones, and answers recorded of versions that are not here."""

import pytest

from pipeline.documents.capabilities import Capabilities, probe, read_nodes, read_root
from pipeline.errors import SettingsError
from pipeline.search.engine import Answer, Engine
from pipeline.search.url import parse_url

OPENSEARCH = "The OpenSearch Project: https://opensearch.org/"
ELASTIC = "You Know, for Search"
REFUSED = {"error": "Incorrect HTTP method for uri [/] and method [GET], allowed: [DELETE]", "status": 405}


def root(number, tagline, **more):
    """What `GET /` answers, in the parts that tell something."""
    version = {"number": number, "build_type": "tar", "build_snapshot": False, "lucene_version": "9.0.0"} | more
    return Answer(200, {"name": "n", "cluster_name": "c", "version": version, "tagline": tagline})


@pytest.mark.parametrize(
    ("answer", "product", "version", "flat"),
    [
        (root("1.3.20", OPENSEARCH, distribution="opensearch"), "opensearch", (1, 3, 20), None),
        (root("2.6.0", OPENSEARCH, distribution="opensearch"), "opensearch", (2, 6, 0), None),
        (root("2.7.0", OPENSEARCH, distribution="opensearch"), "opensearch", (2, 7, 0), "flat_object"),
        (root("2.19.4", OPENSEARCH, distribution="opensearch"), "opensearch", (2, 19, 4), "flat_object"),
        (root("3.8.0", OPENSEARCH, distribution="opensearch"), "opensearch", (3, 8, 0), "flat_object"),
        (root("3.0.0-beta1", OPENSEARCH, distribution="opensearch"), "opensearch", (3, 0, 0), "flat_object"),
        (root("7.17.29", ELASTIC, build_flavor="default"), "elasticsearch", (7, 17, 29), "flattened"),
        (root("8.19.21", ELASTIC, build_flavor="default"), "elasticsearch", (8, 19, 21), "flattened"),
        (root("9.2.0", ELASTIC, build_flavor="default"), "elasticsearch", (9, 2, 0), "flattened"),
    ],
)
def test_versions_by_their_greeting(answer, product, version, flat):
    found = read_root(answer)
    assert found == Capabilities(product, version)
    assert found.flat_type == flat
    assert found.needs_texts == (flat is None)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(405, REFUSED),
        Answer(404, {"error": "no"}),
        Answer(200, None),
        Answer(200, {"version": "8"}),
        Answer(200, ["x"]),
        root("7.10.2", OPENSEARCH, distribution="opensearch"),
        root("eight", ELASTIC),
    ],
)
def test_a_greeting_that_tells_nothing_or_pretends(answer):
    assert read_root(answer) is None


@pytest.mark.parametrize(
    ("node", "believed", "found"),
    [
        ({"version": "8.19.21", "build_flavor": "default"}, "elasticsearch", "Elasticsearch 8.19.21"),
        ({"version": "8.19.21", "build_flavor": "default"}, "opensearch", "Elasticsearch 8.19.21"),
        ({"version": "2.19.4", "build_type": "zip"}, "opensearch", "OpenSearch 2.19.4"),
        ({"version": "2.19.4", "build_type": "zip"}, "elasticsearch", "OpenSearch 2.19.4"),
        ({"version": "1.3.20", "build_type": "tar"}, "opensearch", "OpenSearch 1.3.20"),
    ],
)  # fmt: skip
def test_versions_by_their_node(node, believed, found):
    assert str(read_nodes(Answer(200, {"nodes": {"id": node}}), believed)) == found


class Scripted:
    """Answers by path."""

    def __init__(self, **answers):
        self.url = parse_url("opensearch+https://search.example.com")
        self._answers = answers

    def ask(self, method, path, body=None, *, params=None):
        return self._answers["nodes" if "nodes" in path else "root"]


def node(version, **more):
    return Answer(200, {"nodes": {"id": {"version": version} | more}})


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"root": Answer(401, {"error": "Unauthorized"}), "nodes": Answer(401, None)}, "does not let us in"),
        ({"root": Answer(403, None), "nodes": Answer(403, None)}, "check user, password and role"),
        ({"root": Answer(200, {"hello": "world"}), "nodes": Answer(404, None)}, "no search engine that is known"),
        ({"root": root("1.2.4", OPENSEARCH, distribution="opensearch")}, "OpenSearch 1.2.4: OpenSearch 1.3 to 3"),
        ({"root": root("7.16.3", ELASTIC, build_flavor="default")}, "Elasticsearch 7.16.3"),
        ({"root": root("7.10.2", ELASTIC, build_flavor="oss"), "nodes": node("7.10.2", build_flavor="oss")}, "7.10.2"),
        ({"root": root("4.0.0", OPENSEARCH, distribution="opensearch")}, "4.0.0"),
        ({"root": root("10.0.0", ELASTIC)}, "10.0.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_what_was_found(answers, said):
    with pytest.raises(SettingsError, match=said):
        probe(Scripted(**answers))


def test_an_opensearch_that_pretends_for_old_clients_is_asked_twice():
    engine = Scripted(root=root("7.10.2", OPENSEARCH, distribution="opensearch"), nodes=node("2.11.0"))
    assert probe(engine) == Capabilities("opensearch", (2, 11, 0))


def test_each_real_engine_says_what_it_is(server):
    found = probe(Engine(parse_url(server.url)))
    assert (found.product, ".".join(map(str, found.version))) == (server.kind.product, server.kind.version)
