"""Least-privilege roles: who writes events may not search them, who reads them may not write, and nobody may delete.

Who writes asks by id whether an event is in its day's index or in quarantine already, and can do that only by reading
the document: whoever knows an id, which is random, may read its event.

OpenSearch's roles are lists of actions; they cannot tell `create` from `index`, so whoever may create a document may
overwrite it (oddtrail's own door only creates). Elasticsearch's `create_doc` refuses that. Neither can tell one field
from another: who may write down what became of an alert may change the alert as well, and its history tells. On
OpenSearch that is a `_bulk` of updates: a single `_update` would ask for the right to make alerts.
"""

from typing import Any, Final, NamedTuple

from pipeline.documents.alert_names import ALERTS, ANOMALIES, RECEIPTS, RESULTS
from pipeline.documents.document import QUARANTINE, Naming
from pipeline.documents.template import MADE_BY

_SEE_TEMPLATE: Final = "indices:admin/index_template/simulate_index"
_SEE_VERSION: Final = "cluster:monitor/main"
_GET: Final = "indices:data/read/mget"
_READ: Final = (
    "indices:data/read/search*",
    "indices:data/read/get*",
    f"{_GET}*",
    "indices:data/read/field_caps*",
    "indices:data/read/point_in_time/*",
    "indices:admin/mappings/get*",
    "indices:admin/get",
    "indices:admin/aliases/get*",
)
_CREATE: Final = ("indices:data/write/bulk*", "indices:data/write/index", "indices:admin/create")
_CHANGE: Final = (*_CREATE, "indices:data/write/update*", "indices:admin/aliases")
_TRIAGE: Final = ("indices:data/write/bulk*", "indices:data/write/update*")
_READING_CLUSTER: Final = (_SEE_VERSION, _GET, "indices:data/read/msearch")
_WRITING_CLUSTER: Final = (_SEE_VERSION, _SEE_TEMPLATE, "indices:data/write/bulk")


class Role(NamedTuple):
    """A role, as one engine takes it."""

    name: str
    body: dict[str, Any]


class _Duty(NamedTuple):
    """What somebody does: in events and quarantine, and with alerts."""

    name: str
    reads_events: bool = False
    creates_events: bool = False
    reads_alerts: bool = False
    changes_alerts: bool = False
    triages: bool = False
    """Writes into alerts what became of them."""


_DUTIES: Final = (
    _Duty("lambda", creates_events=True),
    _Duty("trainer", reads_events=True),
    _Duty("worker", reads_events=True, reads_alerts=True, changes_alerts=True),
    _Duty("analyst", reads_events=True, reads_alerts=True, triages=True),
)
_OF_ALERTS: Final = [f"{ALERTS}*", f"{RESULTS}*", ANOMALIES, f"{RECEIPTS}-*"]
_OF_TRIAGE: Final = [f"{ALERTS}-20*", ALERTS, f"{RESULTS}*"]
"""Without the history, which nobody changes."""


def make_opensearch_roles(naming: Naming) -> list[Role]:
    """Roles for OpenSearch's security plugin.

    >>> make_opensearch_roles(Naming())[0].body["index_permissions"][0]["index_patterns"]
    ['cloudtrail-*.*.*', 'cloudtrail-quarantine']
    """
    roles = []
    for duty in _DUTIES:
        reads, writes = duty.reads_events or duty.reads_alerts, duty.creates_events or duty.changes_alerts
        cluster = {
            *(_READING_CLUSTER if reads else ()),
            *(_WRITING_CLUSTER if writes else ()),
            *(("indices:data/write/bulk",) if duty.triages else ()),
            *((_GET,) if duty.creates_events else ()),
        }
        events = [*(_READ if duty.reads_events else ()), *((*_CREATE, f"{_GET}*") if duty.creates_events else ())]
        alerts = [*(_READ if duty.reads_alerts else ()), *(_CHANGE if duty.changes_alerts else ())]
        permissions = [
            {"index_patterns": patterns, "allowed_actions": actions}
            for patterns, actions in (
                (_events(naming), events),
                (_OF_ALERTS, alerts),
                (_OF_TRIAGE, [*_TRIAGE] if duty.triages else []),
            )
            if actions
        ]
        body = {"cluster_permissions": sorted(cluster), "index_permissions": permissions}
        roles.append(Role(_name(naming, duty), body))
    return roles


def make_elasticsearch_roles(naming: Naming) -> list[Role]:
    """Roles for Elasticsearch's security.

    >>> make_elasticsearch_roles(Naming())[0].body["indices"][0]["privileges"]
    ['create_doc', 'create_index', 'indices:data/read/mget*']
    """
    roles = []
    for duty in _DUTIES:
        writes = duty.creates_events or duty.changes_alerts
        reading = ["read", "view_index_metadata"]
        events = [
            *(reading if duty.reads_events else ()),
            *(("create_doc", "create_index", f"{_GET}*") if duty.creates_events else ()),
        ]
        alerts = [*(reading if duty.reads_alerts else ()), *(("index", "create_index") if duty.changes_alerts else ())]
        indices = [
            {"names": names, "privileges": privileges}
            for names, privileges in (
                (_events(naming), events),
                ([f"{ALERTS}*", ANOMALIES, f"{RECEIPTS}-*"], alerts),
                ([f"{ALERTS}-20*"], ["index"] if duty.triages else []),
            )
            if privileges
        ]
        body = {
            "cluster": [_SEE_VERSION, *((_SEE_TEMPLATE,) if writes else ())],
            "indices": indices,
            "metadata": {"made_by": MADE_BY},
        }
        roles.append(Role(_name(naming, duty), body))
    return roles


def _events(naming: Naming) -> list[str]:
    return [f"{naming.prefix}-*.*.*", f"{naming.prefix}-{QUARANTINE}"]


def _name(naming: Naming, duty: _Duty) -> str:
    return f"oddtrail-{naming.prefix}-{duty.name}"
