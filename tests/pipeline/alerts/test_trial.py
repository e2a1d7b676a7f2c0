"""What the alerts of a small account with one bad day say, whole, from log files to what is printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.alerts.quiet_account import KEY, STRANGER, write_trail
from tests.pipeline.cli.commands import answer, run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quiet")
    write_trail(folder / "trail")
    answer("ingest", folder / "trail", "--home", folder / "home")
    for command in ("train", "score"):
        answer(command, "--home", folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def alerts(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer("alerts", "list", "--all", "--home", home)["alerts"]
    return found


def of(alerts: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The strongest alert of a principal."""
    return next(alert for alert in alerts if alert["principal_name"] == name)


def shown(home: Path, alert: dict[str, Any], *options: str) -> str:
    return run("alerts", "show", alert["alert_id"], *options, "--home", home, COLUMNS="400").stdout


def test_what_was_done_and_what_was_only_tried(alerts: list[dict[str, Any]]) -> None:
    paula, leaver = of(alerts, "paula"), of(alerts, "leaver-role")
    assert paula["title"].startswith("paula called cloudtrail:DeleteTrail and 4 more unusual calls, ")
    assert ", granted AdministratorAccess to user helper, " in paula["title"]
    opened = f"opened role billing to account {STRANGER}"
    assert f"{opened}, switched logging or a safeguard off, from a new network" in paula["title"]
    assert leaver["title"].startswith("leaver-role tried organizations:LeaveOrganization, denied")
    assert (paula["severity"], leaver["severity"]) == ("critical", "high")


def test_the_story_folds_the_noise_and_has_what_came_after_the_last_revision(
    home: Path, alerts: list[dict[str, Any]]
) -> None:
    lines = [
        line["text"]
        for line in answer("alerts", "show", of(alerts, "paula")["alert_id"], "--home", home)["story"]["lines"]
    ]
    text = "\n".join(lines)
    assert "20 × secretsmanager:CreateSecret: secret s-0, s-1, s-2 and 17 more" in text
    assert "6 × s3:PutObject: bucket invented-bucket-0, invented-bucket-1, invented-bucket-2 and 3 more" in text
    for call in (
        "cloudtrail:DeleteTrail: trail main",
        "iam:UpdateAssumeRolePolicy: role billing",
        "iam:AttachUserPolicy",
    ):
        assert call in text
    assert len(lines) < 12


def test_the_records_of_what_came_late_are_printed(home: Path, alerts: list[dict[str, Any]]) -> None:
    printed = run("alerts", "show", of(alerts, "paula")["alert_id"], "--events", "--home", home).stdout
    assert printed.count("PAY-US.txt") == 6


def test_root_that_is_used_every_day_is_worded_as_what_it_is(home: Path, alerts: list[dict[str, Any]]) -> None:
    root = of(alerts, "root of 444455556666")
    assert root["title"] == "root of 444455556666 was used"
    assert (root["severity"], root["raised"], root["held_because"]) == ("low", False, "evidence")
    text = shown(home, root, "--numbers")
    assert re.search(r"\+2\.\d +100%  seen  the root user was used: in 17 of 17 active hours; now 4 calls", text)
    assert re.search(r"raised +no, too little evidence: 2\.\d of 4", text)
    listed = run("alerts", "list", "--all", "--home", home, COLUMNS="200").stdout
    assert "daily budget" not in listed


def test_no_evidence_is_below_zero_and_no_reason_contradicts_another(home: Path, alerts: list[dict[str, Any]]) -> None:
    assert len(alerts) > 5
    for alert in alerts:
        assert alert["evidence"] > 0
        text = shown(home, alert)
        assert "\n +-" not in text
        assert not re.search(r" -\d+\.\d ", text)
        assert "e+0" not in text
        assert "nats" not in text
    paula = shown(home, of(alerts, "paula"))
    assert re.search(
        r"was switched off \(cloudtrail:DeleteTrail\):\s+never in \d{3}\s+active\s+hours;\s+now 1 call", paula
    )
    assert "no history of its own yet" not in paula


def test_a_count_alone_is_no_alarm(alerts: list[dict[str, Any]]) -> None:
    counts = [alert for alert in alerts if re.search(r"made \d+ calls in an hour, typical \d", alert["title"])]
    assert counts
    assert {alert["severity"] for alert in counts} == {"low"}


def test_who_opened_the_session_is_named_and_stopped_too(home: Path, alerts: list[dict[str, Any]]) -> None:
    leaver = of(alerts, "leaver-role")
    [session] = leaver["sessions"]
    assert (session["access_key"], session["session_name"]) == (KEY, "x1")
    assert [(one["principal_name"], one["access_key"]) for one in session["opened_by"]] == [
        ("quentin", "AKIAQUENTINXXXXXXXXX")
    ]
    text = shown(home, leaver)
    assert "opened by quentin (human) with key AKIAQUENTINXXXXXXXXX, from 203.0.113.99, sts:AssumeRole" in text
    assert "aws iam put-role-policy --role-name leaver-role --policy-name AWSRevokeOlderSessions" in text
    assert (
        "aws iam update-access-key --user-name quentin --access-key-id AKIAQUENTINXXXXXXXXX --status Inactive" in text
    )


def test_alerts_of_the_same_hands_name_each_other(home: Path, alerts: list[dict[str, Any]]) -> None:
    pair = [of(alerts, "paula"), of(alerts, "leaver-role")]
    for one, other in (pair, pair[::-1]):
        related = answer("alerts", "show", one["alert_id"], "--home", home)["related"]
        assert {"alert_id": other["alert_id"], "links": ["address 203.0.113.99"]}.items() <= next(
            near for near in related if near["alert_id"] == other["alert_id"]
        ).items()


def test_the_advice_has_the_commands_with_the_names_in_them(home: Path, alerts: list[dict[str, Any]]) -> None:
    steps = answer("alerts", "show", of(alerts, "paula")["alert_id"], "--home", home)["steps"]
    commands = [command for step in steps for command in step["commands"]]
    for command in (
        "aws iam update-access-key --user-name paula --access-key-id AKIAPAULAXXXXXXXXXXX --status Inactive",
        "aws cloudtrail describe-trails --region eu-west-1",
        "aws iam get-role --role-name billing --query Role.AssumeRolePolicyDocument",
        "aws iam detach-user-policy --user-name helper --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    ):
        assert command in commands


def test_an_alert_of_a_backtest_has_its_story(home: Path, tmp_path: Path) -> None:
    answer("backtest", home.parent / "trail", "--train-until", "2026-01-22", "--out", tmp_path / "out")
    listed = answer("alerts", "list", "--home", tmp_path / "out")["alerts"]
    text = run("alerts", "show", of(listed, "paula")["alert_id"], "--home", tmp_path / "out").stdout
    assert "cloudtrail:DeleteTrail: trail main" in text
    assert "20 × secretsmanager:CreateSecret" in text
