"""`oddtrail setup`: each step is told, a dry run prints the requests, and what is in the way is one line."""

import json

import pytest

from pipeline.search.engine import Engine
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.korean import tell
from tests.pipeline.documents.test_setup import Scripted
from tests.servers.engine import free_port

URL = "opensearch+http://localhost:9200"


@pytest.fixture
def engine(monkeypatch):
    """An engine that has every interface, in place of the one that the URL names."""
    scripted = Scripted("opensearch")
    monkeypatch.setattr(Engine, "ask", lambda self, *given, **named: scripted.ask(*given, **named))
    return scripted


def test_each_step_is_told(engine):
    first, second = run("setup", URL), run("setup", URL)
    assert first.exit_code == second.exit_code == 0
    assert first.stdout.splitlines()[:3] == [
        "http://localhost:9200 is OpenSearch 2.19.4.",
        "policy oddtrail-cloudtrail: made",
        "template oddtrail-cloudtrail: made",
    ]
    assert "template oddtrail-cloudtrail: there already" in second.stdout
    assert "템플릿 oddtrail-cloudtrail: 이미 있음" in tell("setup", URL).stdout


def test_a_dry_run_prints_each_request(engine):
    result = run("setup", URL, "--dry-run", "--prefix", "trail", "--retention", "30d")
    assert result.exit_code == 0
    assert "template oddtrail-trail: would be made\nPUT /_index_template/oddtrail-trail\n{\n" in result.stdout
    assert '"min_index_age": "31d"' in result.stdout
    assert {method for method, *_ in engine.asked} == {"GET"}


def test_json_holds_every_step_and_in_a_dry_run_the_requests(engine):
    document = answer("setup", URL, "--dry-run")
    assert document["engine"] == "OpenSearch 2.19.4"
    assert [step["outcome"] for step in document["steps"]] == ["made"] * 12
    assert document["steps"][1]["body"]["index_patterns"] == ["cloudtrail-*.*.*"]
    assert answer("setup", URL)["steps"][1]["body"] is None


def test_a_step_that_is_refused_fails_the_command_and_the_others_are_done(engine):
    engine.refuses = ["/_plugins/_security/api/roles/oddtrail-cloudtrail-worker"]
    result = run("setup", URL)
    assert result.exit_code == 1
    assert "role oddtrail-cloudtrail-worker: refused (403 security_exception no permissions)" in result.stdout
    assert "role oddtrail-cloudtrail-analyst: made" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((f"opensearch+http://127.0.0.1:{free_port()}",), "does not answer"),
        ((URL, "--retention", "2h"), "give a span of a day or more"),
        ((URL, "--retention", "soon"), "give a span of a day or more"),
        ((URL, "--prefix", "Cloud*"), "cannot begin the name of an index"),
        (("https://search.example.com",), "is no address of a search engine"),
        (("opensearch+http://search.example.com",), "only to this machine"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, said):
    result = run("setup", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert "error" in json.loads(run("setup", *arguments, "--json").stdout)


def test_a_data_view_reads_alerts_and_native_results(engine, tmp_path):
    told = answer(
        "setup", URL, "--saved-objects", tmp_path / "view.ndjson", "--dashboards", "opensearch+https://d:5601"
    )
    line, _, rest = (tmp_path / "view.ndjson").read_text().partition("\n")
    assert (json.loads(line)["type"], rest) == ("index-pattern", "")
    made = engine.there["/api/saved_objects/index-pattern/oddtrail-anomalies"]["attributes"]
    assert made == json.loads(line)["attributes"] == {
        "title": "oddtrail-alerts,.opendistro-anomaly-results*,opensearch-ad-plugin-result-*",
        "timeFieldName": "data_start_time",
    }  # fmt: skip
    assert told["steps"][-1]["what"].startswith("data view ")


def test_a_data_view_that_cannot_be_made_is_one_line(engine, tmp_path):
    engine.dashboards = (403, {"message": "no permissions"})
    result = run("setup", URL, "--dashboards", "opensearch+https://d:5601")
    assert result.exit_code == 1
    assert "does not make the data view (403 no permissions)" in result.stderr
    assert "name another --saved-objects" in run("setup", URL, "--saved-objects", tmp_path).stderr


def test_a_real_engine_is_set_up(opensearch, prefix):
    document = answer("setup", opensearch.url, "--prefix", prefix)
    assert {step["outcome"] for step in document["steps"] if prefix in step["what"]} == {"made"}
    assert {step["outcome"] for step in answer("setup", opensearch.url, "--prefix", prefix)["steps"]} == {"same"}
    opensearch.ask("PUT", f"/_index_template/other-{prefix}", {"index_patterns": [f"{prefix}-*"], "priority": 900})
    refused = run("setup", opensearch.url, "--prefix", prefix)
    assert refused.exit_code == 1
    assert f"other-{prefix}" in refused.stderr
    opensearch.ask("DELETE", f"/_index_template/other-{prefix}")
