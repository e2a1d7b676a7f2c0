"""Whatever the machine refuses is one line that says what to do; a bug keeps its traceback."""

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts


def told(raising: Callable[[], Any]) -> tuple[int, str]:
    """Exit code and standard error of a command that does this."""
    from typer.testing import CliRunner

    app = group("For a test.")

    def work(session: Any) -> Answer:
        """Fail."""
        raising()
        return Answer({}, lambda console: None)

    command(app, "work", short="Fail.", examples=["work"])(work)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["work"])
    return result.exit_code, result.stderr


def raise_(error: BaseException) -> Callable[[], Any]:
    def raising() -> None:
        raise error

    return raising


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "make room and run it again"),
        (PermissionError(errno.EACCES, "Permission denied", "home/models"), "'home/models' cannot be used (Permission"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "make room and run it again"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "check the home's disk and its permissions"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "check the home's disk and its permissions"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "raise the limit"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "home/x"), "'home/x' cannot be used (Read-only"),
        (sqlite3.OperationalError("database or disk is full"), "(database or disk is full): make room"),
        (sqlite3.OperationalError("database is locked"), "end other writers"),
        (sqlite3.DatabaseError("database disk image is malformed"), "restore it from a copy"),
        (MemoryError(), "give more with --memory"),
        (duckdb.OutOfMemoryException("could not allocate"), "give more with --memory"),
        (
            duckdb.IOException("No files found\n\nLINE 1: SELECT"),
            "damaged or missing (No files found): put it back",
        ),
    ],
)
def test_what_the_machine_refuses_is_one_line(error: BaseException, line: str) -> None:
    code, shown = told(raise_(error))
    assert code == 1
    assert line in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [
        KeyError("bug"),
        OSError("of ours"),
        OSError(errno.EBADF, "a handle that we closed"),
        sqlite3.IntegrityError("UNIQUE constraint failed"),
        sqlite3.ProgrammingError("Cannot operate on a closed database"),
        duckdb.BinderException("no such column"),
    ],
)
def test_a_bug_is_not_explained_away(error: BaseException) -> None:
    _, shown = told(raise_(error))
    assert "oddtrail:" not in shown


@pytest.mark.parametrize("command", [["train"], ["alerts", "show", "3f9ac2", "--events"]])
def test_a_damaged_file_of_the_store_is_named(tmp_path: Path, command: list[str]) -> None:
    home = with_alerts(a_home(tmp_path, [a_record()]), an_alert())
    [segment] = (home / "events").glob("account=*/day=*/*.parquet")
    content = segment.read_bytes()
    for damage in (
        lambda: segment.write_bytes(content[: len(content) // 2]),
        lambda: segment.write_bytes(content[:4] + bytes(len(content) - 1000) + content[-996:]),
        lambda: segment.write_bytes(b""),
        segment.unlink,
    ):
        damage()
        result = run(*command, "--home", home)
        assert result.exit_code == 1, result.output
        assert segment.name in result.stderr
        assert "ingest" in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_folder_to_write_to_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    (tmp_path / "trail").mkdir()
    result = run("backtest", tmp_path / "trail", "--train-until", "2026-03-01", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert f"'{tmp_path / 'out'}' cannot be used (File exists)" in result.stderr
