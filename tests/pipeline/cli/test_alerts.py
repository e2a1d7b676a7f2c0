"""`oddtrail alerts`: an alert is found, shown whole, and harmless whatever its names hold."""

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.cli.session import Session
from pipeline.stores.alert import AlertLine
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.builders import a_reason
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, an_id, with_alerts
from tests.pipeline.render.hostile import HOSTILE

ROOT = Path(__file__).parents[3]
FIVE_PAST = NINE + timedelta(minutes=5)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records = [
        a_record(NINE + timedelta(minutes=1)),
        a_record(FIVE_PAST, "CreateAccessKey", "iam", awsRegion="us-east-1", requestParameters={"userName": "backup"}),
        a_record(NINE + timedelta(minutes=6), "GetSecretValue", "secretsmanager", errorCode="AccessDenied"),
    ]
    weaker = an_alert(
        alert_id="aaaa", record_score=30.0, severity="minor", raised=False, detected_at="2026-03-01T00:00:00Z"
    )
    return with_alerts(a_home(tmp_path_factory.mktemp("alerts"), records), an_alert(), weaker)


def test_raised_alerts_are_listed_and_held_ones_when_asked_for(home: Path) -> None:
    assert [alert["alert_id"][:4] for alert in answer("alerts", "list", "--home", home)["alerts"]] == ["3f9a"]
    assert answer("alerts", "list", "--home", home, "--all")["count"] == 2
    shown = run("alerts", "list", "--home", home).stdout
    assert "3f9ac2d1e0b7" in shown
    assert "91" in shown
    assert "aaaa" not in shown


def test_alerts_are_found_by_time_principal_and_score(home: Path) -> None:
    def count(*filters: str) -> int:
        return int(answer("alerts", "list", "--all", "--home", home, *filters)["count"])

    assert count("--since", "2026-03-02") == 1
    assert count("--principal", "DEPLOY") == 2
    assert count("--principal", "nobody") == 0
    assert count("--min-score", "50") == 1
    assert (count("--severity", "high"), count("--severity", "low")) == (1, 2)
    assert run("alerts", "list", "--home", home, "--severity", "minor").exit_code == 2
    assert run("alerts", "list", "--home", home, "--since", "yesterday-ish").exit_code == 1


def test_the_strongest_stands_first_and_each_says_how_grave_it_is(tmp_path: Path) -> None:
    rare, grave = an_alert(alert_id="rare", record_score=98.0, severity="medium"), an_alert(alert_id="grave")
    home = with_alerts(a_home(tmp_path, [a_record()]), rare, grave)
    assert [one["alert_id"] for one in answer("alerts", "list", "--home", home)["alerts"]] == ["rare", "grave"]
    shown = run("alerts", "list", "--home", home).stdout
    assert shown.index("medium") < shown.index("critical")
    assert "alerts show rare" in shown
    assert "alerts show grave" in run("alerts", "list", "--home", home, "--severity", "high").stdout


def test_a_script_can_tell_alerts_from_none_and_from_not_knowing(home: Path, tmp_path: Path) -> None:
    assert run("alerts", "list", "--home", home).exit_code == 0
    assert run("alerts", "list", "--home", home, "--exit-code").exit_code == 3
    assert run("alerts", "list", "--home", home, "--exit-code", "--min-score", "99").exit_code == 0
    never_scored = a_home(tmp_path, [a_record()])
    result = run("alerts", "list", "--home", never_scored)
    assert result.exit_code == 1
    assert "nothing has been scored" in result.stderr


def test_an_alert_is_told_whole(home: Path) -> None:
    shown = run("alerts", "show", "3f9a", "--home", home).stdout
    for part in (
        "deploy in 111122223333, from 198.51.100.7, with aws-cli, key ASIAEXAMPLEEXAMPLE12, session run of 02 Mar "
        "08:30",
        "09:05:00    iam:CreateAccessKey: user backup",
        "and 2 other calls in these hours",
        "never in 213 active hours, none of 9 peers; now 1 call",
        "1.4    25  25 calls in an hour, where 1.4 is typical",
        "Ask the owner of deploy",
        "List what was left behind",
        an_id("CreateAccessKey", FIVE_PAST),
        f"oddtrail alerts show 3f9ac2d1e0b7 --home {home} --events",
        "Persistence",
        "T1098",
        "source.address 198.51.100.7 (90% of the evidence)",
        "20513-0123456789abcdef, revision 1",
    ):
        assert part in shown or part in " ".join(shown.split()), part


def test_its_contributions_add_up_to_its_evidence(home: Path) -> None:
    lines = run("alerts", "show", "3f9a", "--home", home, "--numbers").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith("evidence"))
    words = [line.split()[0] for line in lines[start + 1 :] if line.strip()]
    assert [word for word in words if re.fullmatch(r"[+-]?\d+\.\d", word)] == ["+8.2", "+1.0", "+0.2", "9.5"]


def test_they_are_told_in_the_language_that_is_asked_for(home: Path) -> None:
    for shown in (
        run("alerts", "show", "3f9a", "--home", home, "--lang", "ko").stdout,
        run("alerts", "show", "3f9a", "--home", home, ODDTRAIL_LANGUAGE="ko").stdout,
        run("alerts", "show", "3f9a", "--home", home, "--markdown", "--lang", "ko").stdout,
        run("alerts", "list", "--home", home, "--lang", "ko").stdout,
    ):
        assert "iam:CreateAccessKey 호출" in shown
    wrong = run("alerts", "list", "--home", home, "--lang", "fr")
    assert wrong.stderr.strip() == "oddtrail: --language is 'fr': give en or ko"
    assert answer("alerts", "show", "3f9a", "--home", home, "--lang", "ko") == answer(
        "alerts", "show", "3f9a", "--home", home
    )


def test_the_query_that_is_shown_finds_what_its_principal_did(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = answer("alerts", "show", "3f9a", "--home", home)["query"]
    assert query in run("alerts", "show", "3f9a", "--home", home, COLUMNS="40").stdout, "in lines that can be copied"
    names: dict[str, Any] = {}
    exec(query, names)
    assert [row[1] for row in names["found"].fetchall()] == [
        "ec2:DescribeInstances",
        "iam:CreateAccessKey",
        "secretsmanager:GetSecretValue",
    ]
    assert "CreateAccessKey" in capsys.readouterr().out


def test_an_alert_of_a_backtest_is_told_without_its_events(tmp_path: Path) -> None:
    result = with_alerts(tmp_path, an_alert())
    assert "oddtrail alerts show 3f9ac2d1e0b7" in run("alerts", "list", "--home", result).stdout
    shown = run("alerts", "show", "3f9a", "--home", result)
    assert shown.exit_code == 0
    for part in ("not in this home", "never in 213 active hours", "Ask the owner of deploy", "T1098"):
        assert part in shown.stdout
    assert "--events" not in shown.stdout
    assert answer("alerts", "show", "3f9a", "--home", result)["query"] is None
    assert run("alerts", "show", "3f9a", "--home", result, "--events").exit_code == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "alerts.jsonl"]


def test_an_alert_of_a_backtest_has_the_story_it_kept(tmp_path: Path) -> None:
    line = AlertLine(time=NINE, text="iam:CreateAccessKey: user backup", calls=1)
    result = with_alerts(tmp_path, msgspec.structs.replace(an_alert(), story=(line,)))
    shown = run("alerts", "show", "3f9a", "--home", result).stdout
    assert "09:00:00    iam:CreateAccessKey: user backup" in shown
    assert "As it was when the alert was made" in shown
    assert "--events" not in shown
    assert answer("alerts", "show", "3f9a", "--home", result)["story"]["lines"][0]["text"] == line.text


def test_a_backtest_that_raised_nothing_has_no_alerts(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").touch()
    result = run("alerts", "list", "--home", tmp_path)
    assert (result.exit_code, result.stdout[:9]) == (0, "No alerts")


def test_the_raw_records_are_printed_as_they_came(home: Path) -> None:
    [line] = run("alerts", "show", "3f9a", "--home", home, "--events").stdout.splitlines()
    assert json.loads(line)["requestParameters"] == {"userName": "backup"}


def test_the_json_of_an_alert_has_what_the_terminal_shows(home: Path) -> None:
    document = answer("alerts", "show", "3f9a", "--home", home)
    assert {"alert", "held", "story", "steps", "questions", "related", "revisions", "marks", "query"} == set(document)
    assert [line["text"] for line in document["story"]["lines"]][1:] == ["iam:CreateAccessKey: user backup"]
    assert document["story"]["left_out"] == 2
    assert "Ask the owner of deploy" in document["steps"][0]["text"]


def test_an_alert_is_written_for_a_ticket(home: Path) -> None:
    shown = run("alerts", "show", "3f9a", "--markdown", "--home", home).stdout
    assert shown.startswith("## critical 91: `deploy called iam:CreateAccessKey`\n")
    assert "09:05:00    iam:CreateAccessKey: user backup" in shown


@pytest.mark.parametrize("other", ["--events", "--json"])
def test_markdown_is_the_only_form_it_is_printed_in(other: str, home: Path) -> None:
    assert run("alerts", "show", "3f9a", "--markdown", other, "--home", home).exit_code == 2


def test_csv_and_json_are_not_both_printed(home: Path) -> None:
    result = run("alerts", "list", "--csv", "--json", "--home", home)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "choose one" in result.stderr


def test_a_list_is_as_long_as_asked_for_and_says_what_is_left(home: Path) -> None:
    listed = answer("alerts", "list", "--all", "--limit", "1", "--home", home)
    assert ([alert["alert_id"][:4] for alert in listed["alerts"]], listed["count"]) == (["3f9a"], 2)
    assert "1 weaker one is not shown" in run("alerts", "list", "--all", "--limit", "1", "--home", home).stdout
    assert "not shown" not in run("alerts", "list", "--all", "--limit", "2", "--home", home).stdout
    assert run("alerts", "list", "--limit", "0", "--home", home).exit_code == 2


def test_since_goes_by_when_an_alert_was_written_and_where_nobody_noted_that_by_detection(tmp_path: Path) -> None:
    """Old logs that are scored today are today's news."""
    written = AlertsJsonl(tmp_path / "alerts.jsonl", clock=lambda: NINE + timedelta(days=200))
    written.append([an_alert(alert_id="old-logs")])
    AlertsJsonl(tmp_path / "alerts.jsonl").append([an_alert(alert_id="no-clock")])

    def since(time: str) -> list[str]:
        found = answer("alerts", "list", "--home", tmp_path, "--since", time)["alerts"]
        return sorted(alert["alert_id"] for alert in found)

    assert since("2026-03-01") == ["no-clock", "old-logs"]
    assert since("2026-09-01") == ["old-logs"]
    assert since("2026-12-01") == []


def test_what_a_command_writes_says_when_and_what_a_replay_writes_does_not(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with Session({"home": tmp_path}).store as store:
        store.alerts.append([an_alert()])
    with open_store(tmp_path) as store:
        store.alerts.append([an_alert(alert_id="replayed")])
    assert [
        alert["alert_id"][:4] for alert in answer("alerts", "list", "--home", tmp_path, "--since", "1h")["alerts"]
    ] == ["3f9a"]


def test_the_help_says_what_a_score_was_measured_to_mean() -> None:
    text = " ".join(run("alerts", "list", "--help").output.split())
    reached = json.loads((ROOT / "benchmarks/results/quiet.json").read_text(encoding="utf-8"))["companies"].values()
    of_75, of_90 = ([float(one["reached"][score]["per_day"]) for one in reached] for score in ("75", "90"))
    assert f"measured: {min(of_75):.1f} to {max(of_75):.1f} a day, and {min(of_90):.1f} to {max(of_90):.1f}" in text


def test_an_id_that_nothing_has_is_said(home: Path) -> None:
    result = run("alerts", "show", "zzz", "--home", home)
    assert result.exit_code == 1
    assert "oddtrail alerts list" in result.stderr


NAMES = [name for name in HOSTILE if "\ud800" not in name]


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an alert about each name, and the records that hold it."""
    records, alerts = [], []
    for minute, name in enumerate(NAMES):
        at = NINE + timedelta(minutes=minute)
        records.append(a_record(at, "CreateUser", "iam", userAgent=name, requestParameters={"userName": name}))
        reason = a_reason(value=name, text=f"first tool {name}: in 0 of 2 active hours")
        fields = {"principal_name": name, "principal": name, "title": f"{name} did it", "members": [name]}
        ids = [an_id("CreateUser", at)]
        alerts.append(an_alert(alert_id=f"{minute:032x}", reasons=[reason], event_ids=ids, **fields))
    return with_alerts(a_home(tmp_path_factory.mktemp("hostile"), records), *alerts)


def controls(shown: str) -> set[str]:
    return {character for character in shown if not character.isprintable()} - {"\n"}


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_names_that_hurt_are_inert_in_a_list(form: list[str], hostile_home: Path) -> None:
    result = run("alerts", "list", *form, "--home", hostile_home)
    assert result.exit_code == 0, result.output
    assert not controls(result.stdout.replace("\r\n", "\n"))


@pytest.mark.parametrize("form", [[], ["--events"], ["--json"], ["--markdown"]])
def test_names_that_hurt_are_inert_in_an_alert(form: list[str], hostile_home: Path) -> None:
    for number, name in enumerate(NAMES):
        result = run("alerts", "show", f"{number:032x}", *form, "--home", hostile_home)
        assert result.exit_code == 0, result.output
        assert not controls(result.stdout), ascii(name)


def test_the_record_of_a_name_that_hurts_can_be_read_back(hostile_home: Path) -> None:
    for number, name in enumerate(NAMES):
        [line] = run("alerts", "show", f"{number:032x}", "--events", "--home", hostile_home).stdout.splitlines()
        assert json.loads(line)["requestParameters"]["userName"] == name


def test_a_csv_starts_no_formula(home: Path, tmp_path: Path) -> None:
    evil = with_alerts(tmp_path, an_alert(principal_name="=cmd|' /C calc'!A0", title="@SUM(1)"))
    [row] = csv.DictReader(io.StringIO(run("alerts", "list", "--csv", "--home", evil).stdout))
    assert row["principal_name"] == "'=cmd|' /C calc'!A0"
    assert row["title"] == "'@SUM(1)"
    assert row["record_score"] == "91.4"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_row_of_an_alert_fits_the_terminal_but_what_is_there_to_be_copied(width: int, home: Path) -> None:
    document = answer("alerts", "show", "3f9a", "--home", home)
    again = f"  oddtrail alerts show 3f9ac2d1e0b7 --home {home} --events"
    shown = run("alerts", "show", "3f9a", "--home", home, COLUMNS=str(width)).stdout.splitlines()
    assert again in shown
    copied = {again, *document["query"].splitlines()} | {line for line in shown if line.startswith("       aws ")}
    assert max(len(line) for line in shown if line not in copied) <= width


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    home = with_alerts(tmp_path, an_alert())
    with (home / "alerts.jsonl").open("ab") as file:
        file.write(b'{"alert_id": "x"}\n' + b"[1]\n" * 4)
    for shown in (run("alerts", "list", "--home", home), run("alerts", "list", "--home", home, "--json")):
        assert shown.exit_code == 0
        assert "3f9ac2" in shown.stdout
        assert f"{home / 'alerts.jsonl'}, line 2 cannot be read (Object missing required field" in shown.stderr
        assert "2 more lines of it cannot be read: `oddtrail doctor" in shown.stderr
        assert shown.stderr.count("\n") == 4
