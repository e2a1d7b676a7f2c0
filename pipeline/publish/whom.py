"""Whom a native result is about: its fields and values, mapped to the principals that events and alerts know."""

import re
from collections.abc import Iterable
from typing import Final

import duckdb

from pipeline.stores.alert import Alert

_OF_PRINCIPALS: Final = (
    "user.name", "user.id", "user.entity.id", "user.full_name", "user_identity.arn", "useridentity.arn",
    "useridentity.username", "useridentity.principalid", "user_identity.principal_id", "session_issuer.arn",
    "sessionissuer.arn", "sessionissuer.username", "oddtrail.principal", "oddtrail.principal_name",
    "oddtrail.identity_arn", "oddtrail.identity", "principal", "principal_name", "principal_key",
)  # fmt: skip
"""How names of fields end that hold somebody, in ECS, in CloudTrail's own names and in ours."""
_ACCOUNTS: Final = ("cloud.account.id", "recipientaccountid", "useridentity.accountid", "oddtrail.account", "account")
_ASSUMED: Final = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)(/.*)?")


class Whom:
    """Names of principals, and the accounts they are seen in.

    Examples
    --------
    >>> whom = Whom()
    >>> whom.add("role/1/AROAX", ["deploy", "arn:aws:iam::111122223333:role/deploy"], "111122223333")
    >>> whom.find([("aws.cloudtrail.user_identity.arn", "arn:aws:sts::111122223333:assumed-role/deploy/run")])
    {'role/1/AROAX'}
    >>> whom.find([("user.id", "AROAX:run")]), whom.find([("source.geo.city_name", "Berlin")])
    ({'role/1/AROAX'}, set())
    """

    def __init__(self) -> None:
        self._keys: dict[str, set[str]] = {}
        self._accounts: dict[str, set[str]] = {}
        self.names: dict[str, str] = {}
        """Short name of each principal."""

    def add(self, key: str, values: Iterable[str], account: str = "", name: str = "") -> None:
        """Know a principal by some values, its key, and the id that ends it."""
        for value in (key, key.rpartition("/")[2], *values):
            if value:
                self._keys.setdefault(_normal(value), set()).add(key)
        if account:
            self._accounts.setdefault(key, set()).add(account)
        if name:
            self.names.setdefault(key, name)

    def add_alert(self, alert: Alert) -> None:
        """Know the principal of an alert."""
        names = [alert.principal, alert.principal_name, *alert.identities]
        self.add(alert.principal_key, names, alert.account, alert.principal_name)
        for account in alert.accounts:
            self.add(alert.principal_key, (), account)

    def add_events(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Know everybody in the view `events`."""
        rows = connection.execute(
            "SELECT principal, principal_name, identity, identity_arn, identity_name, account FROM events GROUP BY ALL"
        ).fetchall()
        for key, name, identity, arn, identity_name, account in rows:
            self.add(key, filter(None, (name, arn, identity_name, identity)), account, name or "")
            if identity:
                self.add(key, [identity.rpartition("/")[2]])

    def find(self, fields: Iterable[tuple[str, str]]) -> set[str]:
        """Keys of whom fields name: those that all of them agree on, as far as any is known."""
        pairs = list(fields)
        found: set[str] = set()
        for name, value in pairs:
            if not is_of_principal(name):
                continue
            known = self._keys.get(_normal(value), set()) or self._keys.get(value.partition(":")[0], set())
            found = found & known or found | known
        accounts = {value for name, value in pairs if _ends(name, _ACCOUNTS)}
        within = {key for key in found if self._accounts.get(key, set()) & accounts}
        return within or found


def is_of_principal(field: str) -> bool:
    """Whether a field holds somebody.

    >>> is_of_principal("user.name.keyword"), is_of_principal("userIdentity.arn"), is_of_principal("event.action")
    (True, True, False)
    """
    return _ends(field, _OF_PRINCIPALS)


def _ends(field: str, endings: Iterable[str]) -> bool:
    name = field.lower().removesuffix(".keyword")
    return any(name == ending or name.endswith(f".{ending}") for ending in endings)


def _normal(value: str) -> str:
    """An ARN of a session as that of its role, as far as it tells; anything else as it is.

    >>> _normal("arn:aws:iam::111122223333:role/team/deploy")
    'arn:aws:iam::111122223333:role/deploy'
    """
    if assumed := _ASSUMED.fullmatch(value):
        return f"arn:{assumed[1]}:iam::{assumed[2]}:role/{assumed[3]}"
    head, found, path = value.partition(":role/")
    return f"{head}{found}{path.rpartition('/')[2]}" if found else value
