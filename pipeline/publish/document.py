"""The published document: an alert as we have it, beside what both engines' own viewers, rules and dashboards look for.

A function of the alert and of where it goes, so that the same revision is the same document whenever it is sent. Each
field is always there, empty where it says nothing: a later revision is laid over an earlier one, and must leave nothing
of it. What other people write beside it (`triage.*`) is no field of ours.
"""

import json
from typing import Any

from pipeline.publish import anomaly_detection, common_schema, elastic
from pipeline.publish.bounded import bounded
from pipeline.publish.setting import Setting
from pipeline.stores.alert import Alert

_MOVED = ("model_id", "related", "influencers")
"""Ours whose names mean something else in the native formats and in ECS; they stand under `oddtrail.`."""


def make_document(alert: Alert, setting: Setting, initial_score: float | None = None) -> dict[str, Any]:
    """The document of an alert's revision.

    Parameters
    ----------
    initial_score
        Record score of the alert's first revision; the revision's own where it is not known.

    Returns
    -------
    dict
        As JSON can hold it. Times are ISO 8601 texts in our fields and in ECS's, milliseconds since 1970 in the native
        ones; scores are 0 to 100, higher is stranger, but for `anomaly_grade`, 0 to 1.
    """
    ours = alert.as_dict()
    moved = {name: ours.pop(name) for name in _MOVED}
    first = alert.record_score if initial_score is None else initial_score
    record = bounded(elastic.project(alert, first))
    elastics = setting.product == "elasticsearch"
    document = {
        **bounded(ours),
        **record,
        **bounded(anomaly_detection.project(alert, setting.detector_id, with_score=not elastics)),
        **bounded(common_schema.project(alert)),
        "oddtrail": {
            **bounded(moved),
            "deployment": setting.deployment,
            "record_id": elastic.find_id(record),
            "events": {"index": setting.event_indices(alert), "query": write_query(alert, setting)},
        },
    }
    document["user"]["id"] = bounded(alert.principal_key, "principal_key")
    if elastics:  # elsewhere `user` is nested, and takes no field that is named with a dot
        document |= elastic.repeat_inputs(record)
    return document


def write_query(alert: Alert, setting: Setting) -> str:
    """A request that finds the alert's events, as the engine's console takes it."""
    ids = bounded(alert.event_ids, "event_ids")
    body = {"size": len(ids), "query": {"terms": {setting.event_field: ids}}}
    return f"POST /{','.join(setting.event_indices(alert))}/_search?ignore_unavailable=true {json.dumps(body)}"
