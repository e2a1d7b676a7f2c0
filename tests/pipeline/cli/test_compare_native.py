"""`oddtrail compare-native`: each day of a principal with who found it; without native results it says so."""

import pytest

from pipeline.search.engine import Answer, Engine, UnreachableError
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, with_alerts
from tests.pipeline.cli.korean import tell
from tests.pipeline.publish.test_native import Holding, a_result

URL = "opensearch+http://localhost:9200"


@pytest.fixture
def home(tmp_path):
    return with_alerts(a_home(tmp_path, [a_record(), a_record(name="GetCallerIdentity")]), an_alert())


def play(monkeypatch, engine):
    def ask(self, method, path, body=None, **named):
        if path == "/":
            return Answer(200, {"version": {"number": "3.6.0", "distribution": "opensearch"}})
        return engine.ask(method, path, body)

    monkeypatch.setattr(Engine, "ask", ask)


def test_both_sides_and_the_calls_behind_each_are_told(monkeypatch, home):
    play(monkeypatch, Holding([a_result(NINE, entity=[{"name": "user.name", "value": "deploy"}])]))
    told = answer("compare-native", URL, "--since", "2026-03-01", "--home", home)
    assert told["counts"] == {"both": 1, "ours": 0, "native": 0}
    [row] = told["compared"]
    assert row["our_calls"] == ["iam:CreateAccessKey"]
    assert row["native_calls"] == ["ec2:DescribeInstances", "ec2:GetCallerIdentity"]
    shown = run("compare-native", URL, "--since", "2026-03-01", "--home", home).output
    assert "both: 1, only ours: 0, only native: 0 (days of a principal)" in shown
    assert "iam:CreateAccessKey" in shown
    assert "ec2:DescribeInstances" in shown
    names = ("deploy",)
    assert "양쪽 모두: 1" in tell("compare-native", URL, "--since", "2026-03-01", "--home", home, names=names).output


@pytest.mark.parametrize(
    "refusal",
    [
        None,
        Answer(404, {"error": {"type": "index_not_found_exception", "reason": "no such index"}}),
        Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}}),
    ],
)
def test_without_native_results_it_says_so_and_succeeds(monkeypatch, home, refusal):
    play(monkeypatch, Holding(answer=refusal))
    done = run("compare-native", URL, "--since", "2026-03-01", "--home", home)
    assert done.exit_code == 0
    assert "only ours: 1" in done.output
    assert "native result" in done.output or "does not let us read" in done.output
    names = ("deploy", "security_exception no permissions", "index_not_found_exception no such index")
    tell("compare-native", URL, "--since", "2026-03-01", "--home", home, names=names)


def test_an_engine_that_lets_nobody_in_is_no_error_either(monkeypatch, home):
    monkeypatch.setattr(Engine, "ask", lambda self, *given, **named: Answer(403, None))
    assert run("compare-native", URL, "--since", "2026-03-01", "--home", home).exit_code == 0


def test_an_engine_that_is_down_is_an_error(monkeypatch, home):
    def fail(self, *given, **named):
        raise UnreachableError("http://localhost:9200 does not answer (refused)")

    monkeypatch.setattr(Engine, "ask", fail)
    done = run("compare-native", URL, "--home", home)
    assert (done.exit_code, "does not answer" in done.stderr) == (1, True)


def test_what_a_native_job_wrote_prints_inert(monkeypatch, home):
    play(
        monkeypatch,
        Holding([a_result(NINE, detector_id="\x1b[2J", entity=[{"name": "user.name", "value": "\x1b]0;x"}])]),
    )
    assert "\x1b" not in run("compare-native", URL, "--since", "2026-03-01", "--home", home).output
