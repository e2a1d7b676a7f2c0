"""The JSON of an alert holds what the terminal shows."""

from zoneinfo import ZoneInfo

import msgspec

from pipeline.alerts.playbook import advise
from pipeline.alerts.related import Related
from pipeline.render.alert import render_full
from pipeline.render.alert_document import describe_alert
from pipeline.stores.alert import Alert
from tests.builders import an_alert
from tests.pipeline.alerts.test_playbook import a_session
from tests.pipeline.render.printing import printed
from tests.pipeline.render.test_alert import NINE, STORY

ALERT = msgspec.convert(an_alert(raised=False).as_dict() | {"sessions": [a_session()], "held_because": "budget"}, Alert)
RELATED = [Related(an_alert("b2", title="leaver-role tried to leave"), ("key AKIA1",))]


def test_it_has_story_steps_and_related_alerts() -> None:
    document = describe_alert(ALERT, [ALERT], STORY, RELATED, "import duckdb")
    assert document["held"] == "held back by the daily budget"
    assert [line["text"] for line in document["story"]["lines"]] == [line.text for line in STORY.lines]
    assert document["story"]["lines"][0]["time"] == NINE
    assert document["story"]["left_out"] == 1200
    assert [(step["text"], tuple(step["commands"])) for step in document["steps"]] == [
        (step.text, step.commands) for step in advise(ALERT)
    ]
    assert document["related"][0]["alert_id"] == "b2"
    assert document["alert"]["sessions"][0]["access_key"] == "ASIADEPLOY"
    assert document["query"] == "import duckdb"
    assert len(document["revisions"]) == 1


def test_what_the_terminal_tells_is_in_it() -> None:
    document = describe_alert(ALERT, [ALERT], STORY, RELATED, None)
    shown = " ".join(printed(render_full(ALERT, ZoneInfo("UTC"), STORY, None, "", RELATED), width=4000).split())
    for step in document["steps"]:
        assert step["text"] in shown
        assert all(command in shown for command in step["commands"])
    for line in document["story"]["lines"]:
        assert " ".join(line["text"].split()) in shown
    for near in document["related"]:
        assert f"{near['alert_id']} {near['title']} ({near['links'][0]})" in shown
    assert f"no, {document['held']}" in shown


def test_without_its_events_it_has_no_story() -> None:
    assert describe_alert(ALERT, [], None, [], None)["story"] is None
