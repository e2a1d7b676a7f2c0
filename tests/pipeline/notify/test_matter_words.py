"""A matter of operations reads as a person writes it, whatever an attacker named an account, a path or a region."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.notify.matter import fold_matters
from pipeline.notify.matter_words import tell_matter
from pipeline.notify.notice import Maker, Notice, write_text
from pipeline.notify.ses import write_html, write_mail
from pipeline.notify.slack import write_blocks
from pipeline.notify.teams import write_message
from tests.pipeline.notify.hostile import HOSTILE, PAGE, every_text, strange_links

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUIET = {"account": "111122223333", "region": None, "since": "2026-03-02T10:00:00+00:00", "usual": 12.4}
EVENTS = {
    "silence": {"calls": [{"action": "x", "principal": "x", "event_id": "x"}] * 9, "alerts": ["x"] * 9, **QUIET},
    "integrity": {"what": "objects", "key": "k", "region": "x", "signature": "x", "command": "x", "count": 2},
    "model_refused": {"model_id": "x", "in_service": "x"},
    "model_not_opened": {"model_id": "x"},
    "unhealthy": {"what": "failing"},
}


def spoil(value, text):
    if isinstance(value, dict):
        return {key: each if key in ("what", "key", "since") else spoil(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [spoil(each, text) for each in value]
    return text if isinstance(value, str) else value


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_names_an_account_a_path_or_a_region_it_is_plain_and_short(name, language):
    for kind, more in EVENTS.items():
        text = HOSTILE[name][:1_900]
        event = {"at": NOW.isoformat(), "kind": kind, "text": text, "account": text, "region": text}
        [matter] = fold_matters([event | spoil(more, text)])
        for state in ("raised", "updated", "closed"):
            notice = tell_matter(Maker("oncall", "dep", page_url=PAGE, language=language), matter, state)
            texts = every_text(notice.as_dict())
            assert sum(map(len, texts)) < 20_000
            for each in texts:
                assert each.isprintable()
                assert strange_links(each) == []
                assert not {"@channel", "@here"} & set(each.lower().split())
            assert msgspec.json.decode(msgspec.json.encode(notice), type=Notice) == notice
            assert "<script>" not in write_html(notice)
            assert write_mail(notice, "a@b.example", ["c@d.example"])["Bcc"] is None
            assert len(write_message(notice)) < 28_000
            assert len(write_blocks(notice)["blocks"]) <= 50


def test_it_reads_as_a_person_would_write_it(tmp_path: Path) -> None:
    event = {"at": NOW.isoformat(), "kind": "silence", "text": "", **QUIET}
    event |= {"calls": [{"action": "cloudtrail:StopLogging", "principal": "role/ops"}], "alerts": ["3f9ac2d1e0b7"]}
    [matter] = fold_matters([event])
    maker = Maker("n", "prod", ZoneInfo("Asia/Seoul"), PAGE)
    lines = write_text(tell_matter(maker, matter, "raised"))
    assert lines[0] == "CRITICAL: Nothing has come of account 111122223333 since 02 Mar 19:00."
    assert "- Shortly before, cloudtrail:StopLogging was called, which switches logging off, by role/ops." in lines
    assert "   oddtrail alerts show 3f9ac2d1e0b7" in lines
    assert f"Open: {PAGE}/days" in lines
    korean = "\n".join(write_text(tell_matter(Maker("n", language="ko"), matter, "closed")))
    assert korean.startswith(
        "심각, 종료: 3월 2일 10:00 이후 계정 111122223333에서 이벤트가 없습니다.\n이벤트가 다시 들어옵니다."
    )


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("what", ["failing", "old_model", "stuck", "objects", "unread", "more"])
def test_each_says_what_to_do(kind: str, what: str) -> None:
    event = {"at": NOW.isoformat(), "kind": kind, "text": "it is so"} | EVENTS[kind] | {"what": what}
    [matter] = fold_matters([event])
    notice = tell_matter(Maker("n"), matter, "raised")
    assert notice.steps
    assert all(step.text.endswith(".") for step in notice.steps)
    assert notice.headline.endswith(".")
    assert tell_matter(Maker("n"), matter, "closed").changed


@pytest.mark.parametrize("text", ["", "3 ticks failed in a row: s3://a: denied", "1 alert for x stuck for 20 min"])
def test_why_a_watch_is_not_well_is_told_in_korean(text: str) -> None:
    [matter] = fold_matters([{"at": NOW.isoformat(), "kind": "unhealthy", "text": text, "what": "failing"}])
    headline = tell_matter(Maker("n", language="ko"), matter, "raised").headline
    assert headline.startswith("감시(watch)가 정상이 아닙니다: ")
    assert not {"ticks", "alert", "stuck"} & set(headline.split())
