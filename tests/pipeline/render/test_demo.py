"""What the demo prints: strong alerts as stories, weaker ones in lines, and which attacks were found or missed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.alerts.events import AlertEvents
from pipeline.demo.run import Demo
from pipeline.demo.verdict import Found, Missed, Verdict
from pipeline.render.demo import render_demo
from pipeline.simulate.truth import Campaign, Truth
from tests.builders import a_reason, an_alert, an_event
from tests.pipeline.alerts.korean import KOREAN
from tests.pipeline.render.printing import printed

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_campaign(name: str, **fields: Any) -> Campaign:
    named: dict[str, Any] = {"id": name, "degree": "loud", "technique": "bucket-ransom", "principal_name": "deploy"}
    named |= {"principal_arn": "", "principal_key": "", "start": "", "end": "", "event_ids": ("e1",)}
    return Campaign(**(named | fields))


def a_demo() -> Demo:
    campaigns = [a_campaign("c1"), a_campaign("c2", degree="stealthy", technique="key-theft", principal_name="ann")]
    verdict = Verdict(
        found=[Found(campaigns[0], "a1", timedelta(minutes=7))],
        missed=[Missed(campaigns[1], "3 calls, of 1 kind")],
        harmless={"b2": "a release", "c3": "a release"},
    )
    strong = an_alert("a1", event_ids=["e1"])
    weak = {"severity": "medium", "reasons": [a_reason(nats=1.0, text="less"), a_reason(nats=2.0, text="more")]}
    alerts = [strong, an_alert("b2", record_score=55.0, **weak), an_alert("c3", record_score=66.0, **weak)]
    evidence = {"a1": AlertEvents([an_event(NINE, event_id="e1", action="s3:DeleteBucket", asn=0)], 3, "")}
    seconds = dict.fromkeys(("simulate", "ingest", "train", "score"), 1.0)
    truth = Truth(people=3, machines=2, events=1234, campaigns=campaigns)
    return Demo(Path("demo"), 7, truth, 35, 28, seconds, alerts, evidence, verdict)


def shown() -> str:
    return printed(render_demo(a_demo(), ZoneInfo("UTC"), lambda command: f"oddtrail {command} --home demo"))


def test_a_critical_alert_is_a_story_and_says_what_was_planted() -> None:
    text = shown()
    assert "s3:DeleteBucket" in text
    assert "and 2 other calls in these hours" in text
    assert "✔ planted: bucket ransom (loud), raised 7 min after it began" in text


def test_weaker_alerts_are_lines_with_their_weightiest_reason_the_strongest_first() -> None:
    text = shown()
    assert "2 weaker alerts" in text
    assert text.index("66  02 Mar 10:00") < text.index("55  02 Mar 10:00")
    assert "more" in text
    assert "less\n" not in text
    assert text.count("· harmless: a release") == 2


def test_each_attack_is_found_or_says_why_it_was_missed() -> None:
    text = shown()
    assert "Found 1 of 2 planted attacks" in text
    assert "✔  bucket ransom as deploy, after 7 min" in text
    assert "✘  key theft as ann, missed: 3 calls, of 1 kind" in text
    assert "2 alerts were no attack but odd all the same: a release ×2." in text


def test_the_strongest_alert_is_what_to_look_at_next() -> None:
    assert "oddtrail alerts show a1 --home demo" in shown()


def test_it_is_told_in_korean_and_what_is_in_the_data_stays() -> None:
    demo = a_demo()
    demo.verdict.harmless = {"b2": "release", "c3": "release"}
    demo.verdict.missed[0] = Missed(
        demo.truth.campaigns[1], "1 call, of 1 kind: 0 {name} made before, 1 others make here"
    )
    text = printed(render_demo(demo, ZoneInfo("UTC"), lambda command: f"`oddtrail {command}`", KOREAN))
    assert "모의 공격 2건 중 1건을 찾았습니다" in text
    assert "✔ 모의 공격: bucket ransom(눈에 띄는), 시작 7분 뒤 발령" in text
    assert "호출 1회, 1종: {name}이(가) 전에 한 것 0종, 다른 주체도 하는 것 1종" in text
    assert "경보 2건은 공격이 아니지만 특이한 활동이었습니다: 배포 ×2." in text
    assert not re.search(r"\b(the|of|was|raised|attacks?|after)\b", re.sub("`.*`", "", text))


def test_a_demo_that_found_nothing_shows_no_alert() -> None:
    demo = a_demo()
    demo.alerts, demo.verdict = [], Verdict(missed=[Missed(one, "too little") for one in demo.truth.campaigns])
    text = printed(render_demo(demo, ZoneInfo("UTC"), lambda command: command))
    assert "Found 0 of 2 planted attacks" in text
    assert "alerts show" not in text
