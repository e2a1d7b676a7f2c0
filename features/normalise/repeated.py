"""The parts of a record that repeat, each worked out once: the call, the address, the agent, the error.

Answers hold the values of their columns as one tuple, so that a row is put together from a few tuples.
"""

from typing import Any, Final, NamedTuple

from features.call.action import ActionCatalogue
from features.call.address import parse_address
from features.call.agent import LONGEST as LONGEST_AGENT
from features.call.agent import classify_agent, name_service_agent
from features.call.error import classify_error
from features.call.exposure import may_expose
from features.call.fact import may_state_facts
from features.call.issued_key import may_issue_key
from features.call.resource import RequestReader, find_reader

LONGEST_NAME: Final = 128
"""Characters of an event source, an event name and a region that are kept."""
LONGEST_MESSAGE: Final = 1024


class Call(NamedTuple):
    """A call: what `features.call.action` says of it, and what else of its records has to be looked at."""

    columns: tuple[str, str, str, bool, str, str]
    """service, action, level, write, level_source, tactic."""
    action: str
    without_region: bool
    reader: RequestReader | None
    """Reads the resources that a request names; None when the record's own list tells them."""
    exposes: bool
    states: bool
    answers: bool
    """Its response may tell something: an error, a credential."""
    signs_in: bool
    issues: bool
    """Its response hands out a credential."""
    is_sts: bool
    known: bool
    """The IAM definition or a table of ours knows it."""
    cut: bool


class From(NamedTuple):
    """Where a call came from."""

    columns: tuple[str, str, str]
    """address, address_kind, prefix."""
    service: str
    """Host name of the AWS service the call came from; empty for others."""
    cut: bool


class Told(NamedTuple):
    """A user agent, or an error, with its columns."""

    columns: tuple[Any, ...]
    cut: bool


_BY_SERVICE: Final = ("aws_service", "aws_internal")
SUCCESS: Final = Told(("", None, None), False)


class Calls:
    """Answers for calls, from a catalogue."""

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, key: tuple[str, str, bool | None]) -> Call:
        source, name, read_only = key
        action = self._catalogue.look_up(source, name, read_only)
        return Call(
            action[:6],
            action.action,
            action.without_region,
            find_reader(action.action),
            may_expose(action.action),
            may_state_facts(action.action),
            action.write or action.service == "signin",
            action.service == "signin",
            may_issue_key(action.action),
            action.service == "sts",
            action.known,
            len(source) > LONGEST_NAME or len(name) > LONGEST_NAME,
        )


def address(key: tuple[str | None, bool]) -> From:
    """Where a `sourceIPAddress`, and whether it came through a VPC endpoint, says a call came from."""
    found = parse_address(*key)
    return From(found[:3], found.text if found.kind in _BY_SERVICE else "", len(key[0] or "") > len(found.text))


def agent(key: tuple[str | None, str]) -> Told:
    """Agent of a user agent and of the service that called on somebody's behalf."""
    text, invoked_by = key
    kept = (text or "")[:LONGEST_AGENT]
    family = name_service_agent(invoked_by) if invoked_by else classify_agent(kept)
    return Told((family, kept), len(text or "") > len(kept))


def error(key: tuple[str | None, str | None]) -> Told:
    """Family, code and message of an error; a null for what is missing."""
    code, message = key
    kept = message[:LONGEST_MESSAGE] if message is not None else None
    family = classify_error(code, message)
    if not family:
        return SUCCESS
    return Told(
        (family, code[:256] if code else None, kept), len(message or "") > LONGEST_MESSAGE or len(code or "") > 256
    )


def with_message(told: Told, message: str) -> Told:
    """An error with what its message says."""
    return Told((*told.columns[:2], message[:LONGEST_MESSAGE]), told.cut or len(message) > LONGEST_MESSAGE)
