"""`oddtrail doctor`: the findings, as JSON and for a person."""

import re
from pathlib import Path

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import a_home, a_record


def test_findings_are_told_and_counted_by_level(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record(), {"eventName": 7, "arn": "arn:\x1b[31mred"}])
    told = answer("doctor", "--home", home)
    assert all(set(finding) == {"check", "level", "found", "do"} for finding in told["findings"])
    levels = [finding["level"] for finding in told["findings"]]
    assert told["count"] == {level: levels.count(level) for level in ("warning", "note", "ok")}
    assert "set aside" in {finding["check"] for finding in told["findings"]}


def test_a_job_can_ask_whether_anything_needs_somebody(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record()])
    assert answer("doctor", "--home", home)["count"]["warning"]
    assert run("doctor", "--home", home).exit_code == 0
    assert run("doctor", "--home", home, "--exit-code", "--quiet").exit_code == 3


def test_it_is_told_in_korean_and_to_machines_in_english(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record(), {"eventName": 7, "arn": "arn:\x1b[31mred"}])
    told = run("doctor", "--home", home, "--lang", "ko").stdout
    assert "경고" in told
    assert "계정 111122223333에 없습니다." in told
    assert not re.search(r"\b(warning|note|unseen|kept|found|Run|the|is)\b", told)
    assert answer("doctor", "--home", home, "--lang", "ko") == answer("doctor", "--home", home)


def test_what_a_person_reads_says_level_check_and_what_to_do_and_lets_no_record_paint(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record(), {"eventName": 7, "arn": "arn:\x1b[31mred"}])
    shown = run("doctor", "--home", home).stdout
    assert "\x1b[31mred" not in shown
    assert "warning" in shown
    assert "set aside" in shown
    assert "→" in shown
