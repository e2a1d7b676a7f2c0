"""Roles whose sessions' names are verified: a deployment's settings say so, for a record cannot.

A session is named by whoever opens it. Where an identity provider does that (AssumeRoleWithSAML), or a trust policy
demands the caller's own name, the name tells who it is; which roles those are only their owner knows.
"""

import re
from collections.abc import Iterable
from typing import Final

from features.call.principal import LONGEST

_NOTHING: Final = r"(?!)"


class VerifiedNames:
    """Patterns of roles, by their name or their ARN; `*` stands for any characters, `?` for one.

    Examples
    --------
    >>> verified = VerifiedNames(["okta-*", "arn:aws:iam::*:role/people/*"])
    >>> verified.vouch_for("arn:aws:iam::111111111111:role/okta-admin", "okta-admin")
    True
    >>> verified.vouch_for("arn:aws:iam::111111111111:role/people/dev", "dev"), verified.vouch_for("", "admin")
    (True, False)
    """

    __slots__ = ("_none", "_patterns")

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        joined = "|".join(map(_translate, patterns))
        self._none = not joined
        self._patterns = re.compile(joined or _NOTHING, re.DOTALL)

    def __repr__(self) -> str:
        """The same for the same patterns, so that it names them."""
        return f"VerifiedNames({self._patterns.pattern!r})"

    def vouch_for(self, arn: str, name: str) -> bool:
        """Whether the names of a role's sessions are verified, the role given by its ARN and its name."""
        if self._none:
            return False
        match = self._patterns.fullmatch
        return bool(match(name[:LONGEST]) or match(arn[: 2 * LONGEST]))


def _translate(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern)


NONE_VERIFIED: Final = VerifiedNames()
"""Where no settings are: every session's name is its opener's to choose."""
