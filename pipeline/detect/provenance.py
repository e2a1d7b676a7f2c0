"""What a model was learnt from, and where that came from.

Where what was learnt is the same as ever, a training may go on from the model; where it came from makes no difference.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from features.times.day import day_number
from pipeline.datafiles import read_attack_priors
from pipeline.detect.known import KnownActivity
from pipeline.settings import Settings
from pipeline.stores.fetched import AccountDay, Fetched, list_spans

_CODE = ("features", "models", "pipeline.detect")
"""Packages whose code decides what is learnt."""
_LIBRARIES = ("duckdb", "numpy", "pyarrow", "scikit-learn", "scipy")
"""Libraries whose arithmetic does."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """All that decides what a training from scratch would learn; signed in the manifest of its bundle."""

    making: str
    """Names code, libraries, attack priors and settings."""
    first_day: str
    activity: str
    """Names what had become known (`KnownActivity.digest`)."""
    alerts: str
    """Names the days and principals of alerts that were raised, of days that were learnt."""
    declared: str = ""
    """Names what people had declared (`pipeline.detect.declared.Declared.digest`)."""
    fetched: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Of which days others made the activity, as spans by place and account; the home's own events tell of the rest."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    def say_difference(self, noted: object) -> str:
        """Why a model of which this was noted does not hold any more; empty where it does.

        >>> now = Provenance("m", "2026-03-02", "a", "r")
        >>> now.say_difference(now.as_dict()), now.say_difference(now.as_dict() | {"first_day": "2026-03-04"})
        ('', 'history began on 2026-03-04 and begins on 2026-03-02')
        """
        if not isinstance(noted, dict) or set(noted) != set(self.as_dict()):
            return "it does not say what it was made of"
        if noted["making"] != self.making:
            return "another version made it, or other settings"
        if noted["first_day"] != self.first_day:
            return f"history began on {noted['first_day']} and begins on {self.first_day}"
        if noted["activity"] != self.activity:
            return "activity of days that it had learnt has changed"
        if noted["alerts"] != self.alerts:
            return "alerts were raised since on days that it had learnt"
        if noted["declared"] != self.declared:
            return "other days are kept out of learning, or other values were declared usual"
        return ""


def trace_back(
    day: date,
    first: date,
    known: KnownActivity,
    raised: Collection[tuple[int, str]],
    settings: Settings,
    declared: str = "",
    fetched: Mapping[AccountDay, Fetched] = MappingProxyType({}),
) -> Provenance:
    """What a training from scratch makes the model of a day of, now.

    Parameters
    ----------
    day, first
        The day it judges, and the first that it learns.
    raised
        Days and principals of alerts that were raised.
    declared
        Names what people had declared of the days that were learnt.
    fetched
        What the home fetched of the activity.
    """
    alerts = _hash(json.dumps(sorted(one for one in raised if one[0] < day_number(day))))
    spans = list_spans(fetched, first, day)
    return Provenance(_name_making(settings), str(first), known.digest(first, day), alerts, declared, spans)


def _name_making(settings: Settings) -> str:
    chosen = {name: getattr(settings, name) for name in ("timezone", "lateness_minutes", "seed", "vector_models")}
    return _hash(json.dumps([_hash_code(), chosen, read_attack_priors()], sort_keys=True))


@cache
def _hash_code() -> str:
    """Names the code that decides what is learnt, ours and that of libraries."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for package in _CODE:
        found = find_spec(package)
        assert found is not None
        for folder in map(Path, found.submodule_search_locations or ()):
            for file in sorted(folder.rglob("*.py")):
                digest.update(f"{package} {file.relative_to(folder)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
