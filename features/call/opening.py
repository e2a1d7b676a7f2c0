"""Calls that can share or publish, and where in the request it stands whom or what they open.

Sources: the calls are those of the IAM definition's permission management (`scripts/check_openings.py` goes through all
of them) and those whose request, in AWS's service models (botocore), has a field for an account, a principal, an
organization, a network, a policy or a public switch. A field is the end of its path, in lower case; lists and EC2's
`items` and `content` are not part of the path.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from features.call.action_alias import IAM_PREFIXES
from features.call.opening_table import GROUPS, TABLE

KINDS: Final = {
    "who": "names who is let in or where data goes: an account, an ARN, an organization, everybody",
    "named": "names who is let in by something that tells no account",
    "idp": "names an identity provider whose people are let in",
    "policy": "is a policy",
    "admin": "is the ARN of a managed policy, which may be an administrator's",
    "cidr": "is a network that may connect",
    "reach": "is a network to which a switch opens",
    "acl": "is a canned ACL of S3 or a header with grants",
    "block": "blocks public access unless it is false",
    "on": "opens when it has a value: field=value|value>token",
    "only": "has to have this value, where it is there: field=value|value",
    "tie": "narrows everybody, as a key of a condition would: field=key",
    "condition": "is a condition, as a policy's or in the members type, key and value",
    "else": "opens where none of these is in the request, but others beside them are: >token",
    "always": "opens whatever the request holds: >token",
}
"""What a field of a request does."""


class Field(NamedTuple):
    """A field of a request."""

    kind: str
    path: str
    """End of its path, in lower case."""
    values: frozenset[str] = frozenset()
    """That a switch opens at or a guard asks for; the condition's key of a tie."""
    token: str = ""

    def is_at(self, path: str) -> bool:
        """Whether the field is at a path."""
        return path.endswith(self.path) and (len(path) == len(self.path) or path[-len(self.path) - 1] == ".")


Opening = tuple[Field, ...]
"""The fields of a call that can open something."""


def find_opening(action: str) -> Opening | None:
    """Find the fields of a call by `service:EventName`; None when the table does not have it.

    >>> [field.path for field in find_opening("redshift:AuthorizeSnapshotAccess") or ()]
    ['accountwithrestoreaccess']
    """
    service, _, name = action.partition(":")
    return OPENINGS.get((IAM_PREFIXES.get(service, service), name.lower()))


def _read_field(text: str) -> list[Field]:
    """Read `kind:path,path`, `kind:path=value|value>token`."""
    kind, _, rest = text.partition(":")
    rest, _, token = rest.partition(">")
    paths, _, values = rest.partition("=")
    listed = frozenset(values.split("|")) if values else frozenset()
    each = ",".join(GROUPS.get(path, path) for path in paths.split(","))
    return [Field(kind, path, listed, token) for path in each.split(",")]


def read_rows(table: str) -> Iterator[tuple[tuple[str, str], Opening]]:
    """Read a table: services begin a line, calls and fields are indented below, what belongs to a line deeper."""
    services: list[str] = []
    for line in table.replace("\n" + " " * 8, " ").splitlines():
        words = line.split()
        if not line.startswith(" "):
            services = words
            continue
        fields = tuple(field for word in words if ":" in word for field in _read_field(word))
        yield from (((service, word.lower()), fields) for service in services for word in words if ":" not in word)


OPENINGS: Final[Mapping[tuple[str, str], Opening]] = dict(read_rows(TABLE))
"""Fields of calls that can open something, by service and name of the call in lower case."""
