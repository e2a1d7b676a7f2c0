"""Looking for a drill's alerts in a search engine, as whoever is on duty would see them there."""

from typing import Any

from pipeline.documents.alert_names import ALERTS
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url


class AlertsIndex:
    """The alerts of an engine.

    Parameters
    ----------
    engine
        Answers to `ask`, as `pipeline.search.engine.Engine` does.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def find(self, alert_id: str) -> bool:
        """Whether an alert can be found; not so where there is no index yet.

        Raises
        ------
        OddtrailError
            The engine does not answer.
        """
        answer = self._engine.ask(
            "POST", f"/{ALERTS}/_search", {"size": 1, "_source": False, "query": {"term": {"alert_id": alert_id}}}
        )
        hits = answer.body.get("hits", {}) if isinstance(answer.body, dict) else {}
        return answer.status == 200 and bool(hits.get("hits"))


def open_engine(url: str) -> AlertsIndex:
    """The alerts of the engine at an address.

    Raises
    ------
    SettingsError
        It is no address of one.
    """
    return AlertsIndex(Engine(parse_url(url), connections=1))
