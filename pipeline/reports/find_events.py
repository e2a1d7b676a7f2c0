"""Which events match: by principal, account, address, resource, action and time; the newest first."""

import ipaddress
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from pipeline.errors import SettingsError

COLUMNS: Final = (
    "event_time", "account", "region", "principal", "principal_name", "kind", "session", "action", "error", "address",
    "country", "organisation", "agent", "resources", "exposures", "facts", "event_id",
)  # fmt: skip
"""Columns of an event that is found."""


@dataclass(frozen=True)
class Wanted:
    """What an event has to match; empty texts match all. `*` stands for any text in an action and in a resource."""

    principal: str = ""
    """Part of the principal's key or name, upper or lower case alike."""
    account: str = ""
    """The account that received the call."""
    address: str = ""
    """An address as delivered, or a network such as `198.51.100.0/24`."""
    resource: str = ""
    """A token such as `bucket:ledger`, or its name alone."""
    action: str = ""
    """`service:Name`, or the name alone, upper or lower case alike."""


@dataclass(frozen=True)
class FoundEvents:
    """Events, the newest first."""

    rows: list[dict[str, Any]]
    """COLUMNS of each."""
    total: int
    """So many match, whether they are among `rows` or not."""


def find_events(events: duckdb.DuckDBPyConnection, wanted: Wanted, limit: int) -> FoundEvents:
    """Find events of the view `events`, at most `limit` of them.

    Raises
    ------
    SettingsError
        The network cannot be read.

    Examples
    --------
    >>> from pipeline.stores.home import open_store
    >>> import tempfile
    >>> connection = duckdb.connect()
    >>> with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
    ...     store.events.view(connection)
    >>> find_events(connection, Wanted(action="s3:Delete*", address="198.51.100.0/24"), limit=10).total
    0
    """
    condition, values = _condition(events, wanted)
    [total] = events.execute(f"SELECT count(*) FROM events WHERE {condition}", values).fetchone() or (0,)
    found = events.execute(
        f"SELECT {', '.join(COLUMNS)} FROM events WHERE {condition} ORDER BY event_time DESC, event_id LIMIT {limit}",
        values,
    )
    return FoundEvents([dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()], total)


def _condition(events: duckdb.DuckDBPyConnection, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """What to ask of a row, and the values it is held against."""
    tests = ["true"]
    values: dict[str, Any] = {}
    if wanted.principal:
        tests.append("(contains(lower(principal), $principal) OR contains(lower(principal_name), $principal))")
        values["principal"] = wanted.principal.lower()
    if wanted.account:
        tests.append("account = $account")
        values["account"] = wanted.account
    if wanted.address:
        tests.append("address IN (SELECT unnest($addresses))")
        values["addresses"] = _addresses(events, wanted.address)
    if wanted.resource:
        tests.append(
            "len(list_filter(resources, lambda token: token GLOB $resource"
            " OR substr(token, instr(token, ':') + 1) GLOB $resource)) > 0"
        )
        values["resource"] = _pattern(wanted.resource)
    if wanted.action:
        tests.append("(lower(action) GLOB $action OR lower(split_part(action, ':', 2)) GLOB $action)")
        values["action"] = _pattern(wanted.action.lower())
    return " AND ".join(tests[1:] or tests), values


def _pattern(text: str) -> str:
    """A pattern in which only `*` is one.

    >>> _pattern("a[1]?*")
    'a[[]1][?]*'
    """
    return "".join(f"[{character}]" if character in "[?" else character for character in text)


def _addresses(events: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """The addresses meant: the one, or those of the network that the events come from."""
    if "/" not in text:
        return [text]
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SettingsError(
            f"--address is '{text}', which is no network: give one as in 198.51.100.0/24, or an address"
        ) from error
    seen = events.execute("SELECT DISTINCT address FROM events WHERE address_kind IN ('public', 'private')")
    return [address for (address,) in seen.fetchall() if _is_in(network, address)]


def _is_in(network: ipaddress.IPv4Network | ipaddress.IPv6Network, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:  # stored as delivered, so it may carry a zone or blanks
        return False
