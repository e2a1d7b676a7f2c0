"""What the machine, or the container, lets us use."""

from pathlib import Path

from pipeline.machine import cores, memory_limit


def test_a_container_with_less_memory_than_its_machine_counts(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("1073741824\n")
    assert memory_limit(limit) == 2**30


def test_a_container_without_a_limit_has_the_machines_memory(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert memory_limit(limit) == memory_limit(tmp_path / "no such file") > 2**28


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
