"""Which models are in service: one small signed file, put in place of the one before in one step.

It names the bundles that may be chosen, the last being the champion, and those that were set aside with the reason. A
serial number grows with every change, and whoever scores remembers the last it saw: so nobody takes it back to a list
of before, whose models were signed as well.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final

from models.seal import BundleError, SignWith, TrustIn, open_seal, seal

FILE: Final = "in_service.json"
MOST_BYTES: Final = 1 << 20
"""Bytes of the file, at most; ours have some two thousand."""
KEPT: Final = 14
"""Bundles in service that are kept: the champion, and those to which a rollback goes back."""
KEPT_ASIDE: Final = 5
"""Bundles that were set aside and are kept, to be compared or promoted by hand."""
_WHAT: Final = "models in service"


@dataclass(frozen=True, slots=True)
class InService:
    """What is in service, by names of bundles' folders."""

    serial: int = 0
    """Grows by one with every change."""
    serving: tuple[str, ...] = ()
    """By the day they judge and the order in which they were promoted; the last is the champion."""
    aside: dict[str, str] = field(default_factory=dict)
    """Never chosen, with the reason; the newest last."""

    def promote(self, name: str) -> "InService":
        """With one more in service, after those of its day.

        >>> found = InService(1, ("2026-03-02-aa", "2026-03-04-bb"), {"2026-03-03-cc": "why"})
        >>> found.promote("2026-03-03-cc").serving
        ('2026-03-02-aa', '2026-03-03-cc', '2026-03-04-bb')
        """
        others = [one for one in self.serving if one != name]
        before = [one for one in others if one[:10] <= name[:10]]
        aside = {one: why for one, why in self.aside.items() if one != name}
        kept = [*before, name, *others[len(before) :]][-KEPT:]
        return replace(self, serial=self.serial + 1, serving=tuple(kept), aside=aside)

    def set_aside(self, name: str, why: str) -> "InService":
        """With one that is never chosen."""
        aside = {one: said for one, said in self.aside.items() if one != name} | {name: why}
        serving = tuple(one for one in self.serving if one != name)
        return replace(self, serial=self.serial + 1, serving=serving, aside=dict(list(aside.items())[-KEPT_ASIDE:]))


def seal_in_service(found: InService, key: SignWith) -> bytes:
    """The file's content."""
    body = {"what": _WHAT, "serial": found.serial, "serving": found.serving, "aside": found.aside}
    return seal(json.dumps(body, sort_keys=False), key)


def read_in_service(content: bytes, key: TrustIn) -> InService:
    """What a file's content says.

    Raises
    ------
    BundleError
        It cannot be read; an `UnsignedError` where no trusted key signed it.
    """
    body = open_seal(content, key, f"the list of {_WHAT}")
    try:
        told: dict[str, Any] = json.loads(body)
        serving, aside = told["serving"], told["aside"]
        fits = (
            told["what"] == _WHAT
            and type(told["serial"]) is int
            and all(isinstance(name, str) for name in serving)
            and all(isinstance(why, str) for why in aside.values())
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        fits = False
    if not fits:
        raise BundleError(f"the list of {_WHAT} is not as this version writes it; run `oddtrail train`")
    return InService(told["serial"], tuple(serving), dict(aside))
