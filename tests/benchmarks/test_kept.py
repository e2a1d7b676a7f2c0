"""What a commit worked out is kept for that commit alone, and as it was."""

from datetime import datetime
from pathlib import Path

from benchmarks.campaigns import Campaign
from benchmarks.judge import Judged
from benchmarks.kept import keep, read_kept
from benchmarks.run import Ran

AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
RAN = Ran([Campaign("c", "simulator", "mining", "loud", AT, AT, ("e",))], {"ours": Judged({"c"}, 7)}, {"budget": 5})


def test_what_this_commit_ran_is_there_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path / "new" / "done.json", "abc", RAN)
    assert read_kept(tmp_path / "new" / "done.json", "abc", Ran) == RAN


def test_budgets_stay_numbers(tmp_path: Path) -> None:
    found = {"everything": {5.0: Judged({"c"}, 7), 1.0: Judged()}}
    keep(tmp_path / "done.json", "abc", found)
    assert read_kept(tmp_path / "done.json", "abc", dict[str, dict[float, Judged]]) == found


def test_what_another_ran_is_not(tmp_path: Path) -> None:
    keep(tmp_path / "done.json", "abc", RAN)
    assert read_kept(tmp_path / "done.json", "abd", Ran) is None
    assert read_kept(tmp_path / "other.json", "abc", Ran) is None


def test_what_a_changed_tree_ran_is_not(tmp_path: Path) -> None:
    keep(tmp_path / "done.json", "abc+", RAN)
    assert read_kept(tmp_path / "done.json", "abc+", Ran) is None


def test_what_was_kept_before_is_replaced_whole(tmp_path: Path) -> None:
    keep(tmp_path / "done.json", "abc", RAN)
    keep(tmp_path / "done.json", "abd", {"ours": Judged({"d"})})
    assert read_kept(tmp_path / "done.json", "abd", dict[str, Judged]) == {"ours": Judged({"d"})}
    assert [path.name for path in tmp_path.iterdir()] == ["done.json"]
