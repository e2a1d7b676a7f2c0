"""The benchmark of a step: worlds beside each other are apart where accounts are, and what it says of its figures."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.step_speed import TABLES, describe, fit_law, judged, make_worlds, measure, measured_apart


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("worlds")
    make_worlds(made, 2, days=2, principals=12)
    return made


def values(folder: Path, world: int, table: str, column: str) -> set[str]:
    return set(pq.read_table(folder / f"world-{world:03d}" / f"{table}-000.parquet")[column].to_pylist())


def test_accounts_principals_and_resources_are_a_worlds_own_and_names_of_roles_everybodys(folder: Path) -> None:
    for table, column in (("joint", "account"), ("joint", "principal"), ("joint", "session"), ("touched", "resource")):
        one, other = (
            {v for v in values(folder, w, table, column) if not v.startswith(("fact:", "exp"))} for w in (0, 1)
        )
        assert min(len(one), len(other)) > 0
        assert not one & other, column
    assert len(values(folder, 0, "joint", "account")) == 1
    assert values(folder, 0, "joint", "action") & values(folder, 1, "joint", "action")
    kinds = [values(folder, world, "principals", "identity_name") for world in (0, 1)]
    assert all(name.startswith(("product", "AWSReservedSSO_Set")) for names in kinds for name in names)


def test_a_step_is_measured_with_the_rows_it_took(folder: Path) -> None:
    rows = {
        table: sum(pq.read_metadata(path).num_rows for path in folder.glob(f"world-*/{table}-*.parquet"))
        for table in TABLES
    }
    told = measure(folder, 2, days=2)
    assert 0 < sum(step["joint"] for step in told["steps"]) <= rows["joint"]  # what came late is known later
    assert sum(step["joint"] for step in told["steps"]) > 0.9 * rows["joint"]
    assert told["principals"] >= 20
    assert all(0 < step["rows_bytes"] < step["rows_peak"] <= told["peak_bytes"] for step in told["steps"])
    assert all(size > 0 for part, size in told["kept_bytes"].items() if part != "recent")  # nobody is settled yet
    assert told["kept_bytes"]["pairs"] == 20 * told["steps"][-1]["pairs"]
    assert measure(folder, 1, days=2)["steps"][-1]["pairs"] < told["steps"][-1]["pairs"]


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_what_lies_in_files_is_told_apart_and_the_model_is_the_same(folder: Path) -> None:
    plain, mapped = (measured_apart(folder, 2, days=2, mapped=where) for where in (False, True))
    assert mapped["model_id"] == plain["model_id"]
    assert mapped["kept_bytes"] == plain["kept_bytes"] == plain["kept_own"]
    assert all(mapped["kept_own"][part] <= size for part, size in plain["kept_bytes"].items())
    assert sum(mapped["kept_own"].values()) < sum(plain["kept_bytes"].values())
    assert all(mapped["steps"][-1]["files"] > 0 == step["files"] for step in plain["steps"])
    assert not list((folder / "mapped").iterdir())


def a_point(accounts: int, power: float) -> dict[str, object]:
    step = {"joint": 1000 * accounts, "tokens": 2000 * accounts, "step_seconds": accounts**power, "sql_seconds": 0.5}
    steps = [step | {"day": day, "judged": day > 0, "pairs": 10} for day in range(3)]
    return {"accounts": accounts, "principals": 9, "steps": steps, "peak_bytes": 1e9, "kept_bytes": {"pairs": 320}}


def test_only_judged_days_count_and_growth_beyond_the_law_shows() -> None:
    point = a_point(1, 1.0)
    point["steps"][0]["step_seconds"] = 100.0  # type: ignore[index]
    assert judged(point, "step_seconds") == 1.0
    good, bad = (fit_law([1e3, 1e4, 1e5], [n**power for n in (1e3, 1e4, 1e5)]) for power in (1.05, 2.0))
    assert good["power"] == pytest.approx(1.05)
    assert good["worst"] < 0.2 < 0.9 < bad["worst"]
    told = describe({"principals": 9, "days": 3, "points": [a_point(1, 1.0), a_point(10, 1.0)]})
    assert "10 accounts, 9 principals, 10,000 joint rows a day: step 10.00 s" in told
    assert "best power 1.000" in told
