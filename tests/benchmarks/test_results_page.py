"""RESULTS.md is made of the committed results, says where a peer wins, and what was skipped."""

from typing import Any

import pytest

from benchmarks.report import OURS, RESULTS
from benchmarks.results_page import PAGE, draw_plots, make_page, read_results, tell_winners, write_page


def a_row(number: int, degree: str, found: dict[str, list[float]]) -> dict[str, Any]:
    return {
        "id": f"c{number}", "source": "simulator", "technique": "mining", "degree": degree, "tactic": "impact",
        "victim": "person", "calls": 3, "delivery_minutes": 5.0 + number, "found": found,
        "minutes_from_delivery": {"5": 1.0 + number} if 5.0 in found[OURS] else {},
    }  # fmt: skip


def a_result(peer_found: int = 1) -> dict[str, Any]:
    def told(found: int) -> dict[str, Any]:
        return {"recall": {"found": found, "of": 2, "recall": found / 2}, "alerts_per_day": 2.5}

    rows = [
        a_row(0, "loud", {OURS: [1.0, 5.0], "first-seen": [1.0, 5.0] if peer_found else []}),
        a_row(1, "stealthy", {OURS: [], "first-seen": [5.0] if peer_found > 1 else []}),
    ]
    company = {
        "principals": 20, "events": 1_000_000, "campaigns": 2, "budget": 5, "test_days": 28,
        "budgets": {"1": {OURS: told(1), "first-seen": told(min(peer_found, 1))},
                    "5": {OURS: told(1), "first-seen": told(peer_found)}},
        "campaign_rows": rows, "skipped": {"random cut forest": "there is no JVM"},
        "cost_per_million_events": {OURS: {"seconds": 10.0, "cpu_seconds": 20.0, "megabytes": 300.0}},
        "per_clean_day": {"50": 9.0, "75": 0.9, "90": 0.08},
    }  # fmt: skip
    return {
        "name": "mine", "commit": "abcdef0123456789", "run_at": "2026-01-01T00:00Z", "seeds": [4],
        "companies": {"small": company}, "pooled": {},
    }  # fmt: skip


def test_the_committed_page_is_made_of_the_committed_results() -> None:
    results = read_results()
    assert PAGE.read_text(encoding="utf-8") == make_page(results), "run `python -m benchmarks.results_page`"
    for name, drawn in draw_plots(results).items():
        assert (RESULTS / name).read_text(encoding="utf-8") == drawn


@pytest.mark.parametrize(("peer", "marked"), [(0, 0), (1, 0), (2, 2)])
def test_where_a_peer_finds_more_the_table_and_the_text_say_so(peer: int, marked: int) -> None:
    result = a_result(peer)
    page = make_page([result])
    assert page.count(" ▲ |") == marked + (1 if peer > 1 else 0) * 2  # at five; stealthy; its tactic and victim
    told = tell_winners(result)
    assert ("small at 5: first-seen 2 of 2, oddtrail 1" in told) == (peer > 1)
    assert ("No peer found more" in told) == (peer < 2)


def test_it_tells_what_was_skipped_and_how_long_it_took() -> None:
    page = make_page([a_result()])
    assert "Skipped: random cut forest: there is no JVM." in page
    assert "| small | 1 | 5 | 5 | 1 | 1 |" in page
    assert "| oddtrail | small | 10.0 | 20.0 | 300 |" in page
    assert "| small | 2.50 | 2.50 | 9.00 | 0.90 | 0.08 |" in page


def test_it_says_what_accuracy_is_worth() -> None:
    page = make_page([a_result()])
    assert "80,000 false alarms that day, and one of its alarms in 10,102 is right" in page
    assert "right on 99.9999 % of them" in page
    assert "| mine, small | 5 | 70 | 1 | 70.0 |" in page


def test_the_page_and_its_plots_are_written_together(tmp_path: Any) -> None:
    import json

    (tmp_path / "mine.json").write_text(json.dumps(a_result()), encoding="utf-8")
    write_page(tmp_path, tmp_path / "RESULTS.md")
    assert "results/mine-recall.svg" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert (tmp_path / "mine-recall.svg").read_text(encoding="utf-8").count("<polyline") == 2


def test_parts_and_poison_have_their_tables() -> None:
    recall = {"1": {"found": 3, "of": 9}, "5": {"found": 7, "of": 9}}
    less = {"1": {"found": 1, "of": 9}, "5": {"found": 8, "of": 9}}
    ablation = {
        "name": "ablation", "commit": "abc", "seeds": [4], "campaigns": 9, "companies": ["middle"],
        "variants": {"everything": {"recall": recall}, "without write": {"recall": less}},
    }  # fmt: skip
    poison = {
        "name": "poison", "commit": "abc", "seeds": [4], "campaigns": 9, "principals": 60, "budget": 3,
        "history_days": 68,
        "histories": {"clean": {"planted": 0, "detectors": {OURS: {"found": 9, "of": 9}}},
                      "1% contaminated": {"planted": 20, "detectors": {OURS: {"found": 6, "of": 9}}}},
    }  # fmt: skip
    page = make_page([ablation, poison])
    assert "| without write | 1 (+2) | 8 (-1) |" in page
    assert "| 1% contaminated | 0.67 (6/9) | 20 |" in page
