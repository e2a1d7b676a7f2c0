"""Telling what was found: once, again where more of it is found, and no more in a day than somebody reads.

Whoever can write where logs lie can write digests that nobody signed, and each may say that something is missing. What
CloudTrail signed is always told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.stores.sqlite.digest_files import Told
from pipeline.watch.finding import Finding, tell_more

KIND: Final = "integrity"
"""Of the operations events."""
MOST_OF_ACCOUNT: Final = 50
"""Findings of an account that nobody signed and that are told one by one in a day (of UTC)."""
MOST: Final = 500
"""The same of all accounts."""
_TOLD: Final = "integrity/told"
"""Setting of a home's state: how many were told today, and how many were not."""
_AGAIN: Final = 10
"""Times as many more have to be found, before it is told again how many there are."""
_NAMES: Final = 256
_NAME_BYTES: Final = 8


@dataclass
class Integrity:
    """What judging came to."""

    digests: int = 0
    verified: int = 0
    """Of these, the ones whose signature was found to be CloudTrail's."""
    found: list[Finding] = field(default_factory=list)
    """Told for the first time."""
    cleared: list[str] = field(default_factory=list)
    """What was told before and is so no more."""
    waits: str = ""
    """Why it is not told what is missing; empty where it is."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "digests": self.digests, "verified": self.verified, "waits": self.waits,
            "found": [finding.as_dict() for finding in self.found], "cleared": self.cleared,
        }  # fmt: skip


class Teller:
    """Tells findings as of a time, and remembers them."""

    def __init__(self, store: Store, now: datetime, done: Integrity) -> None:
        self._store, self._digests, self._now, self._done = store, store.digest_files, now, done
        today = str(now.date())
        kept = store.state.setting(_TOLD, {})
        self._today: dict[str, Any] = kept if kept.get("day") == today else {"day": today, "told": {}, "more": {}}
        self._changed = False

    def tell(self, finding: Finding, *, whole: bool = True) -> None:
        """Tell a finding, unless the same was told of the same objects.

        Parameters
        ----------
        whole
            These are all its objects; else some are not looked for now, and those told before stay told.
        """
        before, names = self._digests.finding(finding.key), mark_names(finding.marks or finding.objects)
        if before is not None and not before.cleared:
            if not _is_more(before, finding, names):
                if whole and finding.what in _BY_NAME and names != before.names:
                    self._digests.put_finding(before._replace(objects=len(finding.objects), names=names))
                return
        elif finding.standing != "verified" and not self._has_room(finding):
            return
        self._put(finding, names)

    def clear(self, keys: Iterable[str]) -> None:
        """Say of what was told that it is so no more."""
        for key in sorted(keys):
            before = self._digests.finding(key)
            if before is None or before.cleared:
                continue
            now = (
                "What could not be read when this was told was read meanwhile, or is looked for no more"
                if before.kind == "unread"
                else "All is as CloudTrail delivered it now, which it was not when this was told"
            )
            text = f"{now}: {before.text[:300]} …"
            self._operations.add(f"{KIND}_cleared", self._now, text, what=before.kind, key=key)
            self._digests.put_finding(before._replace(cleared=True))
            self._done.cleared.append(text)

    def finish(self) -> None:
        """Tell how many more there are than were told, and remember how many were."""
        if not self._changed:
            return
        for account, (count, region, command) in self._today["more"].items():
            key = f"more/{account}/{self._now.date()}"
            finding = Finding(
                "more", key, account, region, None, self._now, [], tell_more(account, count, command), "unsigned",
                command, count,
            )  # fmt: skip
            before = self._digests.finding(key)
            if before is None or count >= _AGAIN * before.objects:
                self._put(finding, b"")
            elif before.text != finding.text:
                self._digests.put_finding(before._replace(text=finding.text))
        self._store.state.put_setting(_TOLD, self._today)

    @property
    def _operations(self) -> OperationsJsonl:
        return OperationsJsonl(self._store.home / OPERATIONS_FILE)

    def _put(self, finding: Finding, names: bytes) -> None:
        more = {name: value for name, value in finding.as_dict().items() if name != "text"}
        self._operations.add(KIND, self._now, finding.text, key=finding.key, **more)
        told = Told(
            finding.key, finding.what, self._now, len(finding.objects) + finding.more, finding.text, False, names
        )
        self._digests.put_finding(told)
        self._done.found.append(finding)

    def _has_room(self, finding: Finding) -> bool:
        """Whether a finding that nobody signed may be told today; else it is counted."""
        self._changed = True
        told, more = self._today["told"], self._today["more"]
        full = sum(told.values()) >= MOST
        if not full and told.get(finding.account, 0) < MOST_OF_ACCOUNT:
            told[finding.account] = told.get(finding.account, 0) + 1
            return True
        account = "" if full else finding.account
        count, region, command = more.get(account, (0, finding.region if account else "", finding.command))
        more[account] = (count + 1, region, command)
        return False


_BY_NAME: Final = frozenset({"objects", "chain_ends"})
"""What tells of objects that may be others the next time, under the same key."""


def _is_more(before: Told, finding: Finding, names: bytes) -> bool:
    """Whether a finding tells of what was not told before."""
    if finding.what != before.kind:
        return True
    if finding.what not in _BY_NAME:
        return False
    return len(finding.objects) > before.objects or has_others(names, before.names)


def mark_names(names: Sequence[str]) -> bytes:
    """Hashes of names, sorted; of many the least, which are the same ones as long as those names are there.

    >>> mark_names(["a", "b"]) == mark_names(["b", "a"]) != mark_names(["a", "c"])
    True
    """
    marks = sorted({blake2b(name.encode("utf-8", "replace"), digest_size=_NAME_BYTES).digest() for name in names})
    return b"".join(marks[:_NAMES])


def has_others(now: bytes, before: bytes) -> bool:
    """Whether names are marked that were not before, as far as marks are kept: of findings of before there are none.

    >>> has_others(mark_names("ab"), mark_names("abc")), has_others(mark_names("ad"), mark_names("abc"))
    (False, True)
    """
    known = {before[at : at + _NAME_BYTES] for at in range(0, len(before), _NAME_BYTES)}
    last = max(known) if len(known) >= _NAMES else b"\xff" * _NAME_BYTES
    marks = (now[at : at + _NAME_BYTES] for at in range(0, len(now), _NAME_BYTES))
    return bool(known) and any(mark not in known for mark in marks if mark <= last)
