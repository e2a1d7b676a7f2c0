"""An alert as a result of OpenSearch's anomaly detection: what its viewer asks for, and alerting's monitors read."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any, Final

from models.budget import FLOOR_NATS
from pipeline.publish.elastic import OVER, PARTITION, find_probability
from pipeline.stores.alert import Alert

SCHEMA_VERSION: Final = 7
"""Of the results mapping that this is written for."""


def project(alert: Alert, detector_id: str, *, with_score: bool) -> dict[str, Any]:
    """The fields of a result.

    Parameters
    ----------
    with_score
        `anomaly_score` is there as OpenSearch means it; in an index of Elasticsearch it would mean something else.
    """
    start, end = (round(time.timestamp() * 1000) for time in (alert.window_start, alert.window_end))
    decided = round(alert.detected_at.timestamp() * 1000)
    nats = _sum_families(alert)
    total = sum(nats.values())
    shares = {family: part / total if total > 0 else 1 / len(nats) for family, part in nats.items()}
    result: dict[str, Any] = {
        "detector_id": detector_id,
        "model_id": f"{detector_id}_entity_{_short(alert.principal_key)}",
        "schema_version": SCHEMA_VERSION,
        "data_start_time": start,
        "data_end_time": end,
        "execution_start_time": decided,
        "execution_end_time": decided,
        "approx_anomaly_start_time": start,
        "anomaly_grade": alert.record_score / 100,
        "confidence": 1 - find_probability(alert.record_score),
        "threshold": FLOOR_NATS,
        "feature_data": [{"feature_id": name, "feature_name": name, "data": part} for name, part in nats.items()],
        "relevant_attribution": [{"feature_id": name, "data": share} for name, share in shares.items()],
        "expected_values": [
            {"likelihood": 1.0, "value_list": [{"feature_id": name, "data": 0.0} for name in nats]},
        ],
        "entity": [{"name": OVER, "value": alert.principal_name}, {"name": PARTITION, "value": alert.account}],
    }
    return result | ({"anomaly_score": alert.evidence} if with_score else {})


def _sum_families(alert: Alert) -> dict[str, float]:
    """Nats by the detector that gives them; where no reason is told, all of it is the surprise's."""
    nats: dict[str, float] = {}
    for reason in alert.reasons:
        nats[reason.feature] = nats.get(reason.feature, 0.0) + reason.nats
    return nats or {"surprise": alert.evidence}


def _short(key: str) -> str:
    """A principal's key as the plugin writes a long entity: a hash of 128 bits."""
    return urlsafe_b64encode(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:16]).decode().rstrip("=")
