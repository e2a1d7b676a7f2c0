"""`oddtrail alerts mark`, `marks` and `unmark`: the price is told before it is saved, and the log keeps it all."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.feedback.take_over import note_waiting
from pipeline.search.engine import Answer
from pipeline.stores.home import open_store
from tests.builders import a_reason
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts
from tests.pipeline.render.hostile import HOSTILE

ID = "3f9ac2d1e0b74c55a6d7e8f901234567"
CALL, PLACE = a_reason(dimension="write", value="iam:CreateUser"), a_reason(dimension="country", value="KP")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return with_alerts(a_home(tmp_path, [a_record()]), an_alert(reasons=(CALL, PLACE)))


def kept(home: Path) -> list[Any]:
    with open_store(home) as store:
        return store.marks.every()


def mark(home: Path, *more: str, typed: str | None = None):
    arguments = ["alerts", "mark", "3f9a", *more, "--home", str(home)]
    return CliRunner().invoke(app, arguments, input=typed, prog_name="oddtrail")


def test_what_is_expected_is_priced_and_asked_for(home: Path) -> None:
    refused = mark(home, "expected", typed="n\n")
    assert refused.exit_code == 0
    assert "place=KP (country)" in refused.stderr
    assert (
        "Past: 1 alert since 2025-12-02 has some of it.\n1 was not judged again, for no model of then is kept: 1 would "
        in (refused.stderr)
    )
    assert "Attacks: none could be planted to try it, for there is no model in service." in refused.stderr
    assert "Nothing was saved." in refused.stdout
    assert kept(home) == []
    assert mark(home, "expected", "--note", "the new pipeline", "--by", "ana", typed="y\n").exit_code == 0
    [made] = kept(home)
    assert (made.verdict, made.by, made.note, made.source) == ("expected", "ana", "the new pipeline", "command")
    assert made.price == {"past": 1, "judged": 0, "hidden": 1, "planted": None, "found": None, "missed": None}


def test_where_nobody_answers_nothing_is_saved(home: Path) -> None:
    assert "add --yes, or --dry-run" in mark(home, "expected", typed="").stderr
    assert "add --yes, or --dry-run" in mark(home, "expected", "--json").stderr
    assert mark(home, "expected", "--dry-run").exit_code == 0
    assert kept(home) == []


def test_a_script_saves_it_and_reads_it_back(home: Path) -> None:
    made = answer("alerts", "mark", ID, "expected", "--for", "place=KP", "--scope", "group", "--yes", "--home", home)
    assert made["saved"]
    assert made["mark"]["values"] == [{"dimension": "country", "value": "KP"}]
    assert made["price"]["past"] == 1
    [listed] = answer("alerts", "marks", "--home", home)["marks"]
    assert (listed["id"], listed["state"], listed["scope"]) == (made["mark"]["id"], "counts", "group")
    [shown] = answer("alerts", "show", ID, "--home", home)["marks"]
    assert shown == listed
    assert "Marked" in run("alerts", "show", ID, "--home", home).stdout


def test_malicious_and_unsure_cost_nothing_and_are_not_asked_for(home: Path) -> None:
    assert mark(home, "malicious").exit_code == 0
    assert mark(home, "unsure", "--note", "asked her").exit_code == 0
    malicious, unsure = kept(home)
    assert str(malicious.days[0]) == "2026-03-02"
    assert (unsure.days, unsure.values, unsure.note) == ((), (), "asked her")


def test_a_mark_is_taken_back_and_the_log_keeps_both(home: Path) -> None:
    made = answer("alerts", "mark", ID, "malicious", "--home", home)["mark"]["id"]
    assert run("alerts", "unmark", made[:6], "--home", home, "--note", "a drill", "--by", "bob").exit_code == 0
    assert answer("alerts", "marks", "--home", home)["marks"] == []
    first, gone = answer("alerts", "marks", "--all", "--home", home)["marks"]
    assert (first["state"], gone["undoes"], gone["by"], gone["note"]) == ("undone", made, "bob", "a drill")
    assert "counts no more already" in run("alerts", "unmark", made, "--home", home).stderr
    assert "no mark's id starts with 'zz'" in run("alerts", "unmark", "zz", "--home", home).stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["sure"], "is no verdict"),
        (["expected", "--scope", "deployment"], "give principal or group"),
        (["expected", "--for", "place=KR"], "names no 'place=KR'"),
        (["expected", "--days", "0"], "give 1 to 730"),
        (["unsure", "--note", "x" * 2001], "2,001 characters"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_to_do(home: Path, arguments: list[str], why: str) -> None:
    refused = mark(home, *arguments)
    assert refused.exit_code in (1, 2)
    assert why in " ".join(refused.stderr.split())
    assert kept(home) == []


def test_an_export_runs_nothing_whatever_the_names_hold(tmp_path: Path) -> None:
    hostile = "=HYPERLINK(1)" + "".join(HOSTILE[:10])
    alert = an_alert(principal_name=hostile, reasons=(a_reason(dimension="agent", value=hostile[:600]),))
    home = with_alerts(a_home(tmp_path, [a_record()]), alert)
    assert mark(home, "expected", "--yes", "--note", "@SUM(1)\x1b[31m\nnext").exit_code == 0
    [row] = csv.DictReader(io.StringIO(run("alerts", "marks", "--csv", "--home", home).stdout))
    assert row["note"].startswith("'@SUM(1)\\x1b[31m")
    assert row["principal_name"].startswith("'=HYPERLINK")
    shown = run("alerts", "marks", "--home", home).stdout
    assert "\x1b" not in shown
    assert json.loads(run("alerts", "marks", "--json", "--home", home).stdout)["marks"][0]["note"].startswith("@SUM")


def test_what_other_tools_marked_is_taken_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {"verdict": "False Positive", "owner": "eve", "note": "the new pipeline"}

    class Index:
        def __init__(self, url: Any, **_: Any) -> None:
            assert url.origin == "http://localhost:9200"

        def ask(self, *_: Any, **__: Any) -> Answer:
            strange = {"alert_id": "ffff", "triage": {"verdict": "malicious"}}
            hits = [{"_source": {"alert_id": ID, "triage": dict(said)}}, {"_source": strange}]
            return Answer(200, {"hits": {"hits": hits}})

        def close(self) -> None: ...

    monkeypatch.setattr("pipeline.search.engine.Engine", Index)
    read = ["alerts", "marks", "--from", "opensearch+http://localhost:9200", "--home", str(home)]
    assert "add --yes" in run(*read, "--json").stderr, "what is expected is asked for, here as everywhere"
    assert any("not marked" in line for line in answer(*read, "--dry-run")["read"])
    assert kept(home) == []
    told = answer(*read, "--yes")["read"]
    assert any("no alert" in line for line in told)
    [made] = kept(home)
    assert (made.verdict, made.by, made.source, made.note) == ("expected", "eve", "index", "the new pipeline")
    answer(*read, "--yes")
    assert len(kept(home)) == 1
    said["verdict"] = "malicious"
    answer(*read, "--yes")
    assert [one.verdict for one in kept(home)] == ["expected", "undone", "malicious"]


def test_what_waits_in_an_index_is_told_with_the_list(home: Path) -> None:
    with open_store(home) as store:
        note_waiting(store, "https://search:9200", 2)
    told = " ".join(run("alerts", "marks", "--home", home).stdout.split())
    assert "2 alerts are called expected in https://search:9200 and wait for your word" in told
    assert answer("alerts", "marks", "--home", home)["waiting"] == {"https://search:9200": 2}


@pytest.mark.parametrize("text", [text[:1_900] for text in HOSTILE])
def test_notes_and_names_of_any_content_are_kept_listed_and_exported(home: Path, text: str) -> None:
    done = mark(home, "unsure", "--note", f"a{text}", "--by", text[:150])
    assert (done.exit_code, done.exception) == (0, None), done.stderr
    for arguments in (["marks"], ["marks", "--csv"], ["marks", "--json"], ["show", ID], ["marks", "--lang", "ko"]):
        shown = run("alerts", *arguments, "--home", home)
        if "--lang" not in arguments:
            assert shown.exit_code == 0, shown.stderr
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066\u2028]", shown.stdout), arguments
    [row] = csv.DictReader(io.StringIO(run("alerts", "marks", "--csv", "--home", home).stdout))
    assert not row["by"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_who_says_otherwise_is_told_what_counts_beside_it(home: Path) -> None:
    first = answer("alerts", "mark", ID, "malicious", "--home", home)["mark"]["id"]
    told = mark(home, "expected", "--yes").stdout
    assert f"Mark {first} says that it is malicious, and counts as well" in " ".join(told.split())
    assert f"alerts unmark {first}" in told


def test_all_of_it_is_told_in_korean(home: Path) -> None:
    asked = mark(home, "expected", "--by", "ana", "--lang", "ko", typed="y\n")
    made = kept(home)[0]
    told = [
        asked.stderr + asked.stdout,
        mark(home, "malicious", "--lang", "ko").stdout,
        run("alerts", "marks", "--home", home, "--lang", "ko").stdout,
        run("alerts", "show", "3f9a", "--home", home, "--lang", "ko").stdout.split("판정 ")[-1],
        run("alerts", "unmark", made.id, "--home", home, "--lang", "ko").stdout,
    ]
    assert "저장할까요?" in told[0]
    for text in told:
        left = re.sub(r"oddtrail [a-z]+ [a-z]+( \S+)* --home \S+|place=\S+|call=\S+|[a-z]+:[A-Za-z]+", "", text)
        assert not re.search("[A-Za-z]{3,} [a-z]{2,}", left), left
    refused = run("alerts", "mark", "3f9a", "expected", "--days", "0", "--home", home, "--lang", "ko")
    assert refused.stderr.strip() == "oddtrail: --days 값이 0입니다. 1에서 730 사이로 지정하세요"
