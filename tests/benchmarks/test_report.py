"""The result says who found what at which cost, and falls short in words when it does."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import Campaign
from benchmarks.judge import Judged
from benchmarks.report import OURS, company_result, heading, markdown, pool, pooled_result, publish, times
from benchmarks.run import PEERS, lost, main

AT = datetime(2025, 2, 3)


def campaigns_of(company: str, number: int = 40) -> list[Campaign]:
    return [
        Campaign(f"{company}/{n}", "simulator", "t", "loud", AT, AT, (f"{company} event {n}",)) for n in range(number)
    ]


def found(company: str, number: int, alerts: int = 100) -> Judged:
    return Judged(
        {f"{company}/{n}" for n in range(number)}, alerts, {f"{company}/{n}": float(n) for n in range(number)}
    )


def result_of(ours: int, peer: int, alerts: int = 100) -> dict[str, Any]:
    judged = {OURS: found("a", ours, alerts), **{name: found("a", peer) for name in PEERS}}
    company = {
        "principals": 20,
        "events": 1000,
        "history_days": 28,
        **company_result(campaigns_of("a"), judged, days=28, budget=5),
    }
    return {
        "name": "test",
        "commit": "abc",
        "seeds": [1],
        "companies": {"a": company},
        "pooled": pooled_result(campaigns_of("a"), judged),
    }


def test_companies_are_pooled_by_detector() -> None:
    pooled = pool([{OURS: found("a", 3, alerts=10)}, {OURS: found("b", 2, alerts=5)}])
    assert pooled[OURS].found == {"a/0", "a/1", "a/2", "b/0", "b/1"}
    assert pooled[OURS].alerts == 15


def test_a_company_says_recall_cost_and_time() -> None:
    ours = result_of(ours=30, peer=20)["companies"]["a"]["detectors"][OURS]
    assert ours["recall"]["all"] == {"found": 30, "of": 40, "recall": 0.75}
    assert ours["alerts_per_day"] == pytest.approx(100 / 28, abs=1e-3)
    assert ours["minutes_to_detect_median"] == 14.5
    assert len(ours["missed"]) == 10


@pytest.mark.parametrize("quick", [True, False])
def test_a_clear_lead_falls_short_of_nothing(quick: bool) -> None:
    assert lost(result_of(ours=38, peer=20), quick) == []


def test_a_small_lead_is_enough_for_a_quick_run_only() -> None:
    close = result_of(ours=22, peer=20)
    assert lost(close, quick=True) == []
    assert len(lost(close, quick=False)) == len(PEERS)


def test_a_tie_is_no_win() -> None:
    assert len(lost(result_of(ours=20, peer=20), quick=True)) == len(PEERS)


def test_more_alerts_than_a_quarter_over_the_budget_fall_short() -> None:
    assert lost(result_of(ours=38, peer=20, alerts=175), quick=True) == []
    [short] = lost(result_of(ours=38, peer=20, alerts=176), quick=True)
    assert "alerts a day where 5 were asked" in short


def test_the_table_shows_every_detector_and_the_lead() -> None:
    text = markdown(result_of(ours=38, peer=20))
    assert "| oddtrail | 0.95 (38/40) | 0.95 (38/40) | – |" in text
    for name in PEERS:
        assert f"| {name} | 45.0 |" in text


def test_the_table_shows_recall_by_budget_and_the_time_to_detect() -> None:
    result = result_of(ours=38, peer=20)
    company = result["companies"]["a"]
    share = {"found": 1, "of": 4, "recall": 0.25}
    company["budgets"] = {"1": {OURS: {"recall": share, "alerts_per_day": 0.9}}}
    company["detectors"][OURS]["minutes_from_delivery"] = times([1.0, 2.0, 6.0])
    text = markdown(result)
    assert "| recall at alerts a day | 1 |" in text
    assert "| oddtrail | 0.25 |" in text
    assert "| oddtrail's alerts a day | 0.90 |" in text
    assert "median 2, 90th percentile 5.2" in text


def test_a_result_is_published_with_its_commit_for_machines_and_for_readers(tmp_path: Path) -> None:
    result = heading("mine", [1, 2])
    publish(result, "# mine\n", tmp_path / "results")
    written = json.loads((tmp_path / "results" / "mine.json").read_text(encoding="utf-8"))
    assert written == result
    assert set(written) == {"name", "commit", "run_at", "seeds"}
    assert (tmp_path / "results" / "mine.md").read_text(encoding="utf-8") == "# mine\n"


def test_each_company_needs_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--seeds", "1", "2", "3", "4", "5", "6"])
    assert "there are 5 companies" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--seeds", "1", "--companies", "small", "large"])
    assert "give 2 seeds, one a company" in capsys.readouterr().err
