"""An alert as a record of Elastic's machine learning: what Kibana's viewers, rules and entity pages look for."""

import math
from typing import Any, Final

import numpy as np

from features.activity.dimensions import find_dimension
from features.activity.hourly import MEASURES
from features.normalise.event import EVENT
from models.calibration import SCORE, SCORE_BEYOND, SCORE_LOG_RATE
from models.explain import COUNTED
from pipeline.documents.alert_names import DETECTOR
from pipeline.documents.viewers import FEATURES
from pipeline.publish.elastic_id import record_id
from pipeline.stores.alert import Alert, AlertReason

OVER, PARTITION = "user.name", "cloud.account.id"
INPUT_FIELDS: Final = (OVER, PARTITION, "event.action", "source.address", "cloud.region", "user_agent.name")
"""Fields that a record repeats at its top, with their values."""
_SCHEMA: Final = {column.name: column.ecs or f"oddtrail.{column.name}" for column in EVENT}


def find_probability(score: float) -> float:
    """Probability that a quiet day of the deployment holds a principal-day of this record score or a rarer one.

    A record score is a rate a day, and rare days come by chance (Poisson).

    >>> [round(find_probability(score), 3) for score in (0, 75, 90, 100)]
    [1.0, 0.632, 0.095, 0.0]
    """
    if score >= SCORE[0]:
        rate = 0.1 * max((100 - score) / 10, 0) ** (1 / SCORE_BEYOND)
    else:
        rate = float(10 ** np.interp(score, SCORE[::-1], SCORE_LOG_RATE[::-1]))
    return -math.expm1(-rate)


def project(alert: Alert, initial_score: float) -> dict[str, Any]:
    """The fields of a record, but for those that are named as its values' fields are.

    Parameters
    ----------
    initial_score
        Record score of the alert's first revision.
    """
    first = alert.reasons[0] if alert.reasons else None
    window = find_window(alert)
    index = FEATURES.index(first.feature) if first and first.feature in FEATURES else 0
    return {
        "job_id": DETECTOR,
        "result_type": "record",
        "timestamp": window[0],
        "bucket_span": window[1],
        "detector_index": index,
        "is_interim": False,
        "initial_record_score": initial_score,
        "probability": find_probability(alert.record_score),
        **_function(first),
        "over_field_name": OVER,
        "over_field_value": alert.principal_name,
        "partition_field_name": PARTITION,
        "partition_field_value": alert.account,
        "typical": [first.typical if first else 0.0],
        "actual": [first.actual if first else alert.evidence],
        "causes": [_cause(alert, reason) for reason in alert.reasons],
        "influencers": [
            {"influencer_field_name": one.field, "influencer_field_values": list(one.values)}
            for one in alert.influencers
        ],
    }


def find_id(record: dict[str, Any]) -> str:
    """The id that Elastic would give a record."""
    window = record["timestamp"], record["bucket_span"], record["detector_index"]
    return record_id(record["job_id"], *window, record["over_field_value"], record["partition_field_value"])


def repeat_inputs(record: dict[str, Any]) -> dict[str, list[str]]:
    """The values of a record's fields, under the fields' own names."""
    found: dict[str, list[str]] = {field: [] for field in INPUT_FIELDS}
    found[OVER].append(record["over_field_value"])
    found[PARTITION].append(record["partition_field_value"])
    for one in record["influencers"]:
        found.setdefault(one["influencer_field_name"], []).extend(one["influencer_field_values"])
    return {field: list(dict.fromkeys(values)) for field, values in found.items()}


def find_window(alert: Alert) -> tuple[int, int]:
    """Start of the window, milliseconds since 1970, and its seconds."""
    seconds = round((alert.window_end - alert.window_start).total_seconds())
    return round(alert.window_start.timestamp() * 1000), max(seconds, 1)


def name_field(reason: AlertReason) -> str:
    """The field that a reason's value is of: ECS's name, or ours where it has none.

    >>> from pipeline.stores.alert import AlertReason
    >>> name_field(AlertReason(feature="", dimension="country", value="KR", typical=0, actual=1, nats=1, text=""))
    'source.geo.country_iso_code'
    """
    try:
        return _SCHEMA[find_dimension(reason.dimension).column]
    except KeyError:
        return f"oddtrail.{reason.dimension}"


def _function(reason: AlertReason | None) -> dict[str, str]:
    """What Elastic would call the detector that speaks."""
    if reason is None or reason.feature not in COUNTED:
        return {"function": "rare", "function_description": "rare"}
    counted = "distinct_count" if _counts_distinct(reason) else "count"
    return {"function": f"high_{counted}", "function_description": counted}


def _counts_distinct(reason: AlertReason) -> bool:
    measure = MEASURES.get(reason.dimension)
    return measure is not None and measure.meaning.startswith("distinct")


def _cause(alert: Alert, reason: AlertReason) -> dict[str, Any]:
    """A reason; Elastic's reader takes no nulls, so what it has not is left out."""
    if reason.feature not in COUNTED:
        of = {"by_field_name": name_field(reason), "by_field_value": reason.value}
    else:
        of = {"field_name": reason.dimension} if _counts_distinct(reason) else {}
    return {
        "probability": min(math.exp(-reason.nats), 1.0),
        **_function(reason),
        **of,
        "over_field_name": OVER,
        "over_field_value": alert.principal_name,
        "partition_field_name": PARTITION,
        "partition_field_value": alert.account,
        "typical": [reason.typical],
        "actual": [reason.actual],
    }
