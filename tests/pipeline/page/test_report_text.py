"""The report as text: read as it is, safe for a terminal and a mail, and without our jargon."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from pipeline.page.home import Home
from pipeline.page.period import read_period
from pipeline.page.report_text import WIDTH, write_text
from pipeline.settings import Settings
from pipeline.words.language import Language
from tests.builders import a_reason, an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts
from tests.pipeline.render.hostile import HOSTILE

DAY = NINE.date()


def written(home: Path, days: int = 1, language: Language = "en") -> str:
    shown = Home(Settings(home=home, language=language))
    return write_text(shown, read_period(shown, DAY - timedelta(days=days - 1), DAY))


def test_it_tells_who_did_what_why_it_is_odd_and_what_to_do_first(tmp_path: Path) -> None:
    alert = an_alert(title="jane made a key", principal_name="jane", reasons=[a_reason(text="first call x:Y")])
    lines = written(with_alerts(a_home(tmp_path, [a_record()]), alert), 2).splitlines()
    assert lines[:2] == ["oddtrail, 2026-03-01 to 2026-03-02", "1 incident in 2 days; 1 event held"]
    text = "\n".join(lines)
    for told in ("jane made a key", "jane (", "- first call x:Y", "First: ", "oddtrail alerts show a1"):
        assert told in text
    assert "Sun 1 Mar 2026  no event is held" in text
    assert "busiest: Mon 09:00" in text


def test_the_commands_of_the_first_step_stay_whole(tmp_path: Path) -> None:
    identities = ["arn:aws:iam::111122223333:role/deploy"]
    lines = written(with_alerts(tmp_path, an_alert(identities=identities, sessions=[]))).splitlines()
    [command] = [line.strip() for line in lines if line.strip().startswith("aws ")]
    assert command.startswith("aws iam put-role-policy --role-name deploy ")
    assert command.endswith("}]}'")


def test_a_quiet_day_says_whether_anything_was_looked_at(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record()])
    (home / "alerts.jsonl").touch()
    assert "quiet: 1 event, nothing raised" in written(home)
    assert "no event is held" in written(home, 2)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leaves_its_line_or_moves_a_cursor(tmp_path: Path, name: str) -> None:
    alert = an_alert(title=name, principal_name=name, reasons=[a_reason(text=name)])
    text = written(with_alerts(tmp_path, alert))
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text) < 10_000
    usual = written(with_alerts(tmp_path / "usual", an_alert(title="x", principal_name="x")))
    assert re.findall(r"^\S.*", text, re.MULTILINE)[:3] == re.findall(r"^\S.*", usual, re.MULTILINE)[:3]


def test_lines_but_commands_are_as_wide_as_a_mail(tmp_path: Path) -> None:
    def lines(language: Language) -> list[str]:
        return [line for line in written(home, language=language).splitlines() if not line.strip().startswith("aws ")]

    alert = an_alert(title="word " * 80, reasons=[a_reason(text="reason " * 60)])
    home = with_alerts(tmp_path, alert)
    assert max(map(len, lines("en"))) <= WIDTH
    korean = lines("ko")
    assert WIDTH - 20 < max(map(cell_len, korean)) <= WIDTH


def test_it_is_told_in_the_language_of_the_deployment(tmp_path: Path) -> None:
    reason = a_reason(text="first call s3:ListBuckets: never in 202 active hours, none of 9 peers; now 1 call")
    alert = an_alert(title="jane called s3:ListBuckets", principal_name="jane", reasons=[reason])
    text = written(with_alerts(a_home(tmp_path, [a_record()]), alert), 2, "ko")
    for told in (
        "oddtrail, 2026-03-01 ~ 2026-03-02",
        "2일간 인시던트 1건, 보관된 이벤트 1건",
        "2026년 3월 1일(일)  보관된 이벤트가 없음",
        "jane: s3:ListBuckets 호출",
        "가장 바쁜 시간: 월요일 09:00",
    ):
        assert told in text, told


def test_no_jargon_is_told(tmp_path: Path) -> None:
    assert not re.search(r"\b(nats?|evidence|surprise)\b", written(with_alerts(tmp_path, an_alert())))
