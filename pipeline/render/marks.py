"""Marks, and the price of one, as sentences: the same on a terminal and on the page."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from features.activity.dimensions import find_dimension, is_dimension
from pipeline.alerts.nouns import tell_noun
from pipeline.alerts.title_words import tell_title
from pipeline.feedback.choose import KINDS
from pipeline.feedback.price import Price
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
    hidden, number = price.hidden, len(price.past)
    past = words.say_many(
        number,
        "Past: {n} alert since {since} has some of it.",
        "Past: {n} alerts since {since} have some of it.",
        since=price.since,
    )
    if not hidden:
        return [f"{past} {words.say('All that were raised would have been.')}" if price.past else past]
    lost = words.say_many(
        len(hidden),
        "Of these, one that was raised would not have been, at most.",
        "Of these, {n} that were raised would not have been, at most.",
    )
    lines = [
        f"{one.alert.day}  {tell_title(one.alert.title, one.alert.principal_name, words)}" for one in hidden[:SHOWN]
    ]
    return [f"{past} {lost}", *_list(lines, len(hidden), words)]


def _write_attacks(price: Price, words: Words) -> list[str]:
    if price.untried:
        why = tell_again(price.untried, _UNTRIED, words) or price.untried
        return [words.say("Attacks: none could be planted to try it, for {why}.", why=why)]
    found = f"{sum(one.found for one in price.tried):,}"
    tried = words.say(
        "Attacks: {number} by the same principal were planted, and {found} are found as things are.",
        number=f"{len(price.tried):,}",
        found=found,
    )
    if not price.missed:
        return [f"{tried} {words.say('All of these would be found still.')}"]
    lost = words.say("{number} of these would be missed:", number=f"{len(price.missed):,}")
    from_there = words.say(", from the expected place or tool")
    lines = [f"{one.degree} {one.name}{from_there if one.as_expected else ''}" for one in price.missed[:SHOWN]]
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
