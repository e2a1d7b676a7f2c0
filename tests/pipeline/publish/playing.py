"""An engine that plays OpenSearch or Elasticsearch in memory: indices, aliases, reading and writing by revision.

It can be down, forget to answer after it has written, refuse documents, and be cut off after so many requests.
"""

import json

from pipeline.documents.template import MADE_BY, VERSION
from pipeline.publish.target import Target
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.url import parse_url


class Killed(BaseException):
    """The process is gone."""


class Playing:
    """The engine."""

    def __init__(self, product="opensearch", host="search.example.com"):
        self.product = product
        self.url = parse_url(f"{product}+https://{host}")
        self.indices, self.aliases = {}, {}
        self.meta = {"made_by": MADE_BY, "version": VERSION, "detector_id": "det1"}
        self.cluster = "one"
        self.down = False
        self.requests = 0
        self.cut_after = None
        """Requests after which the process is killed: `before` the engine takes the last one, or after."""
        self.cut_before = False
        self.silent_bulks = 0
        """Bulks that are written and not answered."""
        self.refuse = {}
        """Errors by id."""
        self.meanwhile = None
        """Called once between reading and writing."""
        self.closed = 0
        self.timeouts = []
        """Seconds that each request would have been waited for."""
        self.forbids_indices = False

    def ask(self, method, path, body=None, *, params=None, timeout=30):
        if self.down:
            raise UnreachableError("https://search.example.com:9200 does not answer (refused)")
        self.requests += 1
        self.timeouts.append(timeout)
        if self.cut_after is not None and self.requests > self.cut_after and self.cut_before:
            raise Killed
        answer = self._answer(method, path, body)
        if self.cut_after is not None and self.requests > self.cut_after:
            raise Killed
        return answer

    def _answer(self, method, path, body):
        if path == "/":
            version = {"number": {"opensearch": "3.8.0", "elasticsearch": "8.19.21"}[self.product]}
            extra = {"distribution": "opensearch"} if self.product == "opensearch" else {}
            return Answer(200, {"cluster_uuid": self.cluster, "version": version | extra})
        if "_simulate_index" in path:
            return Answer(200, {"template": {"mappings": {"_meta": self.meta}}})
        if path == "/_mget":
            found = [self._get(each) for each in body["docs"]]
            if self.meanwhile:
                meanwhile, self.meanwhile = self.meanwhile, None
                meanwhile(self)
            return Answer(200, {"docs": found})
        if path == "/_bulk":
            return self._bulk(body)
        if path == "/_aliases":
            for action in body["actions"]:
                add = action["add"]
                self.aliases.setdefault(add["index"], {})[add["alias"]] = {
                    name: value for name, value in add.items() if name == "is_write_index"
                }
            return Answer(200, {"acknowledged": True})
        if path.endswith("/_search"):
            return self._search(path[1:].partition("/")[0], body)
        if path.endswith("*/_alias"):
            names = [name for name in self.indices if name.startswith(path[1:-8])]
            return Answer(200, {name: {"aliases": self.aliases.get(name, {})} for name in names})
        name = path.strip("/").partition("/")[0]
        if method == "PUT" and self.forbids_indices:
            return Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}})
        if method == "PUT":
            self.indices.setdefault(name, {})
            self.aliases.setdefault(name, {}).update((body or {}).get("aliases", {}))
            return Answer(200, {"acknowledged": True})
        return Answer(200, {name: {}}) if name in self.indices else Answer(404, {"error": f"alias [{name}] missing"})

    def _search(self, name, body):
        """What people wrote into documents of an alias, in one page."""
        held = [index for index in self.indices if name in {index, *self.aliases.get(index, {})}]
        if not held:
            return Answer(404, {"error": {"type": "index_not_found_exception", "reason": f"no such index [{name}]"}})
        said = [document for index in held for _, document in self.indices[index].values() if "triage" in document]
        hits = [{"_source": document, "sort": [document["detected_at"], document["alert_id"]]} for document in said]
        return Answer(200, {"hits": {"hits": [] if "search_after" in body else hits}})

    def _get(self, each):
        if each["_index"] not in self.indices:
            return each | {"error": {"type": "index_not_found_exception", "reason": "no such index"}}
        held = self.indices[each["_index"]].get(each["_id"])
        if held is None:
            return each | {"found": False}
        return each | {"found": True, "_seq_no": held[0], "_primary_term": 1, "_source": held[1]}

    def _bulk(self, body):
        lines = [json.loads(line) for line in body.splitlines()]
        items = []
        while lines:
            [(action, name)] = lines.pop(0).items()
            items.append({action: self._write(action, name, lines.pop(0))})
        if self.silent_bulks:
            self.silent_bulks -= 1
            raise UnreachableError("no answer")
        return Answer(
            200, {"errors": any("error" in inner for item in items for inner in item.values()), "items": items}
        )

    def _write(self, action, name, document):
        if name["_id"] in self.refuse:
            status, kind = self.refuse[name["_id"]]
            return {"status": status, "error": {"type": kind, "reason": "refused by the test"}}
        index = self.indices.setdefault(name["_index"], {})
        held = index.get(name["_id"])
        conflict = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "seq"}}
        if action == "create":
            if held is not None:
                return conflict
            index[name["_id"]] = 0, document
            return {"status": 201}
        assert action == "update", "nothing is ever overwritten whole"
        if held is None:
            return {"status": 404, "error": {"type": "document_missing_exception", "reason": "gone"}}
        if (held[0], 1) != (name["if_seq_no"], name["if_primary_term"]):
            return conflict
        index[name["_id"]] = held[0] + 1, merge(held[1], document["doc"])
        return {"status": 200}

    def write_beside(self, index, name, fields):
        """What a person writes into a document."""
        seq, document = self.indices[index][name]
        self.indices[index][name] = seq + 1, merge(document, fields)

    def documents(self, beginning):
        """Documents of the indices whose names begin so, by id."""
        return {
            name: document
            for index, held in sorted(self.indices.items())
            if index.startswith(beginning)
            for name, (_, document) in held.items()
        }

    def close(self):
        self.closed += 1


def merge(old, new):
    """A document with another laid over it, as an update does it."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {name: merge(old.get(name), value) for name, value in new.items()}
    return new


class PlayedTarget(Target):
    """A target whose engine is played."""

    def __init__(self, engine, setting=None):
        super().__init__(engine.url, *([setting] if setting else []))
        object.__setattr__(self, "engine", engine)

    def open(self):
        return self.engine
