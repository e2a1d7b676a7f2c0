"""One thing that models are told by people: a value is usual, a day is not learnt, or an earlier one counts no more."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert, to_builtins

from models.declared import Scope, can_declare

_Text = Annotated[str, Meta(max_length=2048)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that somebody said.

    Examples
    --------
    >>> entry = Entry(
    ...     id="1", at=datetime.fromisoformat("2026-03-09T10:00:00Z"), by="ana", kind="usual", scope="principal",
    ...     principal="idc/bob", dimension="write", value="iam:CreateUser", until=date(2026, 6, 1),
    ... )
    >>> entry.as_dict()["until"]
    '2026-06-01'
    """

    id: _Name
    at: Annotated[datetime, Meta(tz=True)]
    """When it was said: it is known to days that begin later."""
    by: _Name
    """Who said it."""
    note: _Text = ""
    kind: Literal["usual", "kept_out", "undone"]
    """A value is usual; a principal's day is kept out of learning; an earlier entry counts no more."""
    scope: Scope = "principal"
    """For whom a value is usual: the principal, its group as it is on the day, or everybody."""
    principal: _Text = ""
    """Key of the principal (`Alert.principal_key`); empty for the deployment."""
    dimension: _Text = ""
    """Of the value (`features.activity.dimensions`): write, read, prefix, country, agent, resource:bucket, …"""
    value: _Text = ""
    since: date | None = None
    """First day on which it is usual; none for every day after it was said."""
    until: date | None = None
    """Day from which on it is usual no more; none where it does not expire."""
    day: date | None = None
    """The day that is kept out, in the deployment's time zone."""
    undoes: _Text = ""
    """Id of the entry that counts no more."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        document: dict[str, Any] = to_builtins(self)
        return document


def find_problem(entry: Entry) -> str:
    """Why an entry cannot be followed; empty where it can."""
    try:
        convert(entry.as_dict(), Entry)
    except ValidationError as error:
        return str(error)
    if entry.kind == "undone":
        return "" if entry.undoes else "name the entry that it undoes"
    if entry.kind == "kept_out":
        return "" if entry.principal and entry.day else "name the principal and the day that are kept out"
    if not can_declare(entry.dimension):
        return (
            f"values of {entry.dimension[:80]!r} cannot be declared usual; a call (read, write), a place, a tool or a "
            "resource can"
        )
    if not entry.value or (not entry.principal) != (entry.scope == "deployment"):
        return "name the value, and the principal unless it is usual in the whole deployment"
    if entry.since and entry.until and entry.until <= entry.since:
        return f"it would expire on {entry.until}, before it begins"
    return ""
