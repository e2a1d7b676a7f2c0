"""An alert as text: how strong, who and when first, then why, in numbers that add up, then what to do."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.alerts.playbook import advise
from pipeline.alerts.story import Line, Story
from pipeline.render.alert import (
    GONE,
    render_full,
    render_heading,
    render_list,
    render_short,
    render_steps,
    render_story,
    write_span,
)
from pipeline.render.alert_why import render_reasons
from pipeline.stores.alert import Alert
from pipeline.words.catalogue import find_words
from tests.builders import a_count, a_reason, an_alert
from tests.pipeline.alerts.test_playbook import a_session
from tests.pipeline.render.printing import printed

ZONE = ZoneInfo("UTC")
NINE = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
STORY = Story(
    [
        Line(NINE, "deploy in 111122223333, from 198.51.100.7", opens=True),
        Line(NINE, "iam:CreateAccessKey  user:backup"),
        Line(NINE.replace(minute=6), "secretsmanager:GetSecretValue  denied", denied=True),
    ],
    left_out=1200,
)


def test_the_heading_says_how_strong_what_who_where_and_when() -> None:
    first, second = printed(render_heading(an_alert("0123456789abcdef"), ZONE)).splitlines()
    assert first == "critical 91  deploy called iam:CreateAccessKey"
    assert second.strip() == "deploy (workload) in 111122223333, Mon 2 Mar 2026, 09:00–10:00 UTC, alert 0123456789ab"


@pytest.mark.parametrize(
    ("accounts", "where"),
    [(["1"], "in 1, "), (["1", "2"], "in 1 and 1 more account, "), (["1", "2", "3"], "in 1 and 2 more accounts, ")],
)
def test_other_accounts_are_counted(accounts: list[str], where: str) -> None:
    assert where in printed(render_heading(an_alert(account="1", accounts=accounts), ZONE))


@pytest.mark.parametrize(
    ("start", "end", "zone", "span"),
    [
        ("2026-03-01T21:00:00Z", "2026-03-02T00:00:00Z", "UTC", "Sun 1 Mar 2026, 21:00–00:00 UTC"),
        ("2026-03-01T21:00:00Z", "2026-03-02T00:00:00Z", "Asia/Seoul", "Mon 2 Mar 2026, 06:00–09:00 Asia/Seoul"),
        ("2026-03-01T21:00:00Z", "2026-03-02T03:00:00Z", "UTC", "Sun 1 Mar 2026, 21:00–Mon 2 Mar, 03:00 UTC"),
    ],
)
def test_hours_are_those_of_the_deployments_zone(start: str, end: str, zone: str, span: str) -> None:
    assert write_span(an_alert(window_start=start, window_end=end), ZoneInfo(zone)) == span


def numbers(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()]


def test_all_reasons_stand_with_typical_and_present_values_and_add_up() -> None:
    shown = printed(render_reasons(an_alert(reasons=[a_count(), a_reason(typical=0.031)]), numbers=True))
    assert numbers(shown) == ["evidence", "+8.2", "+1.0", "+0.2", "9.5"], "the weightiest first"
    lines = shown.splitlines()
    assert "3.1%  seen  first call iam:CreateAccessKey" in lines[1]
    assert "1.4    25  25 calls in an hour" in lines[2]
    assert lines[-1].endswith("in all; each 2.3 makes an attacker ten times likelier than the principal")
    assert "nats" not in shown


def test_evidence_is_told_in_words_unless_numbers_are_asked_for() -> None:
    shown = printed(render_reasons(an_alert(reasons=[a_count(), a_reason(typical=0.031)])))
    assert [line.split("  ")[0] for line in shown.splitlines()][:4] == ["evidence", "very strong", "weak", "weak"]
    assert "an attacker is some 13,000 times likelier to do this than the principal" in " ".join(shown.split())
    assert "8.2" not in shown


def test_an_alert_is_told_in_korean_with_its_names_as_they_are() -> None:
    alert = msgspec.convert(an_alert().as_dict() | {"sessions": [a_session()]}, Alert)
    shown = printed(render_full(alert, ZONE, STORY, None, "oddtrail", words=find_words("ko")))
    for part in (
        "심각 91",
        "deploy: iam:CreateAccessKey 호출",
        "2026년 3월 2일(월), 09:00–10:00 UTC",
        "무슨 일이 있었나",
        "deploy(계정 111122223333), 출발지 198.51.100.7",
        "처음 보는 호출 iam:CreateAccessKey",
        "먼저 할 일",
    ):
        assert part in shown, part
    ours = re.sub(r"[a-z]+:[A-Za-z]+|aws .*|ASIA\w+|T\d+|\S+[./=]\S+|--\w+", "", shown)
    assert not re.findall(r"\b(the|of|from|with|in|and|is|never|now|calls?)\b", ours)


def test_of_few_reasons_the_others_are_added_up() -> None:
    shown = printed(render_reasons(an_alert(), at_most=1, numbers=True))
    assert numbers(shown) == ["+8.2", "+1.2", "9.5"]
    assert "smaller reasons" in shown
    assert "seen" not in shown


@pytest.mark.parametrize("evidence", [7.0, -3.0, 9.25])
def test_no_number_below_zero_is_shown_of_whatever_version(evidence: float) -> None:
    """Version 1 took off what is usual for the kind, so that its sums could be below zero."""
    shown = numbers(printed(render_reasons(an_alert(evidence=evidence, other=evidence - 9.25), numbers=True)))
    assert shown == ["evidence", "+8.2", "+1.0", "9.2"]


def test_an_alert_without_reasons_has_no_evidence() -> None:
    assert numbers(printed(render_reasons(an_alert(reasons=[], evidence=0.0), numbers=True))) == ["evidence", "0.0"]


def test_a_share_of_all_hours_is_a_hundred_per_cent() -> None:
    shown = printed(render_reasons(an_alert(reasons=[a_reason(typical=1.0), a_reason(typical=0.0)])))
    assert "100%  seen" in shown
    assert "never  seen" in shown


def test_a_story_stands_in_the_hours_of_the_zone_and_counts_what_it_leaves_out() -> None:
    lines = printed(render_story(STORY, ZoneInfo("Asia/Seoul"))).splitlines()
    assert lines[0] == "18:05:00  deploy in 111122223333, from 198.51.100.7"
    assert lines[1] == "18:05:00    iam:CreateAccessKey  user:backup"
    assert lines[-1].strip() == "and 1,200 other calls in these hours"


def test_steps_are_numbered_and_as_many_as_asked_for() -> None:
    alert = an_alert(tactics=["Discovery", "Persistence", "Impact"])
    assert numbers(printed(render_steps(alert), width=400)) == ["1.", "2.", "3."]
    assert numbers(printed(render_steps(alert, at_most=2), width=400)) == ["1.", "2."]


def test_a_short_alert_has_its_story_only_where_there_is_one() -> None:
    assert "iam:CreateAccessKey  user:backup" in printed(render_short(an_alert(), ZONE, STORY))
    without = printed(render_short(an_alert(), ZONE, Story([], 0)))
    assert "user:backup" not in without
    assert "1. Ask the owner of deploy" in without


def test_a_full_alert_says_everything_and_how_to_see_it_again() -> None:
    ids = [f"event-{number}" for number in range(9)]
    members, techniques = ["eve", "mallory"], ["T1098", "T1136"]
    alert = an_alert(members=members, techniques=techniques, event_ids=ids, event_count=1234, revision=2)
    shown = printed(render_full(alert, ZONE, STORY, "import duckdb", "oddtrail alerts show a1"))
    for part in (
        "1,234 events; ids of the 9 that weigh most are in --json, and these records in --events:",
        "event-4\n    and 4 more",
        "oddtrail alerts show a1 --events",
        "eve, mallory",
        "T1098, T1136",
        "2026-03-02 10:00:00 UTC",
        "20513-0123456789abcdef, revision 2",
        "carried by  source.address 198.51.100.7 (90% of the evidence)",
        "\nimport duckdb\n",
    ):
        assert part in shown, part


@pytest.mark.parametrize(("asked", "reasons", "shown"), [(False, 1, False), (True, 1, True), (False, 0, True)])
def test_models_scores_are_told_to_who_asks_or_where_nothing_else_says_why(
    asked: bool, reasons: int, shown: bool
) -> None:
    alert = an_alert(reasons=[a_reason()] * reasons, scores={"incident": 97.2, "forest": 93.4})
    text = printed(render_full(alert, ZoneInfo("UTC"), None, None, "again", numbers=asked))
    assert ("isolation forest 93" in text) is shown


def test_a_full_alert_whose_events_are_gone_says_so_and_shows_no_query() -> None:
    shown = printed(render_full(an_alert(), ZONE, None, None, "oddtrail alerts show a1"))
    assert GONE in shown
    assert "1 event; every id is in --json:" in shown
    assert "--events" not in shown
    assert "duckdb" not in shown


def test_what_was_held_back_is_marked_in_list_and_details() -> None:
    held = an_alert("b2", raised=False, record_score=30.4, severity="minor", title="deploy looked around")
    lines = printed(render_list([an_alert(), held], ZONE)).splitlines()[2:]
    assert lines[0].split()[:5] == ["critical", "91", "a1", "2026-03-02", "10:00"]
    assert lines[1].endswith("deploy looked around (held back)")
    assert "raised      no\n" in printed(render_full(held, ZONE, STORY, None, ""))
    for because, words in (("evidence", "too little evidence: 9.5 of 4"), ("budget", "held back by the daily budget")):
        known = replace(held, held_because=because)
        assert printed(render_list([known], ZONE)).splitlines()[2].endswith(f"deploy looked around ({words})")
        assert f"raised      no, {words}\n" in printed(render_full(known, ZONE, STORY, None, ""))


def test_who_and_with_what_has_its_own_part_and_commands_stay_whole() -> None:
    alert = msgspec.convert(an_alert().as_dict() | {"sessions": [a_session()]}, Alert)
    lines = printed(render_full(alert, ZONE, STORY, None, ""), width=400).splitlines()
    start = lines.index("Who and with what")
    assert lines[start + 1] == "  key ASIADEPLOY, session run, since 02 Mar 09:00, 3 calls"
    assert lines[start + 2] == "    from 203.0.113.99"
    [command] = advise(alert)[0].commands
    assert f"       {command}" in lines
    assert "Who and with what" not in printed(render_full(an_alert(), ZONE, STORY, None, ""))


def test_one_account_carries_nothing_that_has_to_be_said() -> None:
    account = {"field": "cloud.account.id", "values": ["111122223333"], "share": 1.0}
    one, two = an_alert(influencers=[account]), an_alert(influencers=[account], accounts=["111122223333", "1"])
    assert "cloud.account.id" not in printed(render_full(one, ZONE, STORY, None, ""))
    assert "cloud.account.id" in printed(render_full(two, ZONE, STORY, None, ""))
