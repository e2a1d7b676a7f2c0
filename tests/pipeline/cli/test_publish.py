"""`oddtrail alerts publish`: each engine is told, and one that is down is named."""

import pytest

from pipeline.publish.target import Target
from tests.builders import an_alert
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import a_home, a_record, with_alerts
from tests.pipeline.cli.korean import tell
from tests.pipeline.publish.playing import Playing

ONE, TWO = "opensearch+https://one.example.com", "elasticsearch+https://ana@two.example.com?password=env:P"


@pytest.fixture
def engines(monkeypatch):
    made = {
        "one.example.com": Playing("opensearch", "one.example.com"),
        "two.example.com": Playing("elasticsearch", "two.example.com"),
    }
    monkeypatch.setattr(Target, "open", lambda self: made[self.url.host])
    return made


@pytest.fixture
def home(tmp_path):
    return with_alerts(a_home(tmp_path, [a_record()]), an_alert("a1"), an_alert("a1", 2))


def test_each_engine_is_told_once(engines, home):
    told = answer("alerts", "publish", "--to", ONE, "--to", TWO, "--home", home)["targets"]
    assert [(each["to"], each["sent"], each["revisions"], each["left"]) for each in told] == [
        ("https://one.example.com:9200", 1, 2, 0), ("https://two.example.com:9200", 1, 2, 0),
    ]  # fmt: skip
    assert [each["sent"] for each in answer("alerts", "publish", "--to", ONE, "--home", home)["targets"]] == [0]
    [document] = engines["two.example.com"].documents("oddtrail-alerts-2026").values()
    assert document["oddtrail"]["events"]["index"] == ["cloudtrail-2026.03.02"]


def test_an_engine_that_is_down_is_named_and_the_other_told(engines, home):
    engines["one.example.com"].down = True
    done = run("alerts", "publish", "--to", ONE, "--to", TWO, "--patience", "5s", "--home", home)
    assert done.exit_code == 1
    assert "https://one.example.com:9200: 0 alerts created or brought up to date; 2 revisions left: " in done.output
    assert "https://two.example.com:9200: 1 alert created" in done.output
    told = tell("alerts", "publish", "--to", TWO, "--home", home).output
    assert "경보 0건을 만들거나 갱신함" in told


@pytest.mark.parametrize("url", ["http://x", "opensearch+https://u:secret@x", "opensearch+http://example.com"])
def test_a_url_that_is_none_is_refused_before_anything_is_sent(engines, home, url):
    done = run("alerts", "publish", "--to", url, "--home", home)
    assert done.exit_code == 1
    assert "secret" not in done.output
