"""Whom to tell: `notify.toml` in the home folder, or the file that `ODDTRAIL_NOTIFY` names.

A table a notifier; its `kind` says what it is, the rest how and when. What stands before the tables is for all of them,
where they do not say otherwise. Secrets, and addresses that are secrets, are
named by where they are (`env:NAME`, `file:/path`, `ssm:/name`, `secretsmanager:name`) and read when messages are
sent.
"""

import difflib
import ipaddress
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.errors import SettingsError
from pipeline.notify.schedule import Schedule, parse_days, parse_hours, parse_times
from pipeline.settings import Settings, Zone
from pipeline.words.language import Language

FILE: Final = "notify.toml"
MOST: Final = 20
"""Notifiers."""
_MOST_BYTES: Final = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_PLACES: Final = ("env:", "file:", "ssm:", "secretsmanager:")
_REGION: Final = r"^[a-z]{2}(-[a-z]+)+-\d$"


def _secret(text: Any) -> Any:
    """Where a secret is; the secret itself is refused."""
    if not isinstance(text, str) or not text.startswith(_PLACES):
        raise ValueError("no place of a secret")
    return text


def _list(value: Any) -> Any:
    return re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value


def _mail(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", text, re.ASCII):
        raise ValueError("no address of mail")
    return text


def _network(text: Any) -> Any:
    return ipaddress.ip_network(text) if isinstance(text, str) else text


Level = Literal["low", "medium", "high", "critical"]
Told = Literal["alerts", "silences", "integrity", "models", "health"]
TOLD: Final[tuple[Told, ...]] = get_args(Told)
SecretPlace = Annotated[str, BeforeValidator(_secret), Field(max_length=1000)]
Place = Annotated[str, Field(min_length=1, max_length=2000, repr=False)]
"""A URL, or where it is."""
Networks = Annotated[
    tuple[Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(_network)], ...],
    BeforeValidator(_list),
    Field(max_length=20),
]
Mail = Annotated[str, AfterValidator(_mail)]

_MEANINGS: Final = {
    "kind": "one of slack, teams, pagerduty, webhook, sns, ses and stdout",
    "least": "low, medium, high or critical",
    "tells": "some of alerts, silences, integrity, models and health",
    "passes": "low, medium, high, critical or none",
    "language": "en or ko",
    "quiet": "hours such as 22:00-07:00",
    "quiet_days": "days such as Sat, Sun",
    "digest": "times such as 08:30 or 08:30, 17:00",
    "timezone": "an IANA time zone such as Asia/Seoul",
    "most": "a whole number of messages an hour, from 1 to 1000",
    "url": "the address, or where it is: env:NAME, file:/path, ssm:/name or secretsmanager:name",
    "key": "where the key is, never the key itself: env:NAME, file:/path, ssm:/name or secretsmanager:name",
    "secret": "where the secrets are, never the secrets themselves: env:NAME, file:/path, ssm:/name or "
    "secretsmanager:name, at most three with commas between",
    "allow": "networks such as 10.0.0.5/32 that may be connected to though they are not public",
    "allow_http": "true or false",
    "ca": "a file of certificates (PEM)",
    "topic": "the topic's ARN, as arn:aws:sns:eu-west-1:111122223333:NAME",
    "sender": "an address of mail that SES has verified",
    "to": "addresses of mail, at most 50 with commas between",
    "region": "a region such as eu-west-1",
    "role": "a role's ARN",
    "external_id": "what the role's owner asks for",
    "shape": "text or json",
}
"""What each key wants to be given; an error ends with it."""


class Notifier(BaseModel):
    """What all notifiers may say: which alerts, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tells: Annotated[tuple[Told, ...], BeforeValidator(_list), Field(min_length=1, max_length=20)] = TOLD
    """What it is told of; all where none is said."""
    least: Level = "low"
    passes: Level | Literal["none"] = "critical"
    """Severity from which on neither quiet hours nor digests hold a message back."""
    quiet: Annotated[
        tuple[time, time] | None, BeforeValidator(lambda t: parse_hours(t) if isinstance(t, str) else t)
    ] = None
    quiet_days: Annotated[
        frozenset[int], BeforeValidator(lambda t: parse_days(" ".join(t) if isinstance(t, list) else t))
    ] = frozenset()
    digest: Annotated[
        tuple[time, ...],
        BeforeValidator(lambda t: parse_times(" ".join(t) if isinstance(t, list) else t)),
        Field(max_length=24),
    ] = ()
    timezone: Zone = "UTC"
    language: Language | None = None
    """That it is told in; that of the settings where none is said."""
    most: Annotated[int, Field(ge=1, le=1000, strict=True)] = 20

    @property
    def schedule(self) -> Schedule:
        """When it may speak."""
        return Schedule(ZoneInfo(self.timezone), self.quiet, self.quiet_days, self.digest, self.most)


class Posted(Notifier):
    """What is posted to an address."""

    url: Place
    allow: Networks = ()
    allow_http: Annotated[bool, Field(strict=True)] = False
    ca: Annotated[str, Field(max_length=4096)] = ""


class SlackNotifier(Posted):
    """A channel of Slack, by its incoming webhook."""

    kind: Literal["slack"]


class TeamsNotifier(Posted):
    """A channel of Teams, by the webhook of a Workflow."""

    kind: Literal["teams"]


class PagerDutyNotifier(Posted):
    """A service of PagerDuty, by the key of its integration."""

    kind: Literal["pagerduty"]
    url: Place = "https://events.pagerduty.com/v2/enqueue"
    key: SecretPlace


class WebhookNotifier(Posted):
    """An address that is posted signed JSON."""

    kind: Literal["webhook"]
    secret: Annotated[tuple[SecretPlace, ...], BeforeValidator(_list), Field(min_length=1, max_length=3)]


class OfAws(Notifier):
    """What AWS carries, with boto3's credentials or a role's."""

    role: Annotated[str, Field(pattern=r"^$|^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$")] = ""
    external_id: Annotated[str, Field(max_length=1224)] = ""


class SnsNotifier(OfAws):
    """A topic of SNS."""

    kind: Literal["sns"]
    topic: Annotated[str, Field(pattern=r"^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\.fifo)?$")]


class SesNotifier(OfAws):
    """Mail, which SES sends."""

    kind: Literal["ses"]
    sender: Mail
    to: Annotated[tuple[Mail, ...], BeforeValidator(_list), Field(min_length=1, max_length=50)]
    region: Annotated[str, Field(pattern=_REGION)] = "us-east-1"


class StdoutNotifier(Notifier):
    """Standard output."""

    kind: Literal["stdout"]
    shape: Literal["text", "json"] = "text"


KINDS: Final[dict[str, type[Notifier]]] = {
    "slack": SlackNotifier, "teams": TeamsNotifier, "pagerduty": PagerDutyNotifier, "webhook": WebhookNotifier,
    "sns": SnsNotifier, "ses": SesNotifier, "stdout": StdoutNotifier,
}  # fmt: skip


def find_file(settings: Settings) -> Path | None:
    """The file that says whom to tell; None where there is none.

    Raises
    ------
    SettingsError
        One is named and not there.
    """
    path = settings.notify or settings.home / FILE
    if path.is_file():
        return path
    if settings.notify:
        raise SettingsError(f"ODDTRAIL_NOTIFY is '{path}', and no such file is there: write it, or unset it")
    return None


def read_notifiers(settings: Settings) -> dict[str, Any]:
    """Notifiers by their names; none where no file says any.

    Raises
    ------
    SettingsError
        Names the notifier and its key, and what to give instead; never shows what may be a secret.
    """
    path = find_file(settings)
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            document = tomllib.loads(file.read(_MOST_BYTES).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML ({_place_of(error)}): mend that line") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): check who may read it") from error
    general = {key: value for key, value in document.items() if not isinstance(value, dict)}
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    for key in general:
        if key not in Notifier.model_fields:
            there = ", ".join(sorted(Notifier.model_fields))
            raise SettingsError(
                f"'{key[:60]}' in {path} is no notifier, and nothing that all can be told: write [NAME] before what a "
                f"notifier is, or give one of {there}"
            )
    if len(tables) > MOST:
        raise SettingsError(f"{path} has {len(tables)} notifiers: at most {MOST} are told")
    return {name: _parse(name, general | table, path, settings) for name, table in tables.items()}


def _parse(name: str, table: dict[str, Any], path: Path, settings: Settings) -> Notifier:
    if not _NAME.fullmatch(name):
        raise SettingsError(f"'{name[:60]}' in {path} is no notifier: write [NAME], of letters, digits, - and _")
    model = KINDS.get(str(table.get("kind")))
    if model is None:
        raise SettingsError(f"kind of [{name}] in {path} is unknown: give {_MEANINGS['kind']}")
    for key in table:
        if key not in model.model_fields:
            close = difflib.get_close_matches(key, model.model_fields, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(model.model_fields))}"
            raise SettingsError(f"'{key[:60]}' of [{name}] in {path} is unknown: {hint}")
    try:
        return TypeAdapter(model).validate_python({"timezone": settings.timezone, **table})
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        lacks = error.errors()[0]["type"] == "missing"
        what = "is missing" if lacks else "cannot be used"
        raise SettingsError(f"{key} of [{name}] in {path} {what}: give {_MEANINGS[key]}") from None


def _place_of(error: Exception) -> str:
    """Where a file is broken, without what is there."""
    found = re.search(r"\(at [^)]*\)$", str(error))
    return found[0].strip("()") if found else "no UTF-8" if isinstance(error, UnicodeDecodeError) else "it is broken"
