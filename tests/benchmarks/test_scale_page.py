"""SCALE.md is made of the committed figures, and says where what is asked is not kept."""

from typing import Any

import pytest

from benchmarks.scale_page import PAGE, make_page, read_figures
from tests.benchmarks.test_scale_model import a_step


def test_the_committed_page_is_made_of_the_committed_figures() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(*read_figures()), "run `python -m benchmarks.scale_page`"


def test_every_figure_says_where_it_stands_and_prices_their_date() -> None:
    step, figures = read_figures()
    assert all(one["source"] for one in figures["measured"].values())
    assert figures["prices"]["date"]
    page = make_page(step, figures)
    for told in (*(one["source"] for one in figures["measured"].values()), *figures["assumed"], step["run_at"]):
        assert told in page


@pytest.mark.parametrize(("most", "verdict"), [(16e9, ": kept; "), (1e6, ": NOT kept; ")])
def test_memory_is_held_against_what_is_asked(most: float, verdict: str) -> None:
    figures: dict[str, Any] = read_figures()[1]
    figures["asked"] |= {"joint_rows": 1000, "most_bytes": most}
    assert verdict in make_page(a_step(1, 2, 10), figures).replace("\n", " ")


def test_a_step_from_a_cold_disk_is_told_beside_a_warm_one() -> None:
    step, figures = read_figures()
    [cold] = [one for one in figures["room"]["steps"] if one["cold"]]
    assert 0 < cold["own"] < figures["room"]["limit"]
    assert cold["read"] > 0
    assert f"| from disk | {cold['seconds']['who knows what']:.1f} s |" in make_page(step, figures)


def test_a_bundle_is_told_as_it_was_measured_within_the_same_bound() -> None:
    step, figures = read_figures()
    room = figures["room"]
    assert [one["what"] for one in room["bundle"]] == ["publishing", "opening", "opening another"]
    assert all(0 < one["own"] < room["limit"] < 28 * room["pairs"] for one in room["bundle"])
    assert f"| publishing | {room['bundle'][0]['seconds']:.0f} s |" in make_page(step, figures)
