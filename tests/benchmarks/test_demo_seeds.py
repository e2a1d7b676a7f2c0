"""The demo is judged by its loud and medium attacks, seed by seed, and says what it missed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.demo_seeds import demo_result, lost, markdown, summary
from pipeline.demo.run import Demo
from pipeline.demo.verdict import Found, Missed, Verdict
from pipeline.simulate.truth import Campaign, Degree, Truth


def a_campaign(name: str, degree: Degree) -> Campaign:
    return Campaign(name, degree, f"technique {name}", "", "", "", "", "", ("e1", "e2"))


def a_demo(found: dict[str, Degree], missed: dict[str, Degree]) -> Demo:
    finds = [a_campaign(name, degree) for name, degree in found.items()]
    misses = [a_campaign(name, degree) for name, degree in missed.items()]
    verdict = Verdict(
        [Found(campaign, "alert", timedelta(minutes=7)) for campaign in finds],
        [Missed(campaign, "too little") for campaign in misses],
        {"other": "travel"},
    )
    truth = Truth(events=9, campaigns=[*misses, *finds])
    return Demo(Path(), 1, truth, 35, 28, {"train": 2.0}, verdict=verdict)


def result_of(demos: list[Demo], seconds: float = 60) -> dict[str, Any]:
    done = {str(seed): demo_result(demo, seconds) for seed, demo in enumerate(demos)}
    return {"commit": "abc", **summary(done), "demos": done}


GOOD = a_demo({"a": "loud", "b": "medium"}, {"c": "stealthy"})
BAD = a_demo({"a": "loud"}, {"b": "medium"})


def test_attacks_are_counted_by_degree() -> None:
    result = demo_result(GOOD, 61.26)
    assert result["found"] == {"loud": 1, "medium": 1, "stealthy": 0}
    assert result["planted"] == {"loud": 1, "medium": 1, "stealthy": 1}
    assert (result["alerts_without_attack"], result["seconds"]) == (1, 61.3)
    assert [one["degree"] for one in result["campaigns"]] == ["loud", "medium", "stealthy"]


def test_a_seed_passes_without_its_stealthy_attacks_only() -> None:
    assert demo_result(GOOD, 1)["all_loud_and_medium"]
    assert not demo_result(BAD, 1)["all_loud_and_medium"]


def test_one_seed_of_five_may_miss_one() -> None:
    assert lost(result_of([GOOD] * 4 + [BAD])) == []
    [short] = lost(result_of([GOOD] * 3 + [BAD] * 2))
    assert "on 3 of 5 seeds" in short


def test_a_slow_demo_falls_short() -> None:
    [short] = lost(result_of([GOOD], seconds=90.5))
    assert "took 90.5 s" in short


def test_the_table_names_what_was_missed() -> None:
    text = markdown(result_of([GOOD, BAD]))
    assert "| 0 | 1/1 | 1/1 | 0/1 | 0 | 1 | 60 |" in text
    assert "- 1, medium, technique b: too little" in text
    assert "on 1 of 2 seeds" in text


def test_nothing_missed_is_said() -> None:
    assert markdown(result_of([a_demo({"a": "loud"}, {})])).endswith("None.\n")
