"""Settings of a deployment: one typed model, read once at the edge from command line, environment and a TOML file.

A value given on the command line wins over `ODDTRAIL_<NAME>`, which wins over the file, which wins over the default.
The file is `oddtrail.toml` in the home folder, or the one `ODDTRAIL_CONFIG` names.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipeline.errors import SettingsError
from pipeline.machine import cores, memory_limit
from pipeline.words.language import Language

PREFIX = "ODDTRAIL_"
CONFIG = "ODDTRAIL_CONFIG"
DEFAULT_HOME = Path("~/.oddtrail")

_BYTES = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "kib": 2**10, "m": 10**6, "mb": 10**6, "mib": 2**20}
_BYTES |= {"g": 10**9, "gb": 10**9, "gib": 2**30, "t": 10**12, "tb": 10**12, "tib": 2**40}
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._/=-]*)?", re.ASCII)
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII)
_PRIVATE = "PRIVATE KEY"
_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", re.ASCII)
_MINUTES = {"": 1.0, "s": 1 / 60, "m": 1.0, "min": 1.0, "h": 60.0, "d": 1440.0}


def parse_bytes(text: Any) -> Any:
    """Bytes meant by a size such as `4GB` or `512 MiB`; anything else is handed on for the type to refuse.

    >>> parse_bytes("4GB"), parse_bytes("512 MiB")
    (4000000000, 536870912)
    """
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _BYTES:
        return text
    try:
        return int(float(match[1]) * _BYTES[match[2].lower()])
    except OverflowError:
        return text


def parse_span(text: Any) -> Any:
    """Time span meant by `15m`, `90s`, `2h` or a bare number of minutes; anything else is handed on.

    >>> parse_span("90s"), parse_span(15)
    (datetime.timedelta(seconds=90), datetime.timedelta(seconds=900))
    """
    match = _AMOUNT.fullmatch(str(text).lower())
    if isinstance(text, timedelta) or match is None or match[2] not in _MINUTES:
        return text
    try:
        return timedelta(minutes=float(match[1]) * _MINUTES[match[2]])
    except OverflowError:
        return text


def parse_budget(text: Any) -> Any:
    """Alerts a day; `off` means no ceiling."""
    return None if isinstance(text, str) and text.strip().lower() == "off" else text


def parse_patterns(text: Any) -> Any:
    """Patterns in a text, with commas or spaces between; anything else is handed on.

    >>> parse_patterns("okta-*, adfs-?"), parse_patterns(["okta-*"])
    (('okta-*', 'adfs-?'), ['okta-*'])
    """
    return tuple(text.replace(",", " ").split()) if isinstance(text, str) else text


def refuse_key(value: Any) -> Any:
    """What was given, where files with keys are named.

    Raises
    ------
    ValueError
        It holds a private key itself.
    """
    if _holds_key(value):
        raise ValueError("holds a private key")
    return value


def _holds_key(value: Any) -> bool:
    """Whether a private key in PEM is part of a value."""
    return any(_PRIVATE in str(each) for each in (value if isinstance(value, list | tuple) else [value]))


def show_patterns(patterns: tuple[str, ...]) -> str | None:
    """Patterns as `parse_patterns` reads them; None where there are none."""
    return ", ".join(patterns) or None


def show_bytes(size: int) -> str:
    """Size as `parse_bytes` reads it.

    >>> show_bytes(12_600_000_000)
    '12.6GB'
    """
    return f"{size / 1e9:.3g}GB" if size >= 10**9 else f"{size / 1e6:.4g}MB"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("unknown zone") from error
    return name


def read_detector(text: str) -> tuple[str, float]:
    """Name of a detector, and its share of the budget; 0 where it is given none.

    >>> read_detector("forest:0.2"), read_detector("pyod:ECOD"), read_detector("pyod:ECOD:0.1")
    (('forest', 0.2), ('pyod:ECOD', 0.0), ('pyod:ECOD', 0.1))
    """
    name, _, share = text.rpartition(":")
    return (name, float(share)) if name and share[:1].isdigit() else (text, 0.0)


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Detectors, each once and one of PyOD's, with shares that leave the sum of evidence something."""
    read = dict(map(read_detector, texts))
    if len(read) < len(texts) or sum(name.startswith("pyod:") for name in read) > 1:
        raise ValueError("named twice")
    if any(name not in texts and not 0 < share < 1 for name, share in read.items()):
        raise ValueError("a share that is not between 0 and 1")
    if sum(read.values()) >= 1:
        raise ValueError("shares that leave the sum of evidence nothing")
    return texts


def _expanded(path: Path) -> Path:
    return path.expanduser()


def _place(text: str) -> str:
    """A folder or a bucket's prefix."""
    if not text or len(text) > 1000 or "\0" in text or ("://" in text and not _BUCKET.fullmatch(text)):
        raise ValueError("neither a folder nor a bucket's prefix")
    return text


def _page(text: str) -> str:
    """An address of a page that others can be sent to: plain, and without a name or a question in it."""
    if not _PAGE.fullmatch(text):
        raise ValueError("no address of a page")
    return text.rstrip("/")


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g}m"


ByteSize = Annotated[
    int,
    BeforeValidator(parse_bytes),
    PlainSerializer(show_bytes, return_type=str, when_used="json"),
    Field(ge=2**28, le=2**50),
]
Span = Annotated[
    timedelta,
    BeforeValidator(parse_span),
    PlainSerializer(_minutes, return_type=str, when_used="json"),
    Field(ge=timedelta(0), le=timedelta(days=1)),
]
Budget = Annotated[float | None, BeforeValidator(parse_budget)]
Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@*?:/-]{1,512}$")]
Patterns = Annotated[
    tuple[Pattern, ...],
    NoDecode,
    BeforeValidator(parse_patterns),
    PlainSerializer(show_patterns, return_type=str | None, when_used="json"),
    Field(max_length=100),
]
Trusted = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...],
    NoDecode,
    BeforeValidator(parse_patterns),
    BeforeValidator(refuse_key),  # first: the last one that is named is
    PlainSerializer(show_patterns, return_type=str | None, when_used="json"),
    Field(max_length=20),
]
Detectors = Annotated[
    tuple[
        Annotated[
            str, Field(pattern=r"^(surprise|(forest|population|pyod:[A-Za-z][A-Za-z0-9_]{0,40})(:\d(\.\d{1,6})?)?)$")
        ],
        ...,
    ],
    NoDecode,
    BeforeValidator(parse_patterns),
    AfterValidator(_once),
    PlainSerializer(show_patterns, return_type=str | None, when_used="json"),
    Field(min_length=1, max_length=4),
]
Place = Annotated[str, AfterValidator(_place)]
Zone = Annotated[str, AfterValidator(_zone)]
Folder = Annotated[Path, AfterValidator(_expanded)]


GIVES = {
    "home": "a folder",
    "deployment": "up to 64 letters, digits, '.', '_' or '-'",
    "timezone": "an IANA time zone such as Asia/Seoul",
    "language": "en or ko",
    "lateness": "a span such as 15m or 1h",
    "budget": "a number of alerts a day above 0, or off",
    "threads": "a whole number of cores from 1",
    "shards": "a whole number of processes from 1 to 64",
    "memory": "a size from 256MiB such as 4GB",
    "geoip": "a folder that holds .mmdb or .csv files",
    "networks": "a file of own networks",
    "seed": "a whole number from 0",
    "detectors": "names of surprise, forest, population and one pyod:NAME such as pyod:ECOD, each once, with commas "
    "between; "
    "a share of the budget as in forest:0.2 lets one raise alerts by itself, shares below 1 together",
    "verified_session_names": "names or ARNs of roles, with * and ?, such as okta-* or arn:aws:iam::*:role/people/*",
    "signing_key": "the file of a private key that `oddtrail models keygen` made, or kms:KEY-ID",
    "trusted_keys": "files with public keys, or what `oddtrail models keygen` printed, with commas between",
    "models_at": "a folder, or s3://bucket/prefix",
    "activity_at": "a folder, or s3://bucket/prefix",
    "notify": "a file that says whom to tell, as docs/notify.md does",
    "page_url": "the address of the page, as https://oddtrail.example.com",
}
"""What each setting wants to be given; an error ends with it."""


class Settings(BaseSettings):
    """Everything about a deployment that is not in its data."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    home: Folder = Field(DEFAULT_HOME.expanduser(), description="Folder of the store, the models and the alerts.")
    deployment: str = Field(
        "default", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Name of this deployment; part of every alert's id."
    )
    timezone: Zone = Field("UTC", description="Time zone of the deployment's day.")
    language: Language | None = Field(
        None,
        description="Language of alerts and pages: en or ko; else English, and on pages what the browser asks for.",
    )
    lateness: Span = Field(
        timedelta(minutes=15), description="How late an event may be delivered before its hour closes."
    )
    budget: Budget = Field(
        5.0,
        gt=0,
        allow_inf_nan=False,
        description="Alerts raised a day on average: up to three times as many on a bad day, one in four more for the "
        "strongest; a break-in counts once.",
    )
    threads: int = Field(default_factory=cores, ge=1, le=512, description="Cores to use.")
    shards: int = Field(
        1, ge=1, le=64, description="Processes among which a watch divides principals; 1 counts all in its own."
    )
    memory: ByteSize = Field(
        default_factory=lambda: memory_limit() // 2, description="Memory that queries may use; half the machine's."
    )
    geoip: Folder | None = Field(
        None, description="Folder of geo databases (.mmdb, ASN as .csv); else those installed in the home folder."
    )
    networks: Folder | None = Field(None, description="File that names your own networks (office, VPN egress).")
    seed: int = Field(0, ge=0, lt=2**32, description="Seed of everything random.")
    detectors: Detectors = Field(
        ("surprise", "forest", "population"),
        description="Models that score hours beside the sum of evidence (surprise); pyod:NAME may take forest's place, "
        "and forest:0.2 may raise by itself, within a fifth of the budget.",
    )
    verified_session_names: Patterns = Field(
        (),
        description="Roles whose sessions are named by an identity provider, not by the caller: each name is a person.",
    )

    signing_key: Annotated[str | None, BeforeValidator(refuse_key)] = Field(
        None,
        min_length=1,
        max_length=2100,
        description="Private key that signs models, where trainer and worker are apart; else the home's own key does.",
    )
    trusted_keys: Trusted = Field(
        (), description="Public keys of which one must have signed a model; a worker needs no other key."
    )
    models_at: Place | None = Field(
        None, description="Where a trainer puts models for workers elsewhere, and they fetch them."
    )
    activity_at: Place | None = Field(
        None,
        description="Where whoever ingests puts activity for a trainer elsewhere, and it fetches it; what "
        "`oddtrail spark-backfill` put there is learnt by a home that holds events as well.",
    )
    notify: Folder | None = Field(
        None, description="File that says whom alerts are told; else notify.toml in the home folder, where it is."
    )
    page_url: Annotated[str, AfterValidator(_page)] | None = Field(
        None, max_length=500, description="Address of `oddtrail serve`, as people reach it, for links in messages."
    )

    @property
    def vector_models(self) -> tuple[str, ...]:
        """Detectors that judge vectors."""
        return tuple(name for name, _ in map(read_detector, self.detectors) if name != "surprise")

    @property
    def shares(self) -> dict[str, float]:
        """Share of the budget of each detector that may raise by itself."""
        return {name: share for name, share in map(read_detector, self.detectors) if share}

    @property
    def lateness_minutes(self) -> int:
        """Whole minutes of `lateness`, as activity counts it."""
        return int(self.lateness.total_seconds() // 60)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing is read behind the caller's back: `load_with_origins` reads the sources, and remembers which."""
        return (init_settings,)


def load_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings; `given` is what the command line says, None for what it does not.

    Raises
    ------
    SettingsError
        Names the key as its owner wrote it, what it holds and what to give instead.
    """
    return load_with_origins(given)[0]


def load_with_origins(given: Mapping[str, Any] | None = None) -> tuple[Settings, dict[str, str]]:
    """Settings, and where each comes from: `--home`, `ODDTRAIL_HOME`, `timezone in <file>` or `default`."""
    line = {name: value for name, value in (given or {}).items() if value is not None}
    environment = EnvSettingsSource(Settings)()
    _refuse_unknown_variables()
    path = _file_path(line.get("home") or environment.get("home"))
    file = _read_file(path)
    origins = dict.fromkeys(Settings.model_fields, "default")
    origins |= {name: f"{name} in {path}" for name in file}
    origins |= {name: PREFIX + name.upper() for name in environment}
    origins |= {name: f"--{name}" for name in line}
    values = {**file, **environment, **line}
    try:
        return Settings(**values), origins
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        if _holds_key(values[name]):
            raise SettingsError(f"{origins[name]} holds a key: give the file that holds it") from error
        raise SettingsError(f"{origins[name]} is {values[name]!r}: give {GIVES[name]}") from error


def _file_path(home: Any) -> Path:
    named = os.environ.get(CONFIG)
    return Path(named).expanduser() if named else Path(home or DEFAULT_HOME).expanduser() / "oddtrail.toml"


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        if os.environ.get(CONFIG):
            raise SettingsError(f"{CONFIG} is '{path}', and no such file is there: write it, or unset {CONFIG}")
        return {}
    try:
        values = TomlConfigSettingsSource(Settings, toml_file=path)()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read as TOML ({error}): mend that line, or move the file away"
        ) from error
    for name in values:
        if name not in Settings.model_fields:
            raise SettingsError(f"{name} in {path} is not a setting: {_nearest(name, Settings.model_fields)}")
    return values


def _refuse_unknown_variables() -> None:
    """A misspelt variable would otherwise mean the default, in silence."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG}
    for variable in os.environ:
        if variable.startswith(PREFIX) and variable not in known:
            raise SettingsError(f"{variable} is not a setting: {_nearest(variable, known)}")


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "`oddtrail config show` lists those there are"
