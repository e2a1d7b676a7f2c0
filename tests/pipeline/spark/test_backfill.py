"""A backfill goes on where it was killed, does what is new, loses nothing, and says what it did."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.shared.place import ChangedError, FolderPlace, PlaceError
from pipeline.spark import backfill as module
from pipeline.spark.known import KnownFile
from pipeline.spark.work import FOLDER, WORK
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, write, write_bucket
from tests.pipeline.spark.both import by_home, by_spark, differences, in_place, listing

NOW = datetime(2026, 3, 20, tzinfo=UTC)
OTHER = "444455556666"


class KilledError(Exception):
    """Stands for a kill."""


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Three days of two accounts, one of which has most events."""
    folder = tmp_path / "trail"
    write_bucket(folder, files=12, each=40)
    for day in ("02", "04"):
        record = a_record(recipientAccountId=OTHER, eventTime=f"2026-03-{day}T09:00:00Z")
        write(folder / a_name(f"202603{day}T0905Z", account=OTHER), envelope(record, b"{}"))
    return folder


def content(out: Path) -> dict[str, bytes]:
    """Everything that stays, but for what a backfill remembers."""
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in ("known.msgpack", ".lock")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def kill_when(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, nth: int) -> None:
    """End the run at the nth call of a function of the driver's."""
    whole, calls = getattr(owner, name), iter(range(1, 100))

    def dying(*given, **named):
        if next(calls) == nth:
            raise KilledError
        return whole(*given, **named)

    monkeypatch.setattr(owner, name, dying)


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [
        (module, "read_totals", 1),
        (module._Backfill, "_note", 2),
        (KnownFile, "write", 3),
        (FolderPlace, "remove", 1),
    ],
    ids=["decoded", "counted", "listed", "finished"],
)
def test_killed_and_run_again_it_is_the_same_to_the_byte(spark, trail, tmp_path, monkeypatch, owner, name, nth):
    by_spark(spark, tmp_path / "whole", [trail], NOW)
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        kill_when(patch, owner, name, nth)
        by_spark(spark, tmp_path / "out", [trail], NOW, rows_at_once=1)
    report = by_spark(spark, tmp_path / "out", [trail], datetime(2027, 1, 1, tzinfo=UTC), rows_at_once=1)
    assert report.decoded == 0
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    assert not (tmp_path / "out" / WORK).exists()


def test_run_again_it_does_what_is_new_and_nothing_else(spark, trail, tmp_path):
    out = tmp_path / "out"
    first = by_spark(spark, out, [trail], NOW)
    assert (len(first.written), first.account_days) == (5, 5)
    again = by_spark(spark, out, [trail], NOW)
    assert (again.decoded, again.written, again.calls) == (0, [], first.calls)
    write(trail / a_name("20260303T2350Z", mark="N" * 16), envelope(a_record(eventTime="2026-03-03T23:40:00Z")))
    more = by_spark(spark, out, [trail], NOW)
    assert more.written == [f"{ACCOUNT}/2026-03-03"]
    assert more.calls == first.calls + 1
    home, _ = by_home(tmp_path / "home", [trail], NOW)
    assert differences(home, in_place(out)) == []


def test_an_account_day_loses_nothing_because_not_all_files_were_given(spark, trail, tmp_path):
    out = tmp_path / "out"
    by_spark(spark, out, [trail], NOW)
    before = in_place(out)
    some = sorted(trail.rglob(f"{ACCOUNT}*20260302*"))[:1]
    report = by_spark(spark, out, some, NOW)
    assert report.kept == [f"{ACCOUNT}/2026-03-02"]
    assert "--replace" in report.remarks()[-1]
    assert in_place(out) == before
    assert by_spark(spark, out, some, NOW, replace=True).written == [f"{ACCOUNT}/2026-03-02"]
    assert len(in_place(out)) == len(before)
    assert in_place(out) != before


def test_what_is_set_aside_is_kept_and_counted(spark, trail, tmp_path):
    (trail / "broken.json.gz").write_bytes(b"\x1f\x8b no gzip")
    report = by_spark(spark, tmp_path / "out", [trail], NOW)
    told = report.as_dict()
    assert told["records"] == told["events"] + told["set_aside"] + told["other"] == 12 * 40 + 2 + 2 + 1
    assert json.loads(json.dumps(told)) == told
    kept = list((tmp_path / "out" / FOLDER / "set_aside").iterdir())
    assert len(kept) >= 2
    assert sum(told["reasons"].values()) == told["set_aside"]


def test_activity_that_was_made_with_other_settings_is_refused(spark, trail, tmp_path):
    by_spark(spark, tmp_path / "out", [trail], NOW)
    with pytest.raises(PlaceError, match="give both the same"):
        by_spark(spark, tmp_path / "out", [trail], NOW, timezone="Asia/Seoul")


def test_two_backfills_into_one_place_do_not_undo_each_other(spark, trail, tmp_path, monkeypatch):
    whole = module._Backfill._find_stale

    def meanwhile(self, decoding):
        monkeypatch.undo()
        by_spark(spark, tmp_path / "out", [trail / "AWSLogs" / OTHER], NOW)
        return whole(self, decoding)

    monkeypatch.setattr(module._Backfill, "_find_stale", meanwhile)
    with pytest.raises(ChangedError, match="meanwhile"):
        by_spark(spark, tmp_path / "out", [trail], NOW)
    assert {key.partition("/")[0] for key in listing(tmp_path / "out").tables} == {OTHER}
