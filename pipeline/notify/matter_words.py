"""What people are told of a matter of operations: what it is, what was found, what to do next."""

import shlex
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from pipeline.notify.change import State
from pipeline.notify.matter import Matter
from pipeline.notify.notice import Do, Maker, Notice, end
from pipeline.notify.plain import plain
from pipeline.notify.trouble_words import tell_trouble
from pipeline.reports.gate_words import tell_decision
from pipeline.reports.integrity_words import tell_integrity, tell_integrity_head
from pipeline.text.inert import inert
from pipeline.words.dates import write_moment
from pipeline.words.words import Words

_HEADLINE: Final = 300
_SENTENCE: Final = 900
_COMMAND: Final = 600
_MOST_CALLS: Final = 3
_PAGES: Final = {"silence": "/days", "integrity": "/days", "model": "/model", "health": ""}
"""Where on the page it is seen."""


def tell_matter(maker: Maker, matter: Matter, state: State) -> Notice:
    """The message of a matter that is new, changed or over."""
    words, event = maker.words, matter.event
    headline, why, steps = _TELL[matter.about](event, words, maker.zone)
    changed = [plain(_tell_end(matter, words, maker.zone), _SENTENCE)] if state == "closed" else []
    account = str(event.get("account") or "")
    return Notice(
        id=maker.name_message(matter.id, str(matter.revision), state), state=state, severity=find_severity(matter),
        about=matter.about, matter=matter.id, headline=end(plain(headline, _HEADLINE)), at=matter.at.isoformat(),
        deployment=maker.deployment, revision=matter.revision, changed=tuple(changed),
        accounts=(plain(account, 20),) if account else (),
        why=tuple(end(plain(one, _SENTENCE)) for one in why if one),
        steps=() if state == "closed" else tuple(
            Do(plain(text, _SENTENCE), tuple(plain(one, _COMMAND) for one in commands)) for text, commands in steps
        ),
        link=f"{maker.page_url.rstrip('/')}{_PAGES[matter.about]}" if maker.page_url else "", language=maker.language,
    )  # fmt: skip


def find_severity(matter: Matter) -> str:
    """How soon somebody should look.

    Logging that was switched off just before, and what CloudTrail itself signed, are critical; of a region or a model
    tomorrow is soon enough.
    """
    event = matter.event
    if matter.about == "silence":
        return "critical" if event.get("calls") else "high" if event.get("region") is None else "medium"
    if matter.about == "integrity":
        return "critical" if event.get("signature") == "verified" and event.get("what") != "unread" else "high"
    if matter.about == "model":
        return {"model_not_opened": "high", "model_refused": "medium"}.get(str(event.get("kind")), "low")
    return "medium" if event.get("what") == "old_model" else "high"


Steps = list[tuple[str, tuple[str, ...]]]


def _tell_silence(event: Mapping[str, Any], words: Words, zone: tzinfo) -> tuple[str, list[str], Steps]:
    account, region = str(event.get("account")), event.get("region")
    since = _moment(event.get("since"), words, zone)
    if region is None:
        headline = words.say("Nothing has come of account {account} since {time}", account=account, time=since)
    elif not region:
        headline = words.say(
            "Nothing has come of the global services of account {account} since {time}", account=account, time=since
        )
    else:
        headline = words.say(
            "Nothing has come of account {account} in {region} since {time}", account=account, region=region, time=since
        )
    minutes = _whole(event.get("usual"))
    why = [
        words.say_many(
            minutes,
            "At this hour there is always an event within {n} minute",
            "At this hour there is always an event within {n} minutes",
        )
    ]
    for call in _rows(event.get("calls"))[:_MOST_CALLS]:
        action, who = str(call.get("action")), str(call.get("principal"))
        why.append(
            words.say(
                "Shortly before, {action} was called, which switches logging off, by {who}", action=action, who=who
            )
        )
    steps: Steps = []
    alerts = event.get("alerts")
    for alert in alerts[:_MOST_CALLS] if isinstance(alerts, list) else ():
        steps.append((words.say("See the alert of who switched it off."), (f"oddtrail alerts show {str(alert)[:12]}",)))
    of = f" --region {shlex.quote(str(region))}" if region else ""
    steps += [
        (
            words.say(
                "See whether the account's trail still logs and delivers: whoever hides switches it off (T1562.008)."
            ),
            (f"aws cloudtrail describe-trails{of}", f"aws cloudtrail get-trail-status --name TRAIL{of}"),
        ),
        (words.say("See whether what it delivers is read here."), ("oddtrail doctor",)),
    ]
    return headline, why, steps


def _tell_integrity(event: Mapping[str, Any], words: Words, zone: tzinfo) -> tuple[str, list[str], Steps]:
    command = str(event.get("command") or "")
    check = words.say("Run what AWS checks itself, for a trail of an organisation with its own ARN.")
    steps: Steps = [(check, (command,))] if command else []
    steps.append((words.say("See all that was found."), ("oddtrail doctor",)))
    text = inert(event.get("text", ""), 2000)
    return tell_integrity_head(event, words), [tell_integrity(text, words)], steps


def _tell_model(event: Mapping[str, Any], words: Words, zone: tzinfo) -> tuple[str, list[str], Steps]:
    model, serves = str(event.get("model_id", "")), event.get("in_service")
    kind, text = str(event.get("kind")), str(event.get("text", ""))
    steps: Steps = [(words.say("See the models there are, and why each serves or not."), ("oddtrail models list",))]
    if kind == "model_refused":
        headline = words.say("The gate refused model {model}", model=model)
        if serves:
            compared = f"oddtrail models compare {shlex.quote(str(serves))} {shlex.quote(model)}"
            steps.append((words.say("See what it measured; promoting the model overrules it."), (compared,)))
    elif kind == "model_rolled_back":
        headline = words.say("Model {model} was rolled back", model=model)
    else:
        headline = words.say("A model in service cannot be opened, and {model} serves in its place", model=model)
        steps.append((words.say("Train another one."), ("oddtrail train",)))
    return headline, [tell_decision(text, words)], steps


def _tell_health(event: Mapping[str, Any], words: Words, zone: tzinfo) -> tuple[str, list[str], Steps]:
    what, text = str(event.get("what", "")), str(event.get("text", ""))
    steps: Steps = []
    if what == "old_model":
        steps.append(
            (words.say("Train a model, and see in the watch's log why it does not at night."), ("oddtrail train",))
        )
    if what == "stuck":
        steps.append(
            (words.say("See what is not taken, and why."), ("oddtrail notify list", "oddtrail alerts publish"))
        )
    steps.append((words.say("See what is wrong with the home and its sources."), ("oddtrail doctor",)))
    return words.say("The watch is not well: {why}", why=tell_trouble(text, words)), [], steps


def _tell_end(matter: Matter, words: Words, zone: tzinfo) -> str:
    """Why a matter is over."""
    if matter.about == "silence":
        return words.say("Events come again.")
    if matter.about == "integrity":
        if matter.event.get("what") == "unread":
            return words.say("What could not be read was read meanwhile, or is looked for no more.")
        return words.say("All is as CloudTrail delivered it now.")
    if matter.about == "model":
        return words.say("Model {model} serves now.", model=str(matter.end.get("model_id", "")))
    return words.say("The watch is well again.")


_TELL: Final = {
    "silence": _tell_silence,
    "integrity": _tell_integrity,
    "model": _tell_model,
    "health": _tell_health,
}


def _moment(text: Any, words: Words, zone: tzinfo) -> str:
    try:
        return write_moment(datetime.fromisoformat(str(text)).astimezone(zone), words)
    except ValueError:
        return str(text)


def _whole(number: Any) -> int:
    return max(round(number), 1) if isinstance(number, int | float) and 0 <= number < 1e6 else 1


def _rows(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
