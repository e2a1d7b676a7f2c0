"""A search engine that alerts are published to: what of it is known by its address, and what it answers."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from pipeline.documents.alert_names import ALERTS, DETECTOR, name_index
from pipeline.documents.capabilities import probe
from pipeline.documents.setup import read_template
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
        index = name_index(date(2026, 1, 1), capabilities.product)
        meta = read_template(engine, index, ALERTS)["_meta"]
        setting = replace(
            self.setting, product=capabilities.product, detector_id=str(meta.get("detector_id") or DETECTOR)
        )
        return Link(engine, setting, name_cluster(engine))
