"""Marks, and the price of one, as sentences: the same on a terminal and on the page."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from features.activity.dimensions import find_dimension
from pipeline.feedback.choose import KINDS
from pipeline.feedback.price import Price
from pipeline.stores.jsonl.marks import Mark, Standing, Value
from pipeline.text.plural import plural

COLUMNS: Final = (
    "id", "at", "by", "source", "verdict", "state", "alert_id", "principal_name", "principal", "scope", "values",
    "until", "days", "undoes", "note",
)  # fmt: skip
"""Columns of an export."""
SHOWN: Final = 5
"""Alerts and attacks that are named; more are counted."""


def write_value(value: Value) -> str:
    """A value as it is asked for, with what it is.

    >>> write_value(Value("country", "KR")), write_value(Value("write", "iam:CreateUser"))
    ('place=KR (country)', 'call=iam:CreateUser')
    """
    dimension = find_dimension(value.dimension)
    kind = KINDS[dimension.family]
    return f"{kind}={value.value}" + ("" if dimension.noun in (kind, "agent") else f" ({dimension.noun})")


def write_said(mark: Mark) -> str:
    """What a mark says, in one sentence.

    >>> from datetime import datetime
    >>> at = datetime.fromisoformat("2026-03-09T10:00:00Z")
    >>> write_said(Mark(id="0" * 12, at=at, by="ana", verdict="unsure", alert_id="3f9a", principal="idc/bob"))
    'unsure: kept as a note, and nothing is told to models'
    """
    name = mark.principal_name or mark.principal
    if mark.verdict == "expected":
        whose = f"the group of {name}" if mark.scope == "group" else name
        values = ", ".join(map(write_value, mark.values))
        return f"expected of {whose} from tomorrow on and until {mark.until}: {values}"
    if mark.verdict == "malicious":
        return f"malicious: {plural(len(mark.days), 'day')} of {name} from {mark.days[0]} on will not be learnt"
    if mark.verdict == "undone":
        return f"takes back {mark.undoes}"
    return "unsure: kept as a note, and nothing is told to models"


def write_standing(standing: Standing, zone: tzinfo) -> str:
    """A mark that was kept, and what became of it."""
    mark = standing.mark
    at = f"{mark.at.astimezone(zone):%Y-%m-%d %H:%M}"
    state = {"counts": "", "noted": "", "expired": " (expired)", "undone": " (undone)"}[standing.state]
    said = write_said(mark).replace(" from tomorrow on and until ", " until ").replace(" will not be ", " are not ")
    note = f". Note: {mark.note}" if mark.note else ""
    return f"{at}, {mark.by}{state}: {said}{note}"


def write_price(price: Price) -> list[str]:
    """What it would cost, a sentence a line."""
    hidden, missed = price.hidden, price.missed
    past = f"{plural(len(price.past), 'alert')} since {price.since} {'has' if len(price.past) == 1 else 'have'}"
    lines = [f"Past: {past} some of it."]
    if hidden:
        was = "one that was raised" if len(hidden) == 1 else f"{len(hidden):,} that were raised"
        lines[0] += f" Of these, {was} would not have been, at most."
        lines += [f"  {one.alert.day}  {one.alert.title}" for one in hidden[:SHOWN]]
        lines += [f"  and {len(hidden) - SHOWN:,} more"] if len(hidden) > SHOWN else []
    else:
        lines[0] += " All that were raised would have been." if price.past else ""
    if price.untried:
        return [*lines, f"Attacks: none could be planted to try it, for {price.untried}."]
    found = sum(one.found for one in price.tried)
    tried = f"Attacks: {len(price.tried):,} by the same principal were planted, and {found:,} are found as things are."
    if not missed:
        return [*lines, f"{tried} All of these would be found still."]
    names = [
        f"{one.degree} {one.name}{', from the expected place or tool' if one.as_expected else ''}" for one in missed
    ]
    lines.append(f"{tried} {len(missed):,} of these would be missed:")
    lines += [f"  {name}" for name in names[:SHOWN]]
    return [*lines, *([f"  and {len(names) - SHOWN:,} more"] if len(names) > SHOWN else [])]


def export_rows(standing: Sequence[Standing]) -> list[dict[str, Any]]:
    """Marks as rows of a table."""
    rows = []
    for one in standing:
        row = one.as_dict()
        row["values"] = ", ".join(f"{value.dimension}={value.value}" for value in one.mark.values)
        rows.append(row)
    return rows
