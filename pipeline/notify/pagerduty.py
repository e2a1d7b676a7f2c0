"""PagerDuty: events of its API v2. An alert is one incident, by its key, however often it is told.

An update triggers the same key again, which adds to the incident; a drill that is over resolves it. PagerDuty takes a
deed back only when somebody resolves the incident there.
"""

import json
from typing import Any, Final

from pipeline.notify.notice import Notice, tell_item, tell_more, tell_related
from pipeline.notify.outcome import Outcome
from pipeline.notify.plain import fit
from pipeline.notify.post import Poster
from pipeline.search.secret import Secret

URL: Final = "https://events.pagerduty.com/v2/enqueue"
_SEVERITIES: Final = {"critical": "critical", "high": "error", "medium": "warning", "low": "info"}
_SUMMARY: Final = 1_000
"""Characters; PagerDuty takes 1,024. All of an event may have 512 kB, of which ours has some 20."""


class PagerDuty:
    """Triggers and resolves incidents of a service."""

    def __init__(self, poster: Poster, key: Secret) -> None:
        self._poster, self._key = poster, key
        self.where = f"{poster.goal.origin}, key ***"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        event = {"routing_key": str(self._key), **write_event(notice)}
        return self._poster.post(json.dumps(event).encode(), {"content-type": "application/json"}, seconds)


def write_event(notice: Notice) -> dict[str, Any]:
    """A notice as PagerDuty takes it, without the key of the service."""
    key = f"oddtrail/{notice.deployment}/{notice.subject}" if notice.subject else notice.id
    event: dict[str, Any] = {"event_action": "resolve" if notice.state == "closed" else "trigger", "dedup_key": key}
    if notice.state == "closed":
        return event
    words = notice.words
    steps = [line for step in notice.steps for line in (step.text, *step.commands)]
    details = {
        "changed": list(notice.changed), "who": notice.who, "accounts": list(notice.accounts), "when": notice.when,
        "used": list(notice.used), "why": list(notice.why), "what_to_do_next": steps,
        "related": tell_related(notice) if notice.related else "",
        "alerts": [*(tell_item(item, words) for item in notice.items), *([tell_more(notice)] if notice.more else [])],
        "alert_id": notice.alert_id, "about": notice.about, "message_id": notice.id, "deployment": notice.deployment,
    }  # fmt: skip
    return event | {
        "payload": {
            "summary": fit(f"{words.say('DRILL')}: {notice.headline}" if notice.drill else notice.headline, _SUMMARY),
            "source": notice.principal or "oddtrail",
            "severity": _SEVERITIES.get(notice.severity, "warning") if notice.state != "test" else "info",
            "timestamp": notice.at,
            "component": (notice.accounts or ("oddtrail",))[0],
            "group": notice.deployment,
            "class": notice.state if notice.about == "alert" else notice.about,
            "custom_details": {name: value for name, value in details.items() if value},
        },
        "client": "oddtrail",
        **(
            {"client_url": notice.link, "links": [{"href": notice.link, "text": words.say("Open")}]}
            if notice.link
            else {}
        ),
    }
