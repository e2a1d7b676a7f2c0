"""Damage is named with what to do, and the other checks look at the rest."""

from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import a_home, a_record, write_trail


def storage(home: Path) -> list[dict[str, str]]:
    return [finding for finding in answer("doctor", "--home", home)["findings"] if finding["check"] == "storage"]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
@pytest.mark.parametrize("kind", ["events", "set_aside"])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, kind: str, damage: str) -> None:
    home = a_home(tmp_path, [a_record(), {"eventName": 7}])
    assert [finding["level"] for finding in storage(home)] == ["ok"]
    [segment] = (home / kind).rglob("*.parquet")
    content = segment.read_bytes()
    {
        "missing": segment.unlink,
        "cut": lambda: segment.write_bytes(content[:-9]),
        "changed": lambda: segment.write_bytes(content[:400] + bytes([content[400] ^ 1]) + content[401:]),
    }[damage]()
    for _ in range(2):
        [finding] = storage(home)
        assert finding["level"] == "warning"
        assert segment.name in finding["found"]
        assert f"was {damage}" in finding["found"] or damage in finding["found"]
        assert "oddtrail ingest" in finding["do"]
        assert "from a copy" in finding["do"]
        assert run("store", "verify", "--home", home).exit_code == 1


def test_a_store_with_nothing_in_it_is_not_called_whole(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [{"eventName": 7}])
    run("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    assert storage(tmp_path / "home") == []
