"""Find a trail's objects in a bucket: by account, region and day where they lie as CloudTrail puts them.

Whatever is no trail of CloudTrail's layout is listed as it lies. A bucket is never listed as a whole where days can be
told apart: with a day to begin at, what is older costs no request.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import chain
from typing import Final, NamedTuple, Protocol

from features.record.foreign import name_of_key
from pipeline.ingest.delivery import read_delivery

_ROOT: Final = "AWSLogs"
_TRAIL: Final = "CloudTrail"
_DIGESTS: Final = "CloudTrail-Digest"
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]{1,40}", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+", re.ASCII)
_NUMBER: Final = re.compile(r"\d{2}|\d{4}", re.ASCII)
_ABOVE: Final = 3
"""Folders above AWSLogs that are looked into for it."""
_LOOKS: Final = 200
"""Folders that are looked into at most; the others are listed as they lie."""
_NAMED: Final = 45
"""Days that are asked for by name; whether there are more is looked up."""


class Found(NamedTuple):
    """An object of a listing."""

    key: str
    size: int
    etag: str
    changed: datetime


class Lister(Protocol):
    """Lists a bucket."""

    def level(self, prefix: str) -> Iterator[Found | str]:
        """What lies directly below: objects, and prefixes that end with a slash."""

    def all(self, prefix: str) -> Iterator[Found]:
        """Everything below, by key."""


class _Stretch(NamedTuple):
    """Objects to be listed together: of a day, or of a folder that is none."""

    day: date
    prefix: str
    direct: bool = False
    """Only those that lie directly there."""


class Walk:
    """A way through a bucket.

    Parameters
    ----------
    since
        Day of UTC before which nothing is listed; None for all.
    today
        Day of UTC up to which days are asked for, and the one after it.
    at_once
        Days that are asked for at the same time.
    digests
        Whether a trail's digest files are listed too.
    """

    def __init__(
        self, lister: Lister, since: date | None, today: date, at_once: int = 1, *, digests: bool = False
    ) -> None:
        self._at_once = at_once
        self._dated = {_TRAIL, _DIGESTS} if digests else {_TRAIL}
        self._lister = lister
        self._since = since
        self._today = today
        self._looks = _LOOKS
        self.empty = True
        """Nothing at all lies where it began."""

    def below(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix, an account's day together, whatever its regions.

        A prefix that is a folder's name means that folder, and one that is an object's name that object.
        """
        level = self._noted(self._lister.level(prefix))
        first = next(level, None)  # whatever is asked for from here on, it tells whether anything is there
        if not prefix or prefix.endswith("/"):
            if first is not None:
                yield from self._folder(prefix, chain([first], level), _ABOVE)
            return
        whole = self._noted(self._lister.level(f"{prefix}/"))
        inner = next(whole, None)
        if inner is not None:
            yield from self._folder(f"{prefix}/", chain([inner], whole), _ABOVE)
        if isinstance(first, Found) and first.key == prefix:
            yield first
        elif first is not None and inner is None:
            folders: list[str] = []
            yield from self._direct(chain([first], level), folders)
            for folder in folders:
                yield from self._folder(folder, self._lister.level(folder), _ABOVE)

    def _noted(self, level: Iterator[Found | str]) -> Iterator[Found | str]:
        for item in level:
            self.empty = False
            yield item

    def _folder(self, folder: str, level: Iterator[Found | str], above: int) -> Iterator[Found]:
        """What lies in a folder, by where that lies."""
        place = _place(folder)
        if place is None:
            yield from self._outside(level, above)
        elif len(place) == 0:
            yield from self._accounts(level)
        elif len(place) == 1:
            yield from self._services(level)
        elif place[1] not in self._dated:
            yield from self._all(folder)
        elif len(place) == 2:
            yield from self._regions(level)
        else:
            yield from self._stretches([self._days(folder, place[3:])])

    def _outside(self, level: Iterator[Found | str], above: int) -> Iterator[Found]:
        """Above AWSLogs, or where there is none."""
        folders: list[str] = []
        yield from self._direct(level, folders)
        for folder in folders:
            if _place(folder) is not None:
                yield from self._folder(folder, self._lister.level(folder), above)
                continue
            self._looks -= 1
            if above <= 0 or self._looks < 0:
                yield from self._all(folder)
            else:
                yield from self._outside(self._lister.level(folder), above - 1)

    def _accounts(self, level: Iterator[Found | str]) -> Iterator[Found]:
        folders: list[str] = []
        yield from self._direct(level, folders)
        for folder in folders:
            name = _name(folder)
            if _ORGANISATION.fullmatch(name):
                yield from self._accounts(self._lister.level(folder))
            elif _ACCOUNT.fullmatch(name):
                yield from self._services(self._lister.level(folder))
            else:
                yield from self._all(folder)

    def _services(self, level: Iterator[Found | str]) -> Iterator[Found]:
        folders: list[str] = []
        yield from self._direct(level, folders)
        for folder in folders:
            if _name(folder) in self._dated:
                yield from self._regions(self._lister.level(folder))
            elif not name_of_key(f"{folder}x"):  # what has a name is none of CloudTrail's records
                yield from self._all(folder)

    def _regions(self, level: Iterator[Found | str]) -> Iterator[Found]:
        folders: list[str] = []
        yield from self._direct(level, folders)
        days = []
        for folder in folders:
            if _REGION.fullmatch(_name(folder)):
                days.append(self._days(folder, []))
            else:
                yield from self._all(folder)
        yield from self._stretches(days)

    def _stretches(self, days: Sequence[Iterator[_Stretch]]) -> Iterator[Found]:
        """The objects of stretches by day; the first of some are asked for ahead."""
        waiting: deque[tuple[Future[Found | None], Iterator[Found]]] = deque()
        with ThreadPoolExecutor(self._at_once) as pool:
            for stretch in merge(*days, key=lambda stretch: (stretch.day, stretch.prefix)):
                if stretch.direct:
                    found = self._direct(self._lister.level(stretch.prefix), [])
                else:
                    found = self._all(stretch.prefix)
                waiting.append((pool.submit(next, found, None), found))
                if len(waiting) >= self._at_once:
                    yield from _rest(*waiting.popleft())
            while waiting:
                yield from _rest(*waiting.popleft())

    def _days(self, folder: str, parts: Sequence[str]) -> Iterator[_Stretch]:
        """Days below a region's folder, or below one of its years or months: `parts` are those it is below already."""
        if len(parts) >= 3:
            yield _Stretch(_day(parts[:3]) or date.min, folder)
            return
        if not parts and self._since is not None and (self._today - self._since).days <= _NAMED:
            day = self._since
            while day <= self._today + timedelta(days=1):
                yield _Stretch(day, f"{folder}{day:%Y/%m/%d}/")
                day += timedelta(days=1)
            return
        dated, others, direct = [], [], False
        for item in self._lister.level(folder):
            if isinstance(item, Found):
                direct = True
            elif _NUMBER.fullmatch(name := _name(item)) and len(name) == (2 if parts else 4):
                dated.append((item, [*parts, name]))
            else:
                others.append(item)
        if direct:
            yield _Stretch(date.min, folder, True)
        for inner in others:
            yield _Stretch(date.min, inner)
        for inner, known in dated:
            if self._since is None or known >= f"{self._since:%Y/%m/%d}".split("/")[: len(known)]:
                yield from self._days(inner, known)

    def _direct(self, level: Iterable[Found | str], folders: list[str]) -> Iterator[Found]:
        """Objects of a level; its folders are noted."""
        for item in level:
            if isinstance(item, str):
                folders.append(item)
            elif self._is_wanted(item):
                yield item

    def _all(self, prefix: str) -> Iterator[Found]:
        return filter(self._is_wanted, self._lister.all(prefix))

    def _is_wanted(self, found: Found) -> bool:
        """Neither a folder's mark, nor hidden, nor older; what tells no day by its name is as old as it lies there."""
        name = found.key.rpartition("/")[2]
        if not name or name.startswith("."):
            return False
        return self._since is None or (read_delivery(name).at or found.changed).astimezone(UTC).date() >= self._since


def _rest(first: "Future[Found | None]", found: Iterator[Found]) -> Iterator[Found]:
    one = first.result()
    if one is not None:
        yield one
        yield from found


def _place(folder: str) -> list[str] | None:
    """Names of a folder below AWSLogs, the organisation's left out; None where it is not below one.

    >>> _place("x/AWSLogs/o-abc123/111122223333/CloudTrail/"), _place("x/")
    (['111122223333', 'CloudTrail'], None)
    """
    parts = folder.split("/")[:-1]
    if _ROOT not in parts:
        return None
    rest = parts[len(parts) - parts[::-1].index(_ROOT) :]
    return rest[1:] if rest and _ORGANISATION.fullmatch(rest[0]) else rest


def _name(folder: str) -> str:
    return folder[:-1].rpartition("/")[2]


def _day(parts: Sequence[str]) -> date | None:
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return None
