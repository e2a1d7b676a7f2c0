"""What lets the engines' own viewers find alerts: a detector that is never started, an alias, and a data view.

OpenSearch's viewer lists the results of a detector, so one is made whose results are our alerts; nothing but its id is
ever used. The alias takes in the native results that are there; those of jobs made later come in with the next set-up.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from pipeline.documents.alert_names import ALERTS, ANOMALIES, DETECTOR, NATIVE, RESULTS
from pipeline.documents.document import Naming
from pipeline.errors import OddtrailError
from pipeline.search.engine import Engine

DETECTORS: Final = "/_plugins/_anomaly_detection/detectors"
STATS: Final = "/_plugins/_anomaly_detection/stats"
"""Answers where the plugin is there."""
FEATURES: Final = ("surprise", "exposure", "facts", "own_past", "population")
"""Features of the detector: who speaks in an alert. The plugin takes five; a record's `detector_index` counts them."""
TIME_FIELD: Final = {"opensearch": "data_start_time", "elasticsearch": "timestamp"}
"""The field of time that our alerts and the native results share."""
_DESCRIPTION: Final = "Made by oddtrail, and never started: its results are oddtrail's alerts."


def make_detector(naming: Naming) -> dict[str, Any]:
    """The detector, as the plugin takes it.

    >>> make_detector(Naming())["result_index"]
    'opensearch-ad-plugin-result-oddtrail-alerts'
    """
    return {
        "name": DETECTOR,
        "description": _DESCRIPTION,
        "time_field": "@timestamp",
        "indices": [f"{naming.prefix}-*"],
        "filter_query": {"match_all": {}},
        "feature_attributes": [
            {
                "feature_id": name,
                "feature_name": name,
                "feature_enabled": True,
                "aggregation_query": {name: {"value_count": {"field": "event.id"}}},
            }
            for name in FEATURES
        ],
        "category_field": ["user.name", "cloud.account.id"],
        "detection_interval": {"period": {"interval": 60, "unit": "Minutes"}},
        "window_delay": {"period": {"interval": 1, "unit": "Minutes"}},
        "result_index": RESULTS,
    }


def find_detector(engine: Engine) -> str | None:
    """The id of our detector; None where there is none."""
    answer = engine.ask("GET", f"{DETECTORS}/_search", {"query": {"term": {"name.keyword": DETECTOR}}, "size": 10})
    hits = answer.body.get("hits", {}).get("hits", []) if answer.status == 200 and isinstance(answer.body, dict) else []
    for hit in hits:
        source = hit.get("_source", {})
        if source.get("name") == DETECTOR and source.get("result_index") == RESULTS:
            return str(hit["_id"])
    return None


def find_native(engine: Engine, product: str) -> dict[str, bool]:
    """Indices of native results, and whether our alias takes them in."""
    found: dict[str, bool] = {}
    for pattern in NATIVE[product]:
        answer = engine.ask("GET", f"/{quote(pattern, safe='*')}/_alias", params={"expand_wildcards": "all"})
        if answer.status == 200 and isinstance(answer.body, dict):
            for index, body in answer.body.items():
                if not index.startswith(RESULTS):
                    found[index] = ANOMALIES in body.get("aliases", {})
    return found


def make_data_view(product: str) -> dict[str, Any]:
    """A data view over our alerts and the native results, as a saved object.

    >>> make_data_view("elasticsearch")["attributes"]["title"]
    'oddtrail-alerts,.ml-anomalies-*'
    """
    attributes: dict[str, Any] = {
        "title": ",".join([ALERTS, *NATIVE[product]]),
        "timeFieldName": TIME_FIELD[product],
    }
    if product == "elasticsearch":
        attributes |= {"name": "oddtrail and native anomalies", "allowHidden": True, "allowNoIndex": True}
    return {"type": "index-pattern", "id": ANOMALIES, "attributes": attributes, "references": []}


def write_saved_objects(product: str) -> str:
    """The saved objects as Dashboards and Kibana import them: a line each."""
    return json.dumps(make_data_view(product)) + "\n"


def put_data_view(dashboards: Engine, product: str) -> str:
    """Make the data view through Dashboards or Kibana, and return its path.

    Raises
    ------
    OddtrailError
        It is refused; says why.
    """
    view = make_data_view(product)
    base = "/_dashboards" if dashboards.url.way == "sigv4" else ""
    path = f"{base}/api/saved_objects/index-pattern/{view['id']}"
    body: Mapping[str, Any] = {"attributes": view["attributes"], "references": view["references"]}
    answer = dashboards.ask(
        "POST", path, body, params={"overwrite": "true"}, headers={"osd-xsrf": "true", "kbn-xsrf": "true"}
    )
    if answer.status != 200:
        said = answer.body.get("message") if isinstance(answer.body, dict) else ""
        raise OddtrailError(
            f"{dashboards.url.origin} does not make the data view ({answer.status} {str(said)[:300]}): write it into a "
            "file with --saved-objects, and import that"
        )
    return path
