"""Every campaign has a tactic and a kind of victim, and its row says who found it at which budget and when."""

from datetime import datetime, timedelta

import pytest

from benchmarks.breakdown import SIMULATED, at_budgets, share_found, tactic, tell_campaigns
from benchmarks.campaigns import Campaign
from benchmarks.judge import Judged
from benchmarks.panel import PlantedEvent
from benchmarks.recordings import recordings
from pipeline.simulate.techniques import TECHNIQUES

AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
PLANTED = [
    Campaign("c1", "simulator", "mining", "loud", AT, AT, ("e1", "e2")),
    Campaign("c2", "recording", "aws.execution.ssm-send-command", "stealthy", AT, AT, ("e3",)),
]
EVENTS = {
    "e1": PlantedEvent("idc/ann", "human", 20514, AT, AT + timedelta(minutes=9)),
    "e2": PlantedEvent("idc/ann", "human", 20514, AT, AT + timedelta(minutes=6)),
    "e3": PlantedEvent("role/1/AROA", "workload", 20514, AT, AT + timedelta(minutes=4)),
}
LEVELS = {
    1.0: {"ours": Judged({"c1"}, 28, {}, {"c1": 3.0}), "peer": Judged()},
    5.0: {"ours": Judged({"c1", "c2"}, 140, {}, {"c1": 2.0, "c2": 90.0}), "peer": Judged({"c2"}, 7)},
}


def test_every_technique_has_a_tactic() -> None:
    assert {technique.name for technique in TECHNIQUES} == set(SIMULATED)
    named = {tactic(Campaign(t, "recording", t, "loud", AT, AT, ("e",))) for t in recordings()}
    assert "exfiltration" in named
    assert set(SIMULATED.values()) | named <= {
        "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion", "credential-access",
        "discovery", "lateral-movement", "collection", "exfiltration", "impact",
    }  # fmt: skip


def test_a_row_says_what_a_campaign_was_and_who_found_it_when() -> None:
    first, second = tell_campaigns(PLANTED, EVENTS, LEVELS, "ours")
    assert (first["tactic"], first["victim"], first["delivery_minutes"]) == ("impact", "person", 6.0)
    assert (second["tactic"], second["victim"], second["delivery_minutes"]) == ("execution", "role", 4.0)
    assert first["found"] == {"ours": [1.0, 5.0], "peer": []}
    assert second["found"] == {"ours": [5.0], "peer": [5.0]}
    assert second["minutes_from_delivery"] == {"5": 90.0}


def test_budgets_have_recall_and_cost_of_every_detector() -> None:
    told = at_budgets(PLANTED, LEVELS, days=28)
    assert told["1"]["ours"] == {"recall": {"found": 1, "of": 2, "recall": 0.5}, "alerts_per_day": 1.0}
    assert told["5"]["peer"] == {"recall": {"found": 1, "of": 2, "recall": 0.5}, "alerts_per_day": 0.25}


@pytest.mark.parametrize(
    ("budget", "found"), [(1.0, {"loud": (1, 1), "stealthy": (0, 1)}), (5.0, {"loud": (1, 1), "stealthy": (1, 1)})]
)
def test_recall_is_told_apart_by_part(budget: float, found: dict[str, tuple[int, int]]) -> None:
    table = tell_campaigns(PLANTED, EVENTS, LEVELS, "ours")
    assert share_found(table, lambda row: str(row["degree"]), "ours", budget) == found
