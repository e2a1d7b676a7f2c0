"""Policies for how long indices of events are kept: ISM's of OpenSearch, ILM's of Elasticsearch.

Both do the same: an index to which nothing late can come any more becomes one segment, and one that is older than the
retention is deleted. Quarantine and alerts are never deleted by them. Sources: the policies pages of both manuals.
"""

import hashlib
import json
from typing import Any, Final

from pipeline.documents.document import Naming

_SETTLED_AFTER_DAYS: Final = 32
"""CloudTrail delivers for 30 days what it could not deliver at once."""


def name_policy(naming: Naming) -> str:
    """Name of the policy of some indices.

    >>> name_policy(Naming())
    'oddtrail-cloudtrail'
    """
    return f"oddtrail-{naming.prefix}"


def make_ism_policy(naming: Naming) -> dict[str, Any]:
    """The policy as OpenSearch's Index State Management takes it."""
    policy = {
        "default_state": "written",
        "states": [
            {
                "name": "written",
                "actions": [],
                "transitions": [{"state_name": "settled", "conditions": {"min_index_age": _days(_settled(naming))}}],
            },
            {
                "name": "settled",
                "actions": [{"force_merge": {"max_num_segments": 1}}],
                "transitions": [{"state_name": "old", "conditions": {"min_index_age": _days(_kept(naming))}}],
            },
            {"name": "old", "actions": [{"delete": {}}], "transitions": []},
        ],
        "ism_template": [{"index_patterns": [f"{naming.prefix}-*.*.*"], "priority": 250}],
    }
    return {"policy": {"description": f"Made by oddtrail, {digest(policy)}", **policy}}


def make_ilm_policy(naming: Naming) -> dict[str, Any]:
    """The policy as Elasticsearch's Index Lifecycle Management takes it.

    >>> make_ilm_policy(Naming())["policy"]["phases"]["delete"]
    {'min_age': '401d', 'actions': {'delete': {}}}
    """
    phases = {
        "hot": {"actions": {}},
        "warm": {"min_age": _days(_settled(naming)), "actions": {"forcemerge": {"max_num_segments": 1}}},
        "delete": {"min_age": _days(_kept(naming)), "actions": {"delete": {}}},
    }
    return {"policy": {"_meta": {"made_by": "oddtrail", "digest": digest(phases)}, "phases": phases}}


def digest(content: object) -> str:
    """A short hash that tells whether a policy is the one we would make; engines add to what they are given."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _settled(naming: Naming) -> int:
    return min(_SETTLED_AFTER_DAYS, max(_kept(naming) - 1, 1))


def _kept(naming: Naming) -> int:
    """Days after which no event of an index is within the retention."""
    return naming.retention.days + 1


def _days(days: int) -> str:
    return f"{days}d"
