"""Settings of the function, from variables; light to read, for a cold start waits for it.

A variable that is misspelt would otherwise mean the default, in silence, so one that nobody knows is an error.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import msgspec

from pipeline.delivery.allowed import Allowed, Place, read_accounts, read_places
from pipeline.delivery.box import BoxPlace, read_place
from pipeline.errors import SettingsError
from pipeline.search.url import EngineUrl, parse_url

PREFIX: Final = "ODDTRAIL_"
INTEL: Final = ("off", "shodan")
TEXTS: Final = ("auto", "on")
_INDEX: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
_SECRET: Final = re.compile(r"(?:env|file|ssm|secretsmanager):.+", re.ASCII)


class LambdaSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the function is told; `VARIABLES` says what each means."""

    url: EngineUrl
    dead_letters: BoxPlace
    spill: BoxPlace | None = None
    buckets: list[Place] = []
    accounts: frozenset[str] = frozenset()
    prefix: str = "cloudtrail"
    retention: timedelta = timedelta(days=400)
    requests: int = 4
    geoip: Path | None = None
    networks: Path | None = None
    intel: str = "off"
    intel_key: str = ""
    intel_budget: int = 60
    texts: str = "auto"

    @property
    def boxes(self) -> tuple[BoxPlace, ...]:
        """Where messages of ours may lie in buckets."""
        places = (self.dead_letters, self.spill)
        return tuple(place for place in places if place is not None and place.bucket)

    @property
    def allowed(self) -> Allowed:
        """What may be read, our own spilled messages included."""
        own = [Place(self.spill.bucket, self.spill.prefix)] if self.spill and self.spill.bucket else []
        return Allowed((*self.buckets, *own), self.accounts)


class Variable(NamedTuple):
    """How a variable is read."""

    read: Callable[[str], Any]
    """Raises ValueError or SettingsError for what it does not take."""
    gives: str
    """What to give."""
    means: str


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError("it is no such number")
        return int(text)

    return read


def _days(text: str) -> timedelta:
    return timedelta(days=_number(1, 36_500)(text.removesuffix("d")))


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError("it is none of these")
        return text

    return read


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(what)
        return text

    return read


def _there(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise ValueError("nothing is there")
    return path


_SOME_BOX: Final = "a queue's https:// URL, s3://bucket/prefix/, or both with a blank between"
VARIABLES: Final[Mapping[str, Variable]] = {
    "url": Variable(
        parse_url,
        "as in opensearch+sigv4://HOST?region=eu-west-1",
        "The search engine; secrets in it by where they are.",
    ),
    "dead_letters": Variable(
        read_place,
        _SOME_BOX,
        "Where what cannot be indexed is kept.",
    ),
    "spill": Variable(
        read_place,
        _SOME_BOX,
        "Where what is not finished in time is kept; it comes back from there.",
    ),
    "buckets": Variable(
        read_places,
        "as in my-trail/AWSLogs/@eu-west-1",
        "Buckets, prefixes and regions that notifications may name.",
    ),
    "accounts": Variable(
        read_accounts,
        "accounts with blanks between",
        "Accounts that may send; any where it is not set.",
    ),
    "prefix": Variable(
        _matching(_INDEX, "no index is called so"),
        "small letters, digits, . _ -",
        "Begins the names of indices.",
    ),
    "retention": Variable(
        _days,
        "days, as in 400",
        "Older events go to quarantine.",
    ),
    "requests": Variable(
        _number(1, 32),
        "a number from 1 to 32",
        "Requests under way at once.",
    ),
    "geoip": Variable(
        Path,
        "a folder in the package, as in /var/task/geoip",
        "Geo databases; the package's own where it is not set.",
    ),
    "networks": Variable(
        _there,
        "a file in the package",
        "Names own networks.",
    ),
    "intel": Variable(
        _one_of(*INTEL),
        " or ".join(INTEL),
        "Who is asked about public addresses.",
    ),
    "intel_key": Variable(
        _matching(_SECRET, "it does not say where a secret is"),
        "as in ssm:/oddtrail/shodan",
        "Where the key for it is.",
    ),
    "intel_budget": Variable(
        _number(1, 10_000),
        "a number from 1 to 10000",
        "Questions a minute, at most.",
    ),
    "texts": Variable(
        _one_of(*TEXTS),
        " or ".join(TEXTS),
        "Whether requests and responses are also written as one text each: where the engine needs it, or always.",
    ),
}
"""Each setting by its variable's name, without `ODDTRAIL_` and in small letters."""
_REQUIRED: Final = ("url", "dead_letters")


def read_settings(environment: Mapping[str, str]) -> LambdaSettings:
    """Settings of an environment.

    Raises
    ------
    SettingsError
        Names the variable, why it cannot be used and what to give; never shows what may be a secret.

    Examples
    --------
    >>> read_settings({"ODDTRAIL_URL": "opensearch+http://localhost", "ODDTRAIL_DEAD_LETTERS": "s3://b/dead/"}).prefix
    'cloudtrail'
    """
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and text.strip():
            name = variable.removeprefix(PREFIX).lower()
            if name not in VARIABLES or variable != variable_of(name):
                if _named_by(environment, variable):
                    continue
                raise SettingsError(f"{variable} is not a setting of the function: {_nearest(variable)}")
            values[name] = _read(variable, VARIABLES[name], text.strip())
    for name in _REQUIRED:
        if name not in values:
            raise SettingsError(f"{variable_of(name)} is not set: give {VARIABLES[name].gives}")
    if values.get("intel", "off") != "off" and not values.get("intel_key"):
        raise SettingsError(f"{variable_of('intel_key')} is not set: give {VARIABLES['intel_key'].gives}")
    return LambdaSettings(**values)


def variable_of(name: str) -> str:
    """The variable of a setting.

    >>> variable_of("url")
    'ODDTRAIL_URL'
    """
    return PREFIX + name.upper()


def _named_by(environment: Mapping[str, str], variable: str) -> bool:
    """Whether another variable says that a secret is in this one."""
    return any(f"env:{variable}" in text for name, text in environment.items() if name != variable)


def _read(variable: str, how: Variable, text: str) -> Any:
    try:
        return how.read(text)
    except SettingsError as error:
        raise SettingsError(f"{variable}: {error}") from None
    except ValueError as error:
        raise SettingsError(f"{variable} cannot be used ({error}): give {how.gives}") from None


def _nearest(variable: str) -> str:
    known = [variable_of(name) for name in VARIABLES]
    close = cast("list[str]", difflib.get_close_matches(variable, known, n=1))
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
