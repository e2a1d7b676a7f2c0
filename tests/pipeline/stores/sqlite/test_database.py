"""The SQLite file: all or nothing, one writer, and one line of what is wrong with it."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.sqlite import database as module
from pipeline.stores.sqlite.database import Database

PUT = "INSERT INTO settings VALUES (?, ?)"


def settings(database: Database) -> list[tuple[str, str]]:
    return [(key, value) for key, value in database.read("SELECT key, value FROM settings ORDER BY key")]


def test_a_file_is_made_once_and_opened_again(tmp_path: Path) -> None:
    for key in "ab":
        database = Database(tmp_path / "state.sqlite")
        database.write(PUT, (key, "1"))
        database.close()
    assert settings(Database(tmp_path / "state.sqlite")) == [("a", "1"), ("b", "1")]


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    with suppress(ZeroDivisionError), database.transaction():
        database.write(PUT, ("a", "1"))
        database.write_each(PUT, [("b", "1"), ("c", "1")])
        assert len(settings(database)) == 3
        raise ZeroDivisionError
    assert settings(database) == []
    with database.transaction():
        database.write(PUT, ("a", "2"))
    assert settings(database) == [("a", "2")]


def test_a_broken_promise_is_the_programs_and_undoes_the_block(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), database.transaction():
        database.write_each(PUT, [("a", "1"), ("a", "1")])
    assert settings(database) == []


def test_a_reader_sees_what_was_before_while_another_writes(tmp_path: Path) -> None:
    writer, reader = (Database(tmp_path / "state.sqlite") for _ in range(2))
    with writer.transaction():
        writer.write(PUT, ("a", "1"))
        assert settings(reader) == []
    assert settings(reader) == [("a", "1")]


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUSY_MS", 10)
    one, other = (Database(tmp_path / "state.sqlite") for _ in range(2))
    with (
        one.transaction(),
        pytest.raises(StoreError, match=r"state\.sqlite cannot be written \(database is locked\).*other writers"),
        other.transaction(),
    ):
        pass
    with other.transaction():
        other.write(PUT, ("a", "1"))


def test_killed_within_a_transaction_nothing_of_it_is_there(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pipeline.stores.sqlite.database import Database
database = Database({str(tmp_path / "state.sqlite")!r})
database.write({PUT!r}, ("before", "1"))
with database.transaction():
    database.write_each({PUT!r}, [(str(n), "x" * 1000) for n in range(5000)])
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode < 0
    assert settings(Database(tmp_path / "state.sqlite")) == [("before", "1")]


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    database.write("UPDATE meta SET value = '99' WHERE key = 'schema'")
    database.close()
    with pytest.raises(StoreError, match=r"schema 99 and this version of oddtrail reads 1: .*new home"):
        Database(tmp_path / "state.sqlite")


def test_what_is_no_database_is_told_from_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database, and longer than its header would be" * 30)
    with pytest.raises(StoreError, match=r"cannot be opened as oddtrail's state .*move it away"):
        Database(tmp_path / "state.sqlite")
    with pytest.raises(StoreError, match=r"cannot be opened \(unable.*--home"):
        Database(tmp_path / "no folder" / "state.sqlite")


def test_a_table_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    database.write("DROP TABLE settings")
    with pytest.raises(StoreError, match=r"cannot be read \(no such table: settings\)"):
        settings(database)


SAID = {
    "database or disk is full": "make room",
    "database is locked": "other writers",
    "database table is locked": "other writers",
    "disk I/O error": "check its disk",
    "attempt to write a readonly database": "mend its permissions",
    "unable to open database file": "--home",
    "database disk image is malformed": "restore it from a copy",
    "malformed database schema (segments)": "restore it from a copy",
}


@pytest.mark.parametrize(("said", "advice"), SAID.items(), ids=SAID)
@pytest.mark.parametrize("kind", [sqlite3.DatabaseError, sqlite3.OperationalError])
def test_whatever_sqlite_says_is_one_line_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, advice: str, kind: type[sqlite3.Error]
) -> None:
    database = Database(tmp_path / "state.sqlite")

    class Refusing:
        in_transaction = False

        def execute(self, *_: object) -> None:
            raise kind(said)

        executemany = close = execute

    monkeypatch.setattr(database, "_connection", Refusing())
    for use in (
        lambda: database.read("SELECT 1"),
        lambda: database.write("SELECT 1"),
        lambda: database.write_each("SELECT 1", []),
        lambda: database.transaction().__enter__(),
    ):
        with pytest.raises(StoreError, match=r"state\.sqlite cannot be (read|written)") as told:
            use()
        assert said in str(told.value)
        assert advice in str(told.value)
    database.close()


def test_a_full_disk_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    database.write(PUT, ("a", "1"))
    [(pages,)] = database.read("PRAGMA page_count")
    database.read(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"is full.*make room"), database.transaction():
        database.write_each(PUT, [(str(n), "x" * 1000) for n in range(100)])
    assert settings(database) == [("a", "1")]
    database.close()
    assert settings(Database(tmp_path / "state.sqlite")) == [("a", "1")]


def test_a_damaged_file_is_told_whatever_byte_it_is(tmp_path: Path) -> None:
    whole = tmp_path / "whole.sqlite"
    database = Database(whole)
    database.write_each(PUT, [(str(n), "1") for n in range(3000)])
    database.close()
    content = whole.read_bytes()
    for seed in range(150):
        draw = random.Random(seed)
        path = tmp_path / f"{seed}.sqlite"
        at = draw.randrange(len(content))
        damaged = content[:at] if seed % 3 == 0 else content[:at] + draw.randbytes(64) + content[at + 64 :]
        path.write_bytes(damaged)
        with suppress(StoreError):
            opened = Database(path)
            settings(opened)
            opened.write(PUT, ("new", "1"))
            opened.close()


def test_a_home_of_before_gets_the_tables_that_came_later(tmp_path: Path) -> None:
    """Whichever of them it has already."""
    for missing in ("came", "arrived", "landed", "coverage", "unsourced"):
        path = tmp_path / f"{missing}.sqlite"
        Database(path).close()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"DROP TABLE {missing}")
            if missing in ("arrived", "landed"):
                connection.execute("DROP TABLE came")  # the newest of them
            if missing == "coverage":
                connection.executescript("DROP TABLE tallied; DROP TABLE tallies; DROP TABLE region_coverage")
            if missing == "unsourced":
                connection.executescript("DROP TABLE digests; DROP TABLE sources; DROP TABLE lost; DROP TABLE again")
        database = Database(path)
        assert database.read("SELECT count(*) FROM sqlite_master WHERE name = ?", (missing,)) == [(1,)]
        database.close()
