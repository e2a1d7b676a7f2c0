"""One incident: who, from where, the calls in order, why it is odd, what to do, and the records one click away."""

from datetime import timedelta
from math import log
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.alerts.events import read_events, read_raw
from pipeline.alerts.playbook import advise
from pipeline.alerts.questions import ask, write_whom
from pipeline.alerts.related import MOST_DAYS, find_related, marks_of
from pipeline.alerts.scores import write_measures, write_scores
from pipeline.alerts.story import recall_story, tell
from pipeline.alerts.wording import write_held, write_session, write_values
from pipeline.page.bar import draw_bar
from pipeline.page.home import Home
from pipeline.page.language import choose_language
from pipeline.page.links import LONGEST
from pipeline.page.principal import draw_alert_weeks, find_peers
from pipeline.page.templating import Whole
from pipeline.publish.document import write_query
from pipeline.publish.setting import Setting
from pipeline.render.alert import GONE, RECALLED, list_carrying, write_influencer, write_span
from pipeline.render.alert_why import SCALE
from pipeline.stores.alert import Alert
from pipeline.words.catalogue import find_words

ODD_NATS: Final = log(10)
"""Evidence of a call that is marked odd: it makes an attacker ten times likelier. A definition."""
MOST_LOOKED_AT: Final = 200
"""Alerts that are held against one to see whether they are the same hands'; the strongest that share anything."""


def show_alert(home: Home, request: Request) -> dict[str, Any]:
    """What the template of an alert is given."""
    alert, words = find_alert(home, request), find_words(choose_language(request, home.settings.language).language)
    found = None
    if home.has_events:
        with home.open() as store:
            read = read_events(store.events, home.settings, alert, home.connect())
        found = read if read.rows else None
    told = tell(found.rows, found.total, reasons=found.reasons, zone=home.zone) if found else None
    story = told or recall_story(alert)
    reasons = sorted(alert.reasons, key=lambda reason: -reason.nats)
    near = timedelta(days=MOST_DAYS)
    others = home.alerts.marked(marks_of(alert), alert.day - near, alert.day + near, MOST_LOOKED_AT)
    setting = Setting(deployment=home.settings.deployment)
    questions = ask(alert, home.zone, words)
    peers, kept = find_peers(home, alert.principal_key) if home.has_events else ([], None)
    return {
        "alert": alert,
        "has_events": home.has_events,
        "weeks": draw_alert_weeks(home, alert),
        "peers": peers,
        "kept": kept,
        "span": write_span(alert, home.zone, words),
        "held": write_held(alert, words),
        "zone": home.zone,
        "story": story,
        "odd": ODD_NATS,
        "gone": "" if found else words.find(RECALLED if story else GONE),
        "reasons": [(reason, *write_values(reason, words)) for reason in reasons],
        "bar": draw_bar(alert, words),
        "scale": words.find(SCALE),
        "scores": write_scores(alert, words) if alert.scores is not None else "",
        "measures": write_measures(alert, home.zone, words),
        "sessions": [write_session(session, home.zone, words) for session in alert.sessions],
        "steps": advise(alert, words),
        "questions": questions,
        "whom": write_whom(questions, words),
        "related": find_related(alert, others),
        "carried": [write_influencer(one, words) for one in list_carrying(alert)],
        "query": list(map(Whole, found.query.splitlines())) if found else [],
        "index_query": Whole(write_query(alert, setting)),
    }


def show_events(home: Home, request: Request) -> dict[str, Any]:
    """What the template of an alert's raw records is given."""
    alert = find_alert(home, request)
    records: list[str] = []
    if home.has_events:
        with home.open() as store:
            found = read_events(store.events, home.settings, alert, home.connect())
            raw = read_raw(store.events, alert, found)
        records = [Whole(record.decode("utf-8", "backslashreplace")) for record in raw]
    return {"alert": alert, "records": records}


def find_alert(home: Home, request: Request) -> Alert:
    """The alert asked for."""
    alert_id = request.query_params.get("id", "")
    alert = home.alerts.find(alert_id) if 0 < len(alert_id) <= LONGEST else None
    if alert is None:
        raise HTTPException(404)
    return alert
