"""A backfill goes on where it was killed, does what is new, loses nothing, and says what it did."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.shared.place import FolderPlace, PlaceError
from pipeline.spark import backfill as module
from pipeline.spark.report import BackfillReport
from pipeline.spark.work import FOLDER, WORK
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, write, write_bucket
from tests.pipeline.spark.both import by_home, by_spark, differences, in_place

NOW = datetime(2026, 3, 20, tzinfo=UTC)
OTHER = "444455556666"


class KilledError(Exception):
    """Stands for a kill."""


class Whole(NamedTuple):
    """Files, and what an undisturbed backfill makes of them."""

    trail: Path
    out: Path
    report: BackfillReport


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory) -> Whole:
    """Three days of two accounts, one of which has nearly all events, and a file that cannot be read."""
    folder = tmp_path_factory.mktemp("whole")
    trail = folder / "trail"
    write_bucket(trail, files=12, each=40)
    for day in ("02", "04"):
        record = a_record(recipientAccountId=OTHER, eventTime=f"2026-03-{day}T09:00:00Z")
        write(trail / a_name(f"202603{day}T0905Z", account=OTHER), envelope(record, b"{}"))
    (trail / "broken.json.gz").write_bytes(b"\x1f\x8b no gzip")
    return Whole(trail, folder / "out", by_spark(spark, folder / "out", [trail], NOW))


def content(out: Path) -> dict[str, bytes]:
    """Everything that stays, but for what a backfill remembers."""
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in ("known.msgpack", ".lock")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def kill_when(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, nth: int) -> None:
    """End the run at the nth call of a function of the driver's."""
    unharmed, calls = getattr(owner, name), iter(range(1, 100))

    def dying(*given, **named):
        if next(calls) == nth:
            raise KilledError
        return unharmed(*given, **named)

    monkeypatch.setattr(owner, name, dying)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [(module, "read_totals", 1), (module._Backfill, "_note", 2), (FolderPlace, "remove", 1)],
    ids=["decoded", "half counted", "not tidied"],
)
def test_killed_and_run_again_it_is_the_same_to_the_byte(spark, whole, tmp_path, monkeypatch, owner, name, nth):
    def run(now: datetime = NOW) -> BackfillReport:
        return by_spark(spark, tmp_path / "out", [whole.trail], now, rows_at_once=350)

    with monkeypatch.context() as patch:
        kill_when(patch, owner, name, nth)
        with pytest.raises(KilledError):
            run()
    report = run(datetime(2027, 1, 1, tzinfo=UTC))
    assert report.decoded == 0
    assert content(tmp_path / "out") == content(whole.out)
    assert not (tmp_path / "out" / WORK).exists()


def test_run_again_it_does_what_is_new_and_nothing_else(spark, whole, tmp_path):
    trail, out = shutil.copytree(whole.trail, tmp_path / "t", copy_function=shutil.copy2), tmp_path / "out"
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


@pytest.mark.sweep
def test_an_account_day_loses_nothing_because_not_all_files_were_given(spark, whole, tmp_path):
    out = shutil.copytree(whole.out, tmp_path / "out")
    before = in_place(out)
    some = sorted(whole.trail.rglob(f"{ACCOUNT}*20260302*"))[:1]
    report = by_spark(spark, out, some, NOW)
    assert report.kept == [f"{ACCOUNT}/2026-03-02"]
    assert "--replace" in report.remarks()[-1]
    assert in_place(out) == before
    assert by_spark(spark, out, some, NOW, replace=True).written == [f"{ACCOUNT}/2026-03-02"]
    assert in_place(out).keys() == before.keys()
    assert in_place(out) != before


def test_what_is_set_aside_is_kept_counted_and_files_are_named(whole):
    told = whole.report.as_dict()
    assert told["records"] == told["events"] + told["set_aside"] + told["other"] == 12 * 40 + 2 + 2 + 1
    assert json.loads(json.dumps(told)) == told
    assert sum(told["reasons"].values()) == told["set_aside"]
    assert [line.partition(":")[0] for line in told["unread"]] == ["broken.json.gz"]
    assert any("broken.json.gz" in line for line in whole.report.remarks())
    assert len(list((whole.out / FOLDER / "set_aside").iterdir())) >= 2


def test_activity_that_was_made_with_other_settings_is_refused(spark, whole):
    with pytest.raises(PlaceError, match="give both the same"):
        by_spark(spark, whole.out, [whole.trail], NOW, timezone="Asia/Seoul")
