"""Marks, and the price of one, as sentences: the same on a terminal and on the page."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from features.activity.dimensions import find_dimension, is_dimension
from pipeline.alerts.nouns import tell_noun
from pipeline.alerts.title_words import tell_title
from pipeline.feedback.choose import KINDS
from pipeline.feedback.price import Price, Weaker
from pipeline.stores.jsonl.marks import Mark, Standing, Value
from pipeline.words.told import tell_again, told
from pipeline.words.words import ENGLISH, Words, put, to_say, to_say_many

COLUMNS: Final = (
    "id", "at", "by", "source", "verdict", "state", "alert_id", "principal_name", "principal", "scope", "values",
    "until", "days", "undoes", "note",
)  # fmt: skip
"""Columns of an export."""
_EXPECTED: Final = to_say("expected of {whose} from tomorrow on and until {until}: {values}")
_EXPECTED_SINCE: Final = to_say("expected of {whose} until {until}: {values}")
_MALICIOUS: Final = to_say_many(
    "malicious: {n} day of {name} from {first} on will not be learnt",
    "malicious: {n} days of {name} from {first} on will not be learnt",
)
_MALICIOUS_SINCE: Final = to_say_many(
    "malicious: {n} day of {name} from {first} on is not learnt",
    "malicious: {n} days of {name} from {first} on are not learnt",
)
_UNTRIED: Final = (
    told("there is no model in service"),
    told("nothing is kept of how {name} called around that day"),
)
"""Why no attack was planted (`pipeline.feedback.price`)."""
_DEGREES: Final = {"loud": to_say("loud"), "medium": to_say("medium"), "stealthy": to_say("stealthy")}
"""How much an attack hides (`pipeline.simulate.truth`)."""
SHOWN: Final = 5
"""Alerts and attacks that are named; more are counted."""


def write_value(value: Value, words: Words = ENGLISH) -> str:
    """A value as it is asked for, with what it is.

    >>> write_value(Value("country", "KR")), write_value(Value("write", "iam:CreateUser"))
    ('place=KR (country)', 'call=iam:CreateUser')
    """
    if not is_dimension(value.dimension):  # another version knew it
        return f"{value.dimension}={value.value}"
    dimension = find_dimension(value.dimension)
    kind = KINDS[dimension.family]
    noun = "" if dimension.noun in (kind, "agent") else f" ({tell_noun(dimension.noun, words)})"
    return f"{kind}={value.value}{noun}"


def write_said(mark: Mark, words: Words = ENGLISH) -> str:
    """What a mark says, in one sentence.

    >>> from datetime import datetime
    >>> at = datetime.fromisoformat("2026-03-09T10:00:00Z")
    >>> write_said(Mark(id="0" * 12, at=at, by="ana", verdict="unsure", alert_id="3f9a", principal="idc/bob"))
    'unsure: kept as a note, and nothing is told to models'
    """
    return _say(mark, _EXPECTED, _MALICIOUS, words)


def write_standing(standing: Standing, zone: tzinfo, words: Words = ENGLISH) -> str:
    """A mark that was kept, and what became of it."""
    mark = standing.mark
    at = f"{mark.at.astimezone(zone):%Y-%m-%d %H:%M}"
    states = {"expired": words.say("expired"), "undone": words.say("undone")}
    state = f" ({states[standing.state]})" if standing.state in states else ""
    said = _say(mark, _EXPECTED_SINCE, _MALICIOUS_SINCE, words)
    note = words.say(". Note: {note}", note=mark.note) if mark.note else ""
    return f"{at}, {words.find(mark.by)}{state}: {said}{note}"


def _say(mark: Mark, expected: str, malicious: tuple[str, str], words: Words) -> str:
    """A mark by the message for its verdict; those that keep neither values nor days have one of their own."""
    if mark.verdict == "undone":
        return words.say("takes back {id}", id=mark.undoes)
    if mark.verdict == "unsure":
        return words.say("unsure: kept as a note, and nothing is told to models")
    name = mark.principal_name or mark.principal
    if mark.verdict == "malicious":
        message = words.find_many(len(mark.days), *malicious)
        return put(message, {"n": f"{len(mark.days):,}", "name": name, "first": mark.days[0]})
    whose = words.say("the group of {name}", name=name) if mark.scope == "group" else name
    values = ", ".join(write_value(value, words) for value in mark.values)
    return put(words.find(expected), {"whose": whose, "until": mark.until, "values": values})


def write_price(price: Price, words: Words = ENGLISH) -> list[str]:
    """What it would cost, a sentence a line."""
    return [*_write_past(price, words), *_write_attacks(price, words)]


def _write_past(price: Price, words: Words) -> list[str]:
    past = words.say_many(
        len(price.past),
        "Past: {n} alert since {since} has some of it.",
        "Past: {n} alerts since {since} have some of it.",
        since=price.since,
    )
    judged = [one for one in price.past if not one.unjudged]
    return [past, *(_write_judged(judged, words) if judged else []), *_write_unjudged(price.past, words)]


def _write_judged(judged: Sequence[Weaker], words: Words) -> list[str]:
    """Which alerts would be gone or weaker, as judging them again showed."""
    gone, weaker = [one for one in judged if one.hidden], [one for one in judged if one.weaker]
    again = words.say_many(
        len(judged), "{n} was judged again as on its day:", "{n} were judged again, each as on its day:"
    )
    if not gone and not weaker:
        return [f"{again} {words.say('none would have been weaker.')}"]
    parts = [
        *([words.say("{n} would not have been raised", n=f"{len(gone):,}")] if gone else []),
        *([words.say("{n} would have been weaker", n=f"{len(weaker):,}")] if weaker else []),
    ]
    shown = [*gone, *weaker]
    lines = [
        f"{one.alert.day}  {_tell_title(one, words)} ({one.alert.record_score:.0f} → {one.score or 0:.0f})"
        for one in shown[:SHOWN]
    ]
    return [f"{again} {', '.join(parts)}.", *_list(lines, len(shown), words)]


def _write_unjudged(past: Sequence[Weaker], words: Words) -> list[str]:
    """The most that could be hidden of those that could not be judged again, with why."""
    lines: list[str] = []
    for why in dict.fromkeys(one.unjudged for one in past if one.unjudged):
        of = [one for one in past if one.unjudged == why]
        hidden = [one for one in of if one.hidden]
        head = words.say_many(
            len(of),
            "{n} was not judged again, for {why}:",
            "{n} were not judged again, for {why}:",
            why=words.find(why),
        )
        most = words.say("{n} would not have been raised, at most.", n=f"{len(hidden):,}")
        lines.append(f"{head} {most}")
        lines += _list([f"{one.alert.day}  {_tell_title(one, words)}" for one in hidden[:SHOWN]], len(hidden), words)
    return lines


def _tell_title(one: Weaker, words: Words) -> str:
    return tell_title(one.alert.title, one.alert.principal_name, words)


def _write_attacks(price: Price, words: Words) -> list[str]:
    if price.untried:
        why = tell_again(price.untried, _UNTRIED, words)
        return [words.say("Attacks: none could be planted to try it, for {why}.", why=why)]
    found = f"{sum(one.found for one in price.tried):,}"
    tried = words.say_many(
        len(price.tried),
        "Attacks: {n} by the same principal was planted; found as things are: {found}.",
        "Attacks: {n} by the same principal were planted; found as things are: {found}.",
        found=found,
    )
    if not price.missed:
        return [f"{tried} {words.say('All of these would be found still.')}"]
    lost = words.say("{number} of these would be missed:", number=f"{len(price.missed):,}")
    from_there = words.say(", from the expected place or tool")
    lines = [
        f"{words.find(_DEGREES[one.degree])} {one.name}{from_there if one.as_expected else ''}"
        for one in price.missed[:SHOWN]
    ]
    return [f"{tried} {lost}", *_list(lines, len(price.missed), words)]


def _list(lines: list[str], number: int, words: Words) -> list[str]:
    """Lines below a sentence, and how many there are beside them."""
    more = [words.say("and {n} more", n=f"{number - len(lines):,}")] if number > len(lines) else []
    return [f"  {line}" for line in (*lines, *more)]


def export_rows(standing: Sequence[Standing]) -> list[dict[str, Any]]:
    """Marks as rows of a table."""
    rows = []
    for one in standing:
        row = one.as_dict()
        row["values"] = ", ".join(f"{value.dimension}={value.value}" for value in one.mark.values)
        rows.append(row)
    return rows
