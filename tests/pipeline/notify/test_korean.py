"""What people are sent in Korean is Korean, whatever carries it; names and commands stay as they are."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.notify.change import Told, find_change
from pipeline.notify.choose import HELD
from pipeline.notify.config import StdoutNotifier
from pipeline.notify.notice import Maker, Notice, write_text
from pipeline.notify.outbox import Outbox
from pipeline.notify.pagerduty import write_event
from pipeline.notify.ses import write_html, write_mail
from pipeline.notify.slack import write_blocks
from pipeline.notify.sns import write_subject
from pipeline.notify.teams import write_message
from pipeline.notify.word import Word
from pipeline.settings import Settings
from pipeline.stores.harm import KINDS
from pipeline.stores.home import open_store
from pipeline.words.catalogue import find_words
from tests.builders import an_alert
from tests.pipeline.notify.hostile import PAGE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SESSION = {
    "access_key": "ASIAEXAMPLE", "session_name": "deploy-42", "identity": "deploy", "account": "111122223333",
    "started": "2026-03-02T08:00:00Z", "mfa": False, "agents": ["aws-cli/2.15"], "addresses": ["198.51.100.7"],
    "calls": 1, "issued_keys": ["AKIAEXAMPLE"], "opened_by": [],
}  # fmt: skip
ALERT = an_alert(
    revision=2, sessions=[SESSION], related=["a2"], drill="d1",
    title="[drill] deploy called iam:CreateAccessKey and 1 more unusual call",
)  # fmt: skip
WORD = Word("0" * 12, "malicious", "ana", "", NOW, indexed=True)
KOREAN = find_words("ko")


def a_notice() -> Notice:
    """An update of an alert that says all there is to say."""
    change = find_change(ALERT, Told(1, "low"), "low", WORD, KOREAN)
    assert change is not None
    return Maker("oncall", "prod", ZoneInfo("Asia/Seoul"), PAGE, "ko").tell(ALERT, change)


def a_digest() -> Notice:
    """Two of them as one."""
    maker = Maker("oncall", "prod", ZoneInfo("Asia/Seoul"), PAGE, "ko")
    return maker.gather([a_notice()] * 2, HELD, NOW)


WRITERS: dict[str, Callable[[Notice], Any]] = {
    "text": lambda notice: "\n".join(write_text(notice)),
    "mail": write_html,
    "slack": lambda notice: json.dumps(write_blocks(notice), ensure_ascii=False),
    "teams": lambda notice: json.dumps(json.loads(write_message(notice)), ensure_ascii=False),
    "pagerduty": lambda notice: json.dumps(write_event(notice), ensure_ascii=False),
}
ENGLISH = re.compile(
    r"\b(Who|Where|When|Used|Open|Why|What to do next|On the machine|deployment|never in|active hours|is typical|"
    r"other alert|Ask|since|DRILL|CRITICAL|updated|several|called|marked)\b(?!\":)"
)


@pytest.mark.parametrize("carried", WRITERS)
@pytest.mark.parametrize("make", [a_notice, a_digest, lambda: Maker("n", language="ko").test(NOW)])
def test_no_sentence_is_english_but_names_and_commands(carried: str, make: Callable[[], Notice]) -> None:
    text = WRITERS[carried](make())
    said = re.sub(r"aws [^<\"\n]*|`[^`]*`|oddtrail alerts show \w+|\"(type|action_id|class)\": \"[^\"]*\"", "", text)
    assert not ENGLISH.findall(said)
    assert re.search("[가-힣]", said)


def test_a_message_reads_as_a_person_would_write_it() -> None:
    lines = write_text(a_notice())
    assert lines[0] == "훈련, 심각, 갱신: [훈련] deploy: iam:CreateAccessKey 외 특이한 호출 1건."
    assert lines[1:3] == ["ana(경보 인덱스 기준) 판정: 악의적 활동", "심각도가 낮음에서 심각(으)로 바뀌었습니다."]
    assert "시각: 2026년 3월 2일(월), 18:00 ~ 19:00 Asia/Seoul" in lines
    assert "사용 수단: 키 ASIAEXAMPLE, 세션 deploy-42, 3월 2일 17:00부터, MFA 없음, 호출 1회" in "\n".join(lines)
    assert a_digest().headline == "지난 알림 이후 경보 2건 (심각 2건)."


def test_every_kind_of_harm_has_its_words() -> None:
    assert not [text for kind in KINDS.values() for text in (kind.done, kind.tried) if KOREAN.find(text) == text]


def test_a_subject_that_must_be_ascii_says_what_it_can() -> None:
    assert write_subject(a_notice(), 99) == "oddtrail CRITICAL, updated a1"
    assert "훈련" in str(write_mail(a_notice(), "odd@example.com", ["soc@example.com"])["Subject"])


def test_a_notifier_is_told_in_its_language_or_else_in_the_deployments(tmp_path: Any) -> None:
    store = open_store(tmp_path)

    def language(own: Any, deployment: Any) -> str:
        settings = Settings(home=tmp_path, language=deployment)
        notifier = StdoutNotifier(kind="stdout", language=own)
        return Outbox(store, settings, {}).maker("n", notifier).language

    assert [language(*each) for each in ((None, None), (None, "ko"), ("en", "ko"), ("ko", None))] == [
        "en", "ko", "en", "ko",
    ]  # fmt: skip
