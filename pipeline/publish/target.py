"""A search engine that alerts are published to: what of it is known by its address, and what it answers."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

from pipeline.documents.alert_names import ALERTS, DETECTOR, name_index
from pipeline.documents.capabilities import Capabilities, probe
from pipeline.documents.setup import SetupError
from pipeline.documents.template import MADE_BY, VERSION
from pipeline.publish.setting import Setting
from pipeline.search.cluster import name_cluster
from pipeline.search.engine import Engine
from pipeline.search.url import EngineUrl


class Link(NamedTuple):
    """An engine that is ready for alerts."""

    engine: Any
    setting: Setting
    cluster: str
    """See `pipeline.search.cluster.name_cluster`."""


@dataclass(frozen=True)
class Target:
    """Where alerts go.

    Parameters
    ----------
    url
        The engine's.
    setting
        What documents say of the deployment and of where its events are; product and detector are asked for.

    Examples
    --------
    >>> from pipeline.search.url import parse_url
    >>> Target(parse_url("opensearch+https://ana@search?password=env:P"), Setting(deployment="eu")).name
    'https://search:9200 eu'
    """

    url: EngineUrl
    setting: Setting = field(default_factory=Setting)

    @property
    def name(self) -> str:
        """By which its outbox is known: no secrets, no user, no options."""
        return f"{self.url.origin} {self.setting.deployment}"

    def open(self) -> Engine:
        """A client for it."""
        return Engine(self.url, connections=1)

    def link(self, engine: Any) -> Link:
        """Ask what it is, and that it is ready.

        Raises
        ------
        SettingsError, SetupError
            It is none that we know, or has no template of ours; says what to do.
        UnreachableError
            It does not answer.
        """
        capabilities = probe(engine)
        meta = read_meta(engine, capabilities)
        setting = replace(
            self.setting, product=capabilities.product, detector_id=str(meta.get("detector_id") or DETECTOR)
        )
        return Link(engine, setting, name_cluster(engine))


def read_meta(engine: Engine, capabilities: Capabilities) -> dict[str, Any]:
    """What our template of alerts says of itself.

    Raises
    ------
    SetupError
        There is none, or one of another version.
    """
    origin = engine.url.origin
    index = name_index(date(2026, 1, 1), capabilities.product)
    answer = engine.ask("POST", f"/_index_template/_simulate_index/{quote(index)}")
    if answer.status in (401, 403):
        raise SetupError(
            f"{origin} does not tell the template of {ALERTS} ({answer.status} {answer.error[1]}): use the worker's "
            "role that `oddtrail setup URL` makes"
        )
    template = answer.body.get("template") if isinstance(answer.body, dict) else None
    mapping = template.get("mappings") if isinstance(template, dict) else None
    meta = mapping.get("_meta") if isinstance(mapping, dict) else None
    if answer.status >= 500:
        raise SetupError(f"{origin} answers {answer.status} {answer.error[1]}: try again")
    if not isinstance(meta, dict) or meta.get("made_by") != MADE_BY:
        raise SetupError(f"{origin} has no template of oddtrail's for {ALERTS}: run `oddtrail setup URL` first")
    if meta.get("version") != VERSION:
        raise SetupError(
            f"{origin} has the template of another oddtrail for {ALERTS} (version {meta.get('version')}, not "
            f"{VERSION}): run this one's `oddtrail setup URL`"
        )
    return meta
