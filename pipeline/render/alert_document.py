"""Everything about an alert as one JSON document: what the terminal shows, for a program."""

from collections.abc import Sequence
from typing import Any

from pipeline.alerts.playbook import advise
from pipeline.alerts.questions import ask
from pipeline.alerts.related import Related
from pipeline.alerts.story import Story
from pipeline.alerts.wording import write_held
from pipeline.stores.alert import Alert


def describe_alert(
    alert: Alert, revisions: Sequence[Alert], story: Story | None, related: Sequence[Related], query: str | None
) -> dict[str, Any]:
    """The document.

    Parameters
    ----------
    alert
        Its last revision.
    revisions
        All of them.
    story
        What happened; None where the events are gone.
    related
        Other alerts of the same hands.
    query
        Python that reads the events; None where they are gone.
    """
    return {
        "alert": alert.as_dict(),
        "held": write_held(alert) or None,
        "story": None if story is None else _describe_story(story),
        "steps": [{"text": step.text, "commands": list(step.commands)} for step in advise(alert)],
        "questions": [one._asdict() for one in ask(alert)],
        "related": [
            {
                "alert_id": one.alert.alert_id,
                "title": one.alert.title,
                "severity": one.alert.severity,
                "record_score": one.alert.record_score,
                "raised": one.alert.raised,
                "links": list(one.links),
            }
            for one in related
        ],
        "revisions": [revision.as_dict() for revision in revisions],
        "query": query,
    }


def _describe_story(story: Story) -> dict[str, Any]:
    lines = [
        {
            "time": line.time,
            "until": line.until,
            "text": line.text,
            "opens_session": line.opens,
            "calls": line.calls,
            "denied": line.denied,
        }
        for line in story.lines
    ]
    return {"lines": lines, "left_out": story.left_out}
