"""Who a principal is and where a network lies, as the first delivery said: no later one changes what was known."""

from typing import Final

WHO: Final = (
    "principal", "delivered", "identity", "account", "kind", "identity_type", "identity_name", "permission_set",
    "principal_name", "identity_arn",
)  # fmt: skip
"""Columns of `principals` that say who a principal is; of its rows the least counts, as the columns stand here."""
WHERE: Final = ("prefix", "address_kind", "delivered", "country", "asn", "city")
"""The same of `places`: where a network lies, as far as a day is judged by it."""


def first_of(columns: tuple[str, ...], relation: str, keys: int) -> str:
    """SELECT of the first row of each key; as many of the columns as `keys` says are the key.

    >>> first_of(("principal", "delivered"), "principals", keys=1).split("\\n")[0]
    'SELECT principal, delivered FROM principals'
    """
    key, rest = ", ".join(columns[:keys]), ", ".join(columns[keys:])
    return (
        f"SELECT {', '.join(columns)} FROM {relation}\n"
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {rest}) = 1"
    )


FIRST_PRINCIPALS: Final = first_of(WHO, "principals", keys=1)
"""One row a principal."""
FIRST_PLACES: Final = first_of(WHERE, "every_places", keys=2)
"""One row a network, of the partial rows of `every_places`."""
MEMBERS: Final = f"""
SELECT principal, kind, identity_type, identity_name AS name, permission_set, account, principal_name, identity_arn
FROM ({FIRST_PRINCIPALS})
"""
"""What structure says of each principal (`models.groups.Member`), from the relation `principals`."""
