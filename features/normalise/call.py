"""What was called, in which account and region: each combination is worked out once.

Of most calls the columns say all. What else the records of an action have to be looked at for, such as an exposure or a
key in the response, is known of the action beforehand.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from features.call.account import safe_account
from features.call.action import LONGEST, ActionCatalogue
from features.call.exposure import may_expose
from features.call.fact import may_state_facts
from features.call.failure import is_about_items
from features.call.issued_key import may_issue_key
from features.call.resource import RequestReader, find_reader
from features.normalise.memo import Memo
from features.normalise.normalised import OF_CALL
from features.normalise.problem import is_call
from features.record.cloudtrail import Record
from features.record.fields import Fields

_VERSIONS: Final = frozenset({None, *(f"1.{minor}" for minor in range(100)), *(f"1.0{minor}" for minor in range(10))})
"""Versions of records whose fields mean what we know."""
_GLOBAL_STS: Final = b'"sts.amazonaws.com"'
_REGION_OF_GLOBAL_STS: Final = "us-east-1"

_ActionKey: TypeAlias = tuple[str, str, bool | None]
"""Event source, name and readOnly of a record."""
_CallKey: TypeAlias = tuple[str | None, str | None, bool | None, str | None, str | None, str | None, str, str | None]
"""Event source, name, readOnly, category, type, region, account and version of a record."""


class ActionTraits(NamedTuple):
    """An action, and what its records have to be looked at for."""

    columns: tuple[str, str, str, bool, str, str]
    """The first values of OF_CALL: service, action, level, write, level_source, tactic."""
    action: str
    without_region: bool
    reader: RequestReader | None
    """Reads the resources that its records name; None when only the record's own list names any."""
    may_expose: bool
    may_state_facts: bool
    may_fail_silently: bool
    """Its response may be the only one to tell of an error."""
    signs_in: bool
    is_about_items: bool
    """Its items may fail while it succeeds."""
    may_issue_key: bool
    is_sts: bool
    known: bool
    """The IAM definition or a table of ours knows it."""
    cut: bool
    """A name was too long to be kept whole."""


class Call(NamedTuple):
    """A call."""

    columns: tuple[Any, ...]
    """Values of OF_CALL; empty when the record is no call or names no event source."""
    action: str
    account: str
    reader: RequestReader | None
    new_version: bool
    """The record is of a version that we do not know."""
    cut: bool
    traits: ActionTraits | None
    """Of the action, where its records have to be looked at one by one; None for most."""


_NO_CALL: Final = Call((), "", "", None, False, False, None)


class CallColumns(NamedTuple):
    """The fields of many calls, a column a field."""

    columns: list[tuple[Any, ...]]
    actions: list[str]
    accounts: list[str]
    readers: list[RequestReader | None]
    new_version: list[bool]
    cut: list[bool]
    traits: list[ActionTraits | None]


class Calls:
    """Knows calls, and remembers them."""

    def __init__(self, catalogue: ActionCatalogue) -> None:
        traits: Memo[_ActionKey, ActionTraits] = Memo(partial(find_traits, catalogue), 16_384)
        self.memo: Memo[_CallKey, Call] = Memo(partial(_make_call, traits), 32_768)
        self._without_region: Memo[tuple[Any, ...], tuple[Any, ...]] = Memo(_drop_region, 4_096)

    def look_up(self, fields: Fields, accounts: Sequence[str]) -> CallColumns:
        """Look up the calls of some records; an account of `accounts` stands where the record names no recipient."""
        recipients = zip(fields.recipient_account_id, accounts, strict=True)
        keys = zip(
            fields.event_source, fields.event_name, fields.read_only, fields.event_category, fields.event_type,
            fields.aws_region, [recipient or account for recipient, account in recipients], fields.event_version,
            strict=True,
        )  # fmt: skip
        return CallColumns._make(map(list, zip(*map(self.memo.__getitem__, keys), strict=True)))

    def drop_region(self, columns: tuple[Any, ...]) -> tuple[Any, ...]:
        """Columns of the same call without a region, because it went to a global endpoint."""
        return self._without_region[columns]


def went_to_global_sts(record: Record) -> bool:
    """Whether a call of STS went to its one global endpoint, whose region means nothing."""
    return record.aws_region == _REGION_OF_GLOBAL_STS and _GLOBAL_STS in bytes(record.tls_details)


def find_traits(catalogue: ActionCatalogue, key: _ActionKey) -> ActionTraits:
    """Find the traits of an action by event source, event name and `readOnly`.

    >>> catalogue = ActionCatalogue({"services": {}}, {"actions": {}})
    >>> find_traits(catalogue, ("sts.amazonaws.com", "AssumeRole", False)).may_issue_key
    True
    """
    source, name, read_only = key
    found = catalogue.look_up(source, name, read_only)
    action, signs_in = found.action, found.service == "signin"
    return ActionTraits(
        columns=found[:6],
        action=action,
        without_region=found.without_region,
        reader=find_reader(action),
        may_expose=may_expose(action),
        may_state_facts=may_state_facts(action),
        may_fail_silently=found.write or signs_in,
        signs_in=signs_in,
        is_about_items=is_about_items(action),
        may_issue_key=may_issue_key(action),
        is_sts=found.service == "sts",
        known=found.known,
        cut=len(source) > LONGEST or len(name) > LONGEST,
    )


def _make_call(known: Memo[_ActionKey, ActionTraits], key: _CallKey) -> Call:
    """Make a call of what its record says."""
    source, name, read_only, category, type_, region, account, version = key
    if not source or not name or not is_call(name, category, type_):
        return _NO_CALL
    traits = known[source, name, read_only]
    region = "" if traits.without_region else region or ""
    account = safe_account(account)
    category = category or ("NetworkActivity" if type_ == "AwsVpceEvent" else "Management")
    return Call(
        columns=(*traits.columns, account, region[:LONGEST], category),
        action=traits.action,
        account=account,
        reader=traits.reader,
        new_version=version not in _VERSIONS,
        cut=traits.cut or len(region) > LONGEST,
        traits=traits if _are_notable(traits) else None,
    )


def _are_notable(traits: ActionTraits) -> bool:
    """Whether records of an action have to be looked at one by one."""
    return (
        traits.may_expose
        or traits.may_state_facts
        or traits.may_fail_silently
        or traits.signs_in
        or traits.may_issue_key
        or traits.is_sts
        or not traits.known
    )


def _drop_region(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple("" if name == "region" else value for name, value in zip(OF_CALL, columns, strict=True))
