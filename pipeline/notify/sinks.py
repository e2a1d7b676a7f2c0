"""What carries a notifier's messages, made of its configuration."""

from typing import Any, TextIO

from pipeline.errors import SettingsError
from pipeline.notify.address import parse_goal
from pipeline.notify.config import (
    Notifier,
    PagerDutyNotifier,
    Posted,
    SesNotifier,
    SlackNotifier,
    SnsNotifier,
    StdoutNotifier,
    TeamsNotifier,
    WebhookNotifier,
)
from pipeline.notify.outcome import Sink
from pipeline.notify.pagerduty import PagerDuty
from pipeline.notify.post import Poster
from pipeline.notify.ses import Ses
from pipeline.notify.slack import Slack
from pipeline.notify.sns import Sns
from pipeline.notify.stdout import Stdout
from pipeline.notify.teams import Teams
from pipeline.notify.webhook import Webhook
from pipeline.search.secret import read_secret


def make_sink(notifier: Notifier, stream: TextIO | None = None) -> Sink:
    """What carries a notifier's messages; its secrets are read now.

    Parameters
    ----------
    stream
        Where standard output goes; None for there.

    Raises
    ------
    SettingsError
        A secret is not there, or the address is none that messages may be sent to.
    """
    match notifier:
        case SlackNotifier():
            return Slack(_poster(notifier))
        case TeamsNotifier():
            return Teams(_poster(notifier))
        case PagerDutyNotifier():
            key = read_secret(notifier.key)
            return PagerDuty(_poster(notifier, key), key)
        case WebhookNotifier():
            secrets = [read_secret(place) for place in notifier.secret]
            return Webhook(_poster(notifier, *secrets), secrets)
        case SnsNotifier():
            return Sns(notifier.topic, notifier.role, notifier.external_id)
        case SesNotifier():
            return Ses(notifier.sender, notifier.to, notifier.region, notifier.role, notifier.external_id)
        case StdoutNotifier():
            return Stdout(notifier.shape, stream)
    raise SettingsError(f"nothing carries {type(notifier).__name__}")


def check_sink(notifier: Notifier) -> None:
    """Find what is wrong with a notifier before anything is sent; of secrets, those that are on this machine.

    Raises
    ------
    SettingsError
        As `make_sink` does.
    """
    places = [value for value in notifier.model_dump().values() if isinstance(value, str)]
    places += notifier.secret if isinstance(notifier, WebhookNotifier) else ()
    if not any(place.startswith(("ssm:", "secretsmanager:")) for place in places):
        make_sink(notifier)


def _poster(notifier: Posted, *secrets: Any) -> Poster:
    url = notifier.url if "://" in notifier.url else str(read_secret(notifier.url))
    goal = parse_goal(url.strip(), allow_http=notifier.allow_http)
    return Poster(goal, notifier.allow, notifier.ca, tuple(map(str, secrets)))
