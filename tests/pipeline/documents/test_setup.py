"""`oddtrail setup`: what is made, that it is made once, and that nobody else's is touched."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.documents.capabilities import Capabilities
from pipeline.documents.document import DocumentMaker, Naming
from pipeline.documents.setup import SetupError, require_template, set_up
from pipeline.documents.template import make_templates
from pipeline.search.bulk import BulkWriter
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer, Engine
from pipeline.search.url import parse_url
from tests.pipeline.documents.making import documents
from tests.pipeline.documents.test_capabilities import ELASTIC, OPENSEARCH, root
from tests.pipeline.ingest.records import a_record

OLD = Capabilities("opensearch", (2, 6, 0))


def connect(server):
    return Engine(parse_url(server.url))


def outcomes(done):
    return {step.what.partition(" ")[0] + ":" + step.what.rpartition("-")[2]: step.outcome for step in done.steps}


def test_a_second_time_everything_is_the_same_on_every_engine(server, prefix):
    engine, naming = connect(server), Naming(prefix)
    with pytest.raises(SetupError, match="run `oddtrail setup URL` first"):
        require_template(engine, naming)
    first = set_up(engine, naming)
    made = {step.outcome for step in first.steps if prefix in step.what}
    assert made == {"made"}
    assert require_template(engine, naming) is False
    again = set_up(engine, naming)
    assert {step.outcome for step in again.steps} == {"same"}
    roles = [step for step in again.steps if step.what.startswith("role ")]
    assert len(roles) == (4 if server.kind.secure else 0)
    assert any("policies are not made" in note for note in again.notes)


def test_a_dry_run_shows_each_request_and_sends_none(server, prefix):
    engine, naming = connect(server), Naming(prefix)
    done = set_up(engine, naming, dry_run=True)
    assert [step.path for step in done.steps if "template" in step.what] == [
        f"/_index_template/oddtrail-{prefix}",
        f"/_index_template/oddtrail-{prefix}-quarantine",
        "/_index_template/oddtrail-alerts",
        "/_index_template/oddtrail-alerts-history",
    ]
    assert all(step.body for step in done.steps)
    with pytest.raises(SetupError):
        require_template(engine, naming)


def test_a_template_that_was_made_for_an_old_engine_is_known_on_every_engine(server, prefix):
    engine, naming = connect(server), Naming(prefix)
    for template in make_templates(OLD, naming)[:2]:
        assert engine.ask("PUT", template.path, template.body).status == 200
    assert require_template(engine, naming) is True


def test_what_was_changed_is_put_right(server, prefix):
    engine, naming = connect(server), Naming(prefix)
    set_up(engine, naming)
    path = f"/_index_template/oddtrail-{prefix}"
    there = server.ask("GET", path)["index_templates"][0]["index_template"]
    body = {name: there[name] for name in ("index_patterns", "priority", "version", "_meta", "template")}
    body["template"]["settings"]["index"]["refresh_interval"] = "1s"
    server.ask("PUT", path, body)
    changed = {step.what for step in set_up(engine, naming).steps if step.outcome == "changed"}
    assert changed == {f"template oddtrail-{prefix}"}


def test_documents_meet_the_template_and_all_days_have_one_alias(server, prefix):
    engine, naming = connect(server), Naming(prefix)
    set_up(engine, naming)
    made = documents(a_record(), a_record(eventTime="2026-03-01T00:00:00Z"), maker=DocumentMaker(naming))
    assert BulkWriter(engine, lambda document, reason: None, Deadline(60)).write(made).indexed == 2
    assert set(server.ask("GET", f"/{prefix}/_mapping")) == {f"{prefix}-2026.03.01", f"{prefix}-2026.03.02"}
    assert {step.outcome for step in set_up(engine, naming).steps} == {"same"}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "/_index_template/theirs-{prefix}",
            {"index_patterns": ["{prefix}-*"], "priority": 300},
            "theirs-{prefix}.*has priority 300 and takes {prefix}",
        ),
        (
            "/_index_template/oddtrail-{prefix}",
            {"index_patterns": ["{prefix}-*.*.*"], "priority": 250},
            "'oddtrail-{prefix}' is not oddtrail's",
        ),
        (
            "/{prefix}-2026.01.01",
            {"mappings": {"properties": {"@timestamp": {"type": "keyword"}}}},
            "{prefix}-2026.01.01.*@timestamp is keyword, not date",
        ),
        ("/{prefix}-2026.01.01", {"mappings": {"dynamic": "false"}}, "@timestamp is not mapped"),
        ("/{prefix}-quarantine", {}, "it is mapped dynamically"),
        ("/{prefix}", {}, "an index is named '{prefix}', which is to be the alias"),
    ],
)
def test_what_is_somebody_elses_is_named_and_not_fought(opensearch, prefix, path, body, said):
    opensearch.ask("PUT", path.format(prefix=prefix), json.loads(json.dumps(body).replace("{prefix}", prefix)))
    engine, naming = connect(opensearch), Naming(prefix)
    with pytest.raises(SetupError, match=said.format(prefix=prefix)):
        set_up(engine, naming)
    there = opensearch.ask("GET", "/_index_template")["index_templates"]
    assert not [each for each in there if each["name"] == f"oddtrail-{prefix}" and each["index_template"].get("_meta")]
    with pytest.raises(SetupError):
        require_template(engine, naming)
    opensearch.ask("DELETE", path.format(prefix=prefix))


def test_what_yields_to_us_is_told_and_left(opensearch, prefix):
    opensearch.ask("PUT", f"/_index_template/low-{prefix}", {"index_patterns": [f"{prefix}*"], "priority": 1})
    opensearch.ask("PUT", f"/_template/legacy-{prefix}", {"index_patterns": [f"{prefix}-*"]})
    done = set_up(connect(opensearch), Naming(prefix))
    assert f"index template 'low-{prefix}' ({prefix}*) no longer applies to {prefix}-*.*.*" in done.notes
    assert f"legacy template 'legacy-{prefix}' ({prefix}-*) no longer applies to our indices" in done.notes


def test_an_index_of_ours_gets_the_fields_that_it_lacks(opensearch, prefix):
    engine, naming = connect(opensearch), Naming(prefix)
    body = set_up(engine, naming, dry_run=True).steps[0].body["template"]["mappings"]
    older = json.loads(json.dumps(body))
    del older["properties"]["tls"]
    opensearch.ask("PUT", f"/{prefix}-2026.01.01", {"mappings": older})
    done = set_up(engine, naming)
    assert [step.outcome for step in done.steps if step.what == f"new fields of index {prefix}-2026.01.01"] == [
        "changed"
    ]
    assert {step.outcome for step in set_up(engine, naming).steps} == {"same"}


def test_a_template_of_another_version_is_told_apart(opensearch, prefix):
    engine, naming = connect(opensearch), Naming(prefix)
    set_up(engine, naming)
    path = f"/_index_template/oddtrail-{prefix}"
    body = opensearch.ask("GET", path)["index_templates"][0]["index_template"]
    body["template"]["mappings"]["_meta"]["version"] = 99
    opensearch.ask("PUT", path, body)
    with pytest.raises(SetupError, match="version 99, not 3"):
        require_template(engine, naming)


class Scripted:
    """An engine that has everything, and remembers what was put; it adds to policies and roles as real ones do."""

    def __init__(self, product, *, refuses=()):
        self.url = parse_url(f"{product}+https://search.example.com")
        self.product, self.refuses, self.there, self.asked = product, refuses, {}, []
        self.detector, self.has_events = None, True
        native = {"opensearch": ".opendistro-anomaly-results-history-1", "elasticsearch": ".ml-anomalies-custom-calls"}
        self.aliases = {native[product]: {}}
        self.dashboards = (200, {})

    def ask(self, method, path, body=None, *, params=None, headers=None, timeout=30):
        self.asked.append((method, path, params))
        if path.startswith("/api/saved_objects/"):
            assert headers["osd-xsrf"] == headers["kbn-xsrf"] == "true", "Dashboards and Kibana refuse what lacks it"
            self.there[path] = body
            return Answer(*self.dashboards)
        if path.endswith("/_alias"):
            return self.tell_aliases(path)
        if path == "/_plugins/_anomaly_detection/stats":
            return Answer(200, {}) if self.owns(path) else Answer(400, {"error": f"no handler found for uri [{path}]"})
        if "_anomaly_detection/detectors" in path:
            return self.detect(method, body)
        if path == "/_aliases":
            for action in body["actions"]:
                self.aliases.setdefault(action["add"]["index"], {})[action["add"]["alias"]] = {
                    name: value for name, value in action["add"].items() if name == "is_write_index"
                }
            return Answer(200, {"acknowledged": True})
        if any(path.startswith(each) for each in self.refuses):
            return Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}})
        if path == "/":
            version = {"opensearch": ("2.19.4", OPENSEARCH), "elasticsearch": ("8.19.21", ELASTIC)}[self.product]
            return root(*version, **({"distribution": "opensearch"} if self.product == "opensearch" else {}))
        if path in ("/_plugins/_ism/policies", "/_plugins/_security/api/roles", "/_ilm/policy", "/_security/role"):
            return Answer(200, {}) if self.owns(path) else Answer(400, {"error": f"no handler found for uri [{path}]"})
        if method == "PUT" and path.startswith("/opensearch-ad-plugin-result-"):
            self.aliases[path[1:]] = dict(body["aliases"])
            return Answer(200, {"acknowledged": True})
        if method == "PUT":
            known = path in self.there
            if "/_ism/" in path and known and params != {"if_seq_no": "7", "if_primary_term": "1"}:
                return Answer(409, {"error": {"type": "version_conflict_engine_exception", "reason": "seq"}})
            self.there[path] = body
            return Answer(200, {"acknowledged": True})
        if path in self.there:
            return Answer(200, self.shown(path))
        return Answer(404, {"error": {"type": "resource_not_found_exception", "reason": path}})

    def tell_aliases(self, path):
        pattern = path.removesuffix("/_alias")[1:].removesuffix("*")
        found = {name: {"aliases": held} for name, held in self.aliases.items() if name.startswith(pattern)}
        return Answer(200 if found else 404, found)

    def detect(self, method, body):
        """The plugin, as a real one answered (`anomaly_detector.json`)."""
        if method == "GET":
            hits = [{"_id": DETECTOR["_id"], "_source": self.detector}] if self.detector else []
            return Answer(200, {"hits": {"hits": hits}})
        real = DETECTOR["anomaly_detector"]
        assert set(body) <= set(real) | {"description"}
        alias = [held.get(body["result_index"], {}) for held in self.aliases.values()]
        assert sum(each.get("is_write_index", False) for each in alias) == 1, "or the plugin refuses the alias"
        if not self.has_events:
            reason = "Can't create anomaly detector as no document is found in the indices: [cloudtrail-*]"
            return Answer(400, {"error": {"type": "status_exception", "reason": reason}})
        self.detector = body
        return Answer(201, {"_id": DETECTOR["_id"], "anomaly_detector": body})

    def owns(self, path):
        return ("_plugins" in path) == (self.product == "opensearch")

    def shown(self, path):
        body, name = json.loads(json.dumps(self.there[path])), path.rpartition("/")[2]
        if "/_index_template/" in path:
            return {"index_templates": [{"name": name, "index_template": body | {"composed_of": []}}]}
        if "/_ism/" in path:
            policy = body["policy"] | {"policy_id": name, "last_updated_time": 1, "schema_version": 21}
            return {"_id": name, "_seq_no": 7, "_primary_term": 1, "policy": policy}
        if "/_ilm/" in path:
            return {name: {"version": 1, "modified_date": "2026", "policy": body["policy"]}}
        for permission in body.get("index_permissions", []):
            permission |= {"dls": None, "fls": [], "masked_fields": []}
        return {name: body | {"reserved": False, "hidden": False, "static": False}}


@pytest.mark.parametrize("product", ["opensearch", "elasticsearch"])
def test_with_every_interface_policies_and_roles_are_made_once(product):
    engine = Scripted(product)
    first = set_up(engine, Naming())
    assert {step.outcome for step in first.steps} == {"made"}
    assert first.steps[0].what == "policy oddtrail-cloudtrail"
    assert len(first.steps) == 10
    assert first.notes == []
    assert {step.outcome for step in set_up(engine, Naming()).steps} == {"same"}


@pytest.mark.parametrize("product", ["opensearch", "elasticsearch"])
def test_another_retention_changes_the_policy_alone(product):
    engine = Scripted(product)
    set_up(engine, Naming())
    done = set_up(engine, Naming(retention=timedelta(days=90)))
    assert [step.what for step in done.steps if step.outcome != "same"] == ["policy oddtrail-cloudtrail"]
    assert "91d" in json.dumps(engine.there)


TODAY = date(2026, 3, 2)
DETECTOR = json.loads(Path(__file__).with_name("anomaly_detector.json").read_text())
"""A detector as a real plugin gives it back, 3.6."""


def test_for_the_viewer_of_anomalies_a_detector_is_made_once_and_never_started():
    engine = Scripted("opensearch")
    first = set_up(engine, Naming(), today=TODAY)
    assert [step.what for step in first.steps][-3:] == [
        "detector oddtrail",
        "template oddtrail-alerts names the detector",
        "alias oddtrail-anomalies of native results",
    ]
    meta = engine.there["/_index_template/oddtrail-alerts"]["template"]["mappings"]["_meta"]
    assert meta["detector_id"] == DETECTOR["_id"]
    assert "oddtrail-anomalies" in engine.aliases[".opendistro-anomaly-results-history-1"]
    assert {step.outcome for step in set_up(engine, Naming(), today=TODAY).steps} == {"same"}
    assert not [path for _, path, _ in engine.asked if "_start" in path]


def test_without_events_there_is_no_detector_yet_and_that_is_told():
    engine = Scripted("opensearch")
    engine.has_events = False
    done = set_up(engine, Naming(), today=TODAY)
    assert "refused" not in {step.outcome for step in done.steps}
    assert any("no document is found" in note and "`oddtrail alerts publish --again`" in note for note in done.notes)


def test_a_detector_of_somebody_else_with_our_name_is_not_taken_for_ours():
    engine = Scripted("opensearch")
    engine.detector = {"name": "oddtrail", "result_index": "opensearch-ad-plugin-result-theirs"}
    assert "detector oddtrail" in [step.what for step in set_up(engine, Naming(), today=TODAY).steps]


def test_where_no_native_results_are_it_says_so():
    engine = Scripted("elasticsearch")
    engine.aliases.clear()
    notes = " ".join(set_up(engine, Naming()).notes)
    assert "no results of native jobs are there (.ml-anomalies-*)" in notes


def test_what_we_may_not_make_is_told():
    engine = Scripted("opensearch", refuses=["/_plugins/_security"])
    done = set_up(engine, Naming())
    assert done.notes == [
        "roles are not ours to make: /_plugins/_security/api/roles answers 403; make them by hand"
    ]  # fmt: skip
    one = Scripted("opensearch", refuses=["/_plugins/_security/api/roles/oddtrail-cloudtrail-worker"])
    refused = [step for step in set_up(one, Naming()).steps if step.outcome == "refused"]
    assert [(step.what, step.reason) for step in refused] == [
        ("role oddtrail-cloudtrail-worker", "403 security_exception no permissions")
    ]
    with pytest.raises(SetupError, match="refuses the template oddtrail-cloudtrail: 403"):
        set_up(Scripted("opensearch", refuses=["/_index_template/oddtrail"]), Naming())
