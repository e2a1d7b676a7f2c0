"""How much is looked at, and the words about what was found."""

from pathlib import Path

from pipeline.reports.damage import explain_damage, lost_lines
from pipeline.stores.home import open_store
from pipeline.stores.parquet.integrity import find_damaged
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import a_home, a_record


def test_names_and_sizes_are_looked_at_of_all_and_contents_within_a_bound(tmp_path: Path) -> None:
    with open_store(a_home(tmp_path, [a_record()])) as store:
        [segment] = store.manifest.live("events")
        assert find_damaged(store.home, store.manifest) == ({}, True)
        assert find_damaged(store.home, store.manifest, most=1) == ({}, False)
        file = store.home / segment.path
        file.write_bytes(file.read_bytes().replace(b"deploy", b"DEPLOY"))
        assert find_damaged(store.home, store.manifest, most=1) == ({}, False)
        assert set(find_damaged(store.home, store.manifest)[0]) == {segment}
        file.unlink()
        damaged, _ = find_damaged(store.home, store.manifest, most=1)
        assert explain_damage(damaged).startswith(f"{segment.path} is missing; it held 1 event of account ")


def test_what_is_lost_is_said_until_it_is_mended(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record()])
    next((home / "events").rglob("*.parquet")).unlink()
    told = run("store", "verify", "--home", home)
    assert told.exit_code == 1
    assert "is missing; it held 1 event of account 111122223333 on 2026-03-02" in told.stdout
    assert "run `oddtrail ingest` on 1 file (" in told.stdout
    said = run("store", "info", "--home", home).stderr
    assert "1 record of 1 account-day are lost to damage" in said
    assert said.count("\n") == 1
    assert run("ingest", tmp_path / "trail", "--home", home).exit_code == 0
    assert run("store", "info", "--home", home).stderr == ""
    with open_store(home) as store:
        assert list(lost_lines(store)) == []
    assert run("store", "verify", "--home", home).exit_code == 0
