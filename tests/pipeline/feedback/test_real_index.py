"""What somebody writes into a real index of alerts, as the published mapping has it, is read back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.documents.alert_names import ALERTS, HISTORY, RESULTS
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.feedback import read_back
from pipeline.feedback.read_back import find_new, read_marks
from pipeline.publish.outbox import publish
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.builders import an_alert
from tests.servers.engine import Server, ServerError
from tests.servers.fixtures import ONE_PROCESS

pytestmark = ONE_PROCESS
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KIBANAS = ".alerts-security.alerts-test"


def clean(server: Server) -> None:
    for name in (f"{RESULTS}-2026.03", f"{ALERTS}-2026.03", f"{HISTORY}-2026.03", KIBANAS):
        try:
            server.ask("DELETE", f"/{name}")
        except ServerError as error:
            if error.status != 404:
                raise


@pytest.fixture
def index(opensearch, prefix, tmp_path):
    """A server that was told of three alerts of this deployment and of one of another."""
    clean(opensearch)
    set_up(Engine(parse_url(opensearch.url)), Naming(prefix))
    for deployment, alerts in (("ours", ["a1", "a2", "a3"]), ("theirs", ["b1"])):
        target = Target(parse_url(opensearch.url), Setting(deployment=deployment, events=prefix))
        with open_store(tmp_path / deployment) as store:
            store.alerts.append([an_alert(name) for name in alerts])
            assert publish(store, target, NOW, seconds=120).left == 0
    yield opensearch
    clean(opensearch)


def say(server: Server, alert: str, said: dict[str, Any], name: str = f"{RESULTS}-2026.03") -> None:
    """Write into an alert as another tool does: by part of its document."""
    server.ask("POST", f"/{name}/_update/{alert}?refresh=true", {"doc": said})


def read(server: Server, *given: Any, **named: Any) -> dict[str, tuple[str | None, str, str]]:
    engine = Engine(parse_url(server.url), connections=1)
    try:
        found = list(read_marks(engine, engine.url.origin, *given, **named))
    finally:
        engine.close()
    return {one.alert_id: (one.verdict, one.by, one.note) for one in found}


def test_what_people_write_is_read_and_nothing_where_nobody_wrote(index: Server) -> None:
    assert read(index) == {}
    written = {"verdict": "False Positive", "owner": "ana", "note": "a release", "updated_at": "2026-03-02T13:00:00Z"}
    say(index, "a2", {"triage": written})
    say(index, "a3", {"triage.verdict": "malicious"})
    say(index, "b1", {"triage": {"verdict": "unsure"}})
    ours = {"a2": ("expected", "ana", "a release"), "a3": ("malicious", "somebody", "")}
    assert read(index) == {**ours, "b1": ("unsure", "somebody", "")}
    assert read(index, deployment="ours") == ours


def test_more_than_a_page_is_read_on_from_page_to_page(index: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, alert in enumerate(("a1", "a2", "a3")):
        say(index, alert, {"triage": {"verdict": "unsure"}, "detected_at": f"2026-03-0{number + 1}T00:00:00Z"})
    monkeypatch.setattr(read_back, "PAGE", 1)
    assert list(read(index)) == ["a3", "a2", "a1"], "the newest first, so that a bound leaves out the oldest"
    monkeypatch.setattr(read_back, "MOST_READ", 2)
    assert list(read(index)) == ["a3", "a2"]


def test_kibanas_own_index_is_read_by_its_pattern_with_hardly_a_mapping(index: Server) -> None:
    document = {"alert_id": "a1", "kibana.alert.workflow_tags": ["False Positive"], "kibana.alert.workflow_user": "bo"}
    mapping = {"properties": {"alert_id": {"type": "keyword"}, "kibana.alert.workflow_tags": {"type": "keyword"}}}
    index.ask("PUT", f"/{KIBANAS}", {"mappings": mapping})
    index.ask("PUT", f"/{KIBANAS}/_doc/x?refresh=true", document)
    assert read(index, ".alerts-security.alerts-*") == {"a1": ("expected", "bo", "")}
    assert read(index, "no-such-index-*") == {}


def test_what_was_taken_once_is_not_taken_again_by_a_revision_that_is_published(index: Server, tmp_path, prefix):
    say(index, "a1", {"triage": {"verdict": "malicious", "updated_at": "2026-03-02T13:00:00Z"}})
    engine = Engine(parse_url(index.url), connections=1)
    [(first, _)] = find_new(read_marks(engine, engine.url.origin, deployment="ours"), [])
    with open_store(tmp_path / "ours") as store:
        store.alerts.append([an_alert("a1", 2)])
        publish(store, Target(parse_url(index.url), Setting(deployment="ours", events=prefix)), NOW, seconds=120)
    index.ask("POST", f"/{ALERTS}/_refresh")
    [again] = read_marks(engine, engine.url.origin, deployment="ours")
    engine.close()
    assert again == first, "a revision leaves what others wrote"


def test_a_watch_takes_over_what_nobody_is_asked_for(index: Server, tmp_path, prefix) -> None:
    (tmp_path / "trail").mkdir()
    target = Target(parse_url(index.url), Setting(deployment="ours", events=prefix))
    say(index, "a1", {"triage": {"verdict": "true positive", "owner": "ana", "note": "INC-118"}})
    say(index, "a2", {"triage": {"verdict": "benign"}})
    with open_store(tmp_path / "ours") as store:
        settings = Settings(home=store.home, deployment="ours")
        watch = Watch(store, settings, Plan((str(tmp_path / "trail"),), (target,), trains=False))
        ticked = watch.tick(NOW)
        assert ticked.marked == {target.name: {"taken": 1, "waiting": 1, "problem": ""}}
        assert watch.tick(NOW + timedelta(minutes=1)).marked == {}, "every few minutes is enough"
        assert watch.tick(NOW + timedelta(minutes=6)).marked[target.name]["taken"] == 0
        [made] = store.marks.every()
        watch.close()
    assert (made.alert_id, made.verdict, made.by, made.note, made.source) == (
        "a1", "malicious", "ana", "INC-118", "index",
    )  # fmt: skip
