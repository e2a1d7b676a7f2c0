"""What a person reads: what happened, who, why it is odd, what to do; plain, bounded, in sentences."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.notify.change import Change
from pipeline.notify.notice import MOST_ITEMS, Maker, Notice, write_text
from tests.builders import a_reason, an_alert
from tests.pipeline.notify.hostile import HOSTILE, PAGE, a_hostile_digest, a_hostile_notice, every_text, strange_links

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MAKER = Maker("oncall", "prod", ZoneInfo("Asia/Seoul"), PAGE)


def test_the_sentence_comes_first_then_who_why_and_what_to_do():
    lines = write_text(MAKER.tell(an_alert(), Change("raised")))
    assert lines[0] == "CRITICAL: deploy called iam:CreateAccessKey."
    text = "\n".join(lines)
    places = [text.index(part) for part in ("Who: deploy (workload)", "Why it is odd", "What to do next", "Open: ")]
    assert places == sorted(places)
    assert "When: Mon 2 Mar 2026, 18:00 to 19:00 Asia/Seoul" in lines
    assert f"Open: {PAGE}/alert?id=a1" in lines
    assert "- First call iam:CreateAccessKey: never in 213 active hours, none of 9 peers; now 1 call." in lines


def test_nobody_has_to_know_what_a_nat_is():
    text = "\n".join(write_text(MAKER.tell(an_alert(evidence=123.456), Change("raised"))))
    assert "nats" not in text
    assert "123.4" not in text
    assert "8.25" not in text


def test_an_update_says_what_is_new_and_a_drill_that_nobody_did_this():
    alert = an_alert(revision=2, drill="d1")
    lines = write_text(MAKER.tell(alert, Change("updated", ("It was low and is critical now.",))))
    assert lines[:2] == [
        "DRILL, CRITICAL, updated: deploy called iam:CreateAccessKey.",
        "It was low and is critical now.",
    ]


def test_an_id_is_the_same_for_the_same_and_another_for_anything_else():
    alert = an_alert()
    same = {MAKER.tell(alert, Change("raised")).id for _ in range(2)}
    others = {
        MAKER.tell(an_alert(revision=2), Change("raised")).id, MAKER.tell(alert, Change("updated")).id,
        MAKER.tell(an_alert("a2"), Change("raised")).id, Maker("other", "prod").tell(alert, Change("raised")).id,
        Maker("oncall", "dev").tell(alert, Change("raised")).id,
    }  # fmt: skip
    assert len(same) == 1
    assert len(others | same) == 6


def test_a_digest_names_the_gravest_counts_the_rest_and_names_an_alert_once():
    alerts = [an_alert(f"a{n}", severity="high" if n == 7 else "low", title=f"t{n}") for n in range(MOST_ITEMS + 5)]
    notices = [MAKER.tell(alert, Change("raised")) for alert in alerts]
    notices.append(MAKER.tell(an_alert("a7", 2, severity="critical", title="worse"), Change("updated")))
    digest = MAKER.gather(notices, "since the last message", NOW)
    assert digest.headline == "25 alerts (1 critical, 24 low) since the last message."
    assert (digest.severity, digest.items[0].headline, digest.more) == ("critical", "worse.", 5)
    assert len({item.alert_id for item in digest.items}) == MOST_ITEMS
    assert "- and 5 alerts more: `oddtrail alerts list` has them all." in write_text(digest)
    assert MAKER.gather(list(reversed(notices)), "since the last message", NOW) == digest


def test_without_a_page_there_is_no_link():
    notice = Maker("oncall").tell(an_alert(), Change("raised"))
    assert notice.link == ""
    assert "://" not in "\n".join(write_text(notice))


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_an_attacker_writes_is_plain_and_short(name):
    korean = a_hostile_notice(HOSTILE[name], language="ko")
    for notice in (a_hostile_notice(HOSTILE[name]), korean, a_hostile_digest(HOSTILE[name])):
        texts = every_text(notice.as_dict())
        for text in texts:
            assert len(text) <= 3_000 or text == notice.link
            assert text.isprintable(), text
            assert strange_links(text) == []
            assert "@channel" not in text.lower()
            assert "@here" not in text.lower()
        assert sum(map(len, texts)) < 40_000
        assert msgspec.json.decode(msgspec.json.encode(notice), type=Notice) == notice


def test_the_weightiest_reasons_are_told_whatever_their_order():
    reasons = [a_reason(text=f"reason {n}", nats=float(n)) for n in range(8)]
    assert MAKER.tell(an_alert(reasons=reasons), Change("raised")).why == ("Reason 7.", "Reason 6.", "Reason 5.")
