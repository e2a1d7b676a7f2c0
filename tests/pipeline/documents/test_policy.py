"""Policies, held against what the manuals of both engines say a policy is; no engine that has them can be had here."""

import re
from datetime import timedelta

import pytest

from pipeline.documents.conflicts import overlap
from pipeline.documents.document import Naming
from pipeline.documents.policy import make_ilm_policy, make_ism_policy

AGE = re.compile(r"\d+(?:d|h|m|s|ms)")


@pytest.mark.parametrize("days", [1, 7, 32, 90, 400])
def test_an_ism_policy_is_as_opensearch_documents_it(days):
    policy = make_ism_policy(Naming(retention=timedelta(days=days)))["policy"]
    assert set(policy) == {"description", "default_state", "states", "ism_template"}
    states = {state["name"]: state for state in policy["states"]}
    assert policy["default_state"] in states
    for state in states.values():
        assert set(state) == {"name", "actions", "transitions"}
        assert all(set(action) <= {"force_merge", "delete"} for action in state["actions"])
        for transition in state["transitions"]:
            assert transition["state_name"] in states
            assert AGE.fullmatch(transition["conditions"]["min_index_age"])
    assert states["settled"]["actions"] == [{"force_merge": {"max_num_segments": 1}}]
    assert states["settled"]["transitions"][0]["conditions"]["min_index_age"] == f"{days + 1}d"
    (template,) = policy["ism_template"]
    assert template["index_patterns"] == ["cloudtrail-*.*.*"]
    assert isinstance(template["priority"], int)


@pytest.mark.parametrize("days", [1, 7, 32, 90, 400])
def test_an_ilm_policy_is_as_elastic_documents_it(days):
    policy = make_ilm_policy(Naming(retention=timedelta(days=days)))["policy"]
    assert set(policy) == {"_meta", "phases"}
    assert set(policy["phases"]) == {"hot", "warm", "delete"}
    ages = [int(policy["phases"][phase]["min_age"][:-1]) for phase in ("warm", "delete")]
    assert ages == sorted(ages)
    assert ages[1] == days + 1
    assert policy["phases"]["warm"]["actions"] == {"forcemerge": {"max_num_segments": 1}}
    assert policy["phases"]["delete"]["actions"] == {"delete": {}}


def test_no_policy_touches_quarantine_or_alerts():
    for pattern in make_ism_policy(Naming())["policy"]["ism_template"][0]["index_patterns"]:
        assert not overlap(pattern, "cloudtrail-quarantine")
        assert not overlap(pattern, "oddtrail-alerts")
