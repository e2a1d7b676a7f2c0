"""Backtest from log files: causal to the byte, and it leaves nothing but its folder."""

import gzip
import json
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest

from pipeline.detect.backtest import Backtest, read_models, run_backtest, write_notes
from pipeline.errors import NoHistoryError
from pipeline.settings import Settings
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.pipeline.cli.commands import answer
from tests.worlds import START, a_company, a_theft, a_trail, as_person

THEFT_DAY = 16
SETTINGS = Settings(budget=2.0, threads=1, memory=2**30)
TRAIN_UNTIL = START + timedelta(days=14)


@pytest.fixture(scope="module")
def trail(tmp_path_factory):
    return a_trail(tmp_path_factory.mktemp("trail"), a_company(days=19, people=4, roles=3) + a_theft(THEFT_DAY))


def backtested(out, *paths, train_until=TRAIN_UNTIL):
    run_backtest(Backtest(paths, train_until, out), SETTINGS)
    return (out / "alerts.jsonl").read_bytes().splitlines()


def until(lines, stamp):
    return [line for line in lines if json.loads(line)["detected_at"] <= stamp]


def a_correction(trail, folder, days_later):
    """A delivery that makes the thief's CreateUser look like somebody reading, as UPDATED_DATA may."""
    day = (START + timedelta(days=THEFT_DAY)).strftime("%Y%m%d")
    records = json.loads(gzip.decompress((trail / f"{day}.json.gz").read_bytes()))["Records"]
    (original,) = [record for record in records if record["eventName"] == "CreateUser"]
    later = (START + timedelta(days=THEFT_DAY + days_later)).strftime("%Y%m%dT1200Z")
    changed = original | {
        "eventID": "00000000-0000-4000-9000-000000000001",
        "eventName": "ListUsers",
        "readOnly": True,
        "addendum": {"reason": "UPDATED_DATA", "updatedFields": "eventName", "originalEventID": original["eventID"]},
    }
    folder.mkdir()
    name = f"111111111111_CloudTrail_us-east-1_{later}_0123456789abcdef.json.gz"
    (folder / name).write_bytes(gzip.compress(json.dumps({"Records": [changed]}).encode()))
    return folder


RESULT = {"alerts.jsonl", "scores", "scores.parquet", "summary.json"}


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_raises_the_theft_and_leaves_nothing_but_its_folder(trail, tmp_path):
    before = sorted(trail.iterdir())
    alerts = [json.loads(line) for line in backtested(tmp_path / "out", trail)]
    assert any(a["raised"] for a in alerts if a["principal_name"] == "person3")
    named = {alert["model_id"] for alert in alerts}
    assert {note.model_id for note in read_models(tmp_path / "out")} == named
    assert answer("models", "show", min(named), "--home", tmp_path / "out")["kept"] is False
    assert {path.name for path in (tmp_path / "out").iterdir()} == RESULT
    assert sorted(trail.iterdir()) == before


def test_a_correction_that_comes_later_changes_no_earlier_line(trail, tmp_path):
    plain = backtested(tmp_path / "plain", trail)
    corrected = backtested(tmp_path / "corrected", trail, a_correction(trail, tmp_path / "later", days_later=1))
    end = (START + timedelta(days=THEFT_DAY + 1, hours=11)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert until(corrected, end) == until(plain, end)
    assert b"iam:CreateUser" in b"".join(until(corrected, end))


def test_no_alert_is_of_a_delivery_before_the_time_within_its_day(trail, tmp_path):
    noon = START + timedelta(days=THEFT_DAY, hours=14, minutes=8)  # in the middle of the theft
    lines = backtested(tmp_path / "noon", trail, train_until=noon)
    assert lines
    assert min(json.loads(line)["detected_at"] for line in lines) >= noon.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_days_too_early_to_be_judged_raise_nothing_and_are_counted(trail, tmp_path):
    run_backtest(Backtest([trail], START + timedelta(days=3), tmp_path / "early"), SETTINGS)
    summary = json.loads((tmp_path / "early" / "summary.json").read_text())
    assert summary["judged_days"] == 19 - 7


def test_a_history_that_judges_no_day_says_how_much_is_needed(tmp_path):
    short = a_trail(tmp_path / "short", a_company(days=5, people=2, roles=1))
    with pytest.raises(NoHistoryError, match="at least 7 are needed"):
        backtested(tmp_path / "out", short, train_until=START + timedelta(days=2))


@pytest.fixture
def small(tmp_path):
    return a_trail(tmp_path / "small", a_company(days=11, people=3, roles=2) + a_theft(9, as_person("person1")))


def test_a_second_run_into_a_folder_leaves_its_own_result(small, tmp_path):
    out = tmp_path / "out"
    first = run_backtest(Backtest([small], START + timedelta(days=8), out), SETTINGS)
    whole = AlertsJsonl(out / "alerts.jsonl").revisions()
    second = run_backtest(Backtest([small], START + timedelta(days=10), out), SETTINGS)
    assert (first["raised"], second["raised"]) == (1, 0)
    assert any(alert.raised for alert in whole)
    assert AlertsJsonl(out / "alerts.jsonl").revisions() == []
    assert json.loads((out / "summary.json").read_text()) == second
    days = {detected_at.date() for detected_at in pq.read_table(out / "scores.parquet")["detected_at"].to_pylist()}
    assert days <= {(START + timedelta(days=10)).date()}
    assert {path.name for path in out.iterdir()} == RESULT


def test_a_run_that_fails_leaves_the_result_that_was_there(small, tmp_path):
    out = tmp_path / "out"
    run_backtest(Backtest([small], START + timedelta(days=8), out), SETTINGS)
    before = contents(out)
    for until in (START - timedelta(days=1), START + timedelta(days=99)):
        with pytest.raises(NoHistoryError):
            run_backtest(Backtest([small], until, out), SETTINGS)
    nothing = a_trail(tmp_path / "nothing", [])
    (nothing / "empty.json").write_text('{"Records": []}')
    with pytest.raises(NoHistoryError, match="no event is in the 1 log file"):
        run_backtest(Backtest([nothing], START, out), SETTINGS)
    assert contents(out) == before


def test_the_summary_counts_what_was_read_and_raised(small, tmp_path):
    summary = run_backtest(Backtest([small], START + timedelta(days=8), tmp_path / "out"), SETTINGS)
    last = {"first": "2026-03-02", "first_alerting": "2026-03-10", "last": "2026-03-12"}
    assert (summary["days"], summary["judged_days"], summary["principals"]) == (last, 3, 5)
    assert summary["alerts_a_day"] == {"asked": 2.0, "realised": summary["raised"] / 3}
    assert summary["events"] == summary["ingest"]["stored"] > 0
    assert list(summary["seconds"]) == list(summary["peak_bytes"]) == ["ingest", "activity", "train", "score"]
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary


def test_the_deployments_settings_are_heeded(small, tmp_path):
    plan = Backtest([small], START + timedelta(days=8), tmp_path / "out")

    def ids(**settings):
        summary = run_backtest(plan, Settings(threads=1, memory=2**30, budget=None, timezone="Asia/Seoul", **settings))
        assert summary["alerts_a_day"]["asked"] is None
        assert summary["days"]["last"] == "2026-03-13", "the last evening is the next day in Seoul"
        return {alert.alert_id for alert in AlertsJsonl(plan.out / "alerts.jsonl").latest()}

    here, elsewhere = ids(deployment="here"), ids()
    assert len(here) == len(elsewhere) > 0
    assert not here & elsewhere


def test_it_says_how_far_it_is(small, tmp_path):
    steps = []
    plan = Backtest([small], START + timedelta(days=8), tmp_path / "out")
    run_backtest(plan, SETTINGS, lambda *step: steps.append(step))
    assert steps[0] == ("train", 1, 11)
    assert steps[-1] == ("score", 11, 11)


@pytest.mark.parametrize(("day", "notes"), [(6, 3), (12, 2), (30, 1)])
def test_a_short_history_is_told(day, notes):
    made = write_notes(date(2026, 1, 5), date(2026, 1, 5) + timedelta(days=day - 5), principals=5)
    assert len(made) == notes
    assert any(note.startswith("deliveries before 2026-01-12 could not be judged") for note in made) == (day < 12)
