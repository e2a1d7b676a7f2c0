"""What to ask about an alert: of whom it is, of the calls, of what they left, and from where."""

from zoneinfo import ZoneInfo

import pytest
from msgspec import convert
from msgspec.structs import replace

from pipeline.alerts.questions import MOST, ask, write_whom
from pipeline.stores.alert import AlertHarm, AlertOpener, AlertSession
from tests.builders import NINE, a_count, a_reason, an_alert
from tests.pipeline.alerts.korean import KOREAN, find_english

ANA = {"principal_kind": "human", "principal_name": "ana"}
OPENER = {
    "principal_name": "eve", "principal_kind": "human", "identity": "arn:aws:iam::1:user/eve", "access_key": "AKIAEVE",
    "session_name": "", "action": "sts:AssumeRole", "time": "2026-03-02T08:00:00Z", "address": "198.51.100.7",
    "agent": "", "event_id": "e",
}  # fmt: skip


def texts(alert, **more):
    return [one.text for one in ask(alert, **more)]


def a_harm(**named):
    return AlertHarm(**({"kind": "exposed", "tried": False, "calls": 1} | named))


def a_session(opener):
    return AlertSession(
        access_key="ASIAONE", session_name="s", identity="arn", account="1", started=None, mfa=None, agents=(),
        addresses=(), calls=1, issued_keys=(), opened_by=(convert(opener, AlertOpener),),
    )  # fmt: skip


def test_a_person_is_asked_over_another_channel_whether_the_calls_were_theirs():
    questions = ask(an_alert(**ANA))
    assert questions[0].text == "Did you call iam:CreateAccessKey between 02 Mar 09:00 and 02 Mar 10:00?"
    assert {one.whom for one in questions} == {"the person, over another channel than the account that was used"}


def test_of_a_machine_its_owner_is_asked():
    questions = ask(an_alert())
    assert questions[0].text.startswith("Is it meant to call iam:CreateAccessKey, as it did between")
    assert questions[0].whom == "whoever owns the workload"
    assert ask(an_alert(principal_kind="anonymous"))[0].whom == "whoever owns it"


def test_times_are_of_the_zone_that_is_given():
    assert "02 Mar 18:00" in texts(an_alert(**ANA), zone=ZoneInfo("Asia/Seoul"))[0]


def test_denied_calls_are_asked_about_once_and_counts_are_no_calls():
    alert = an_alert(**ANA, reasons=[
        a_reason(value="iam:PutRolePolicy"), a_reason(value="iam:PutRolePolicy", dimension="denied"),
        a_count(dimension="denied", value="denied", nats=9.0),
    ])  # fmt: skip
    assert texts(alert)[:-1] == [
        "Did you try iam:PutRolePolicy between 02 Mar 09:00 and 02 Mar 10:00, which was denied?"
    ]


def test_where_nothing_but_counts_is_odd_the_calls_as_such_are_asked_about():
    assert texts(an_alert(**ANA, reasons=[a_count()]))[0].startswith("Were the calls between")
    assert texts(an_alert(reasons=[a_count()]))[0].startswith("Is it known what it did between")


def test_places_regions_and_tools_are_asked_about_where_they_are_odd():
    reasons = [
        a_reason(dimension="country", value="BR", nats=6.0), a_reason(dimension="asn", value="64501", nats=5.0),
        a_reason(dimension="region", value="sa-east-1", nats=4.0), a_reason(dimension="agent", value="kali", nats=3.0),
        a_reason(dimension="prefix", value="203.0.113.0/24", nats=0.2),
    ]  # fmt: skip
    assert texts(an_alert(**ANA, reasons=reasons))[1:-1] == [
        "Were you in Brazil (BR) and on the network of AS64501 then?",
        "Do you have anything to do in the region sa-east-1?",
        "Do you use kali?",
    ]
    assert "Does any of it run in Brazil (BR) and on the network of AS64501?" in texts(an_alert(reasons=reasons))


def test_what_was_opened_and_handed_out_is_asked_about_and_what_was_tried_is_not():
    done = a_harm(exposures=("account:764716740407",), resources=("snapshot:pay-7", "database:pay"))
    key = a_harm(kind="persistence", issued_keys=("AKIANEW",))
    alert = replace(an_alert(**ANA), harms=(done, key))
    assert "Is it on purpose that this opened snapshot pay-7 or database pay to account 764716740407?" in texts(alert)
    assert "For whom is the access key AKIANEW that was handed out?" in texts(alert)
    tried = replace(alert, harms=(a_harm(exposures=("principal:*",), tried=True),))
    assert not [text for text in texts(tried) if "on purpose" in text]


def test_who_opened_the_session_is_asked_about_unless_an_aws_service_did():
    alert = replace(an_alert(), sessions=(a_session(OPENER),))
    assert any("session was opened by eve (human) with key AKIAEVE" in text for text in texts(alert))
    service = replace(an_alert(), sessions=(a_session(OPENER | {"principal_kind": "aws_service"}),))
    assert not [text for text in texts(service) if "opened by" in text]


def test_there_are_few_questions_and_the_last_asks_for_a_reason():
    reasons = [
        a_reason(dimension=name, value=str(n), nats=9.0)
        for n, name in enumerate(("write", "denied", "country", "region", "agent"))
    ]
    harms = (a_harm(exposures=("principal:*", "account:1", "org:o"), issued_keys=("AKIANEW",)),)
    alert = replace(an_alert(**ANA, reasons=reasons, members=["ben", "cat"]), harms=harms)
    asked = texts(replace(alert, sessions=(a_session(OPENER),)))
    assert len(asked) == MOST
    assert asked[-1].endswith("a ticket that explains it? The same is asked of ben and cat.")


def test_who_opened_a_machines_session_is_asked_where_only_its_name_is_known():
    named = replace(a_session(OPENER), session_name="yara.garcia", started=NINE, opened_by=())
    [asked] = [text for text in texts(replace(an_alert(), sessions=(named,))) if "session" in text]
    assert asked.startswith("Who opened the session yara.garcia at 03 Mar 09:00?")
    host = replace(named, session_name="i-03f7ad0daa598c4f0")
    for others in (
        replace(an_alert(), sessions=(host,)),
        replace(an_alert(), sessions=(replace(named, opened_by=a_session(OPENER).opened_by),)),
        replace(an_alert(**ANA), sessions=(named,)),
    ):
        assert not [text for text in texts(others) if text.startswith("Who opened the session")]


@pytest.mark.parametrize("kind", ["human", "workload", "ci", "external", "root", "anonymous"])
def test_every_question_is_asked_in_korean(kind):
    names = ("ana", "ben", "cat", "eve", "BR", "AS64501", "sa-east-1", "kali", "pay", "AKIAEVE", "AKIANEW", "s3", "eu")
    dimensions = {"write": "iam:A", "denied": "iam:B", "country": "BR", "asn": "64501", "region": "sa-east-1"}
    harms = (
        a_harm(exposures=("account:1",), resources=("bucket:pay", "role:pay", "key:pay", "topic:pay")),
        a_harm(kind="persistence", issued_keys=("AKIANEW",)),
    )
    for dimension, value in [*dimensions.items(), ("agent", "kali"), ("prefix", "203.0.113.0/24")]:
        reasons = [a_reason(dimension=dimension, value=value, nats=9.0)]
        alert = an_alert(principal_kind=kind, reasons=reasons, members=["ben", "cat"])
        for session in (a_session(OPENER), replace(a_session(OPENER), opened_by=(), started=NINE)):
            asked = ask(replace(alert, sessions=(session,), harms=harms), words=KOREAN)
            said = " ".join([write_whom(asked, KOREAN), *(one.text for one in asked)])
            assert find_english(said, names) == [], said
    counted = ask(an_alert(principal_kind=kind, reasons=[a_count()]), words=KOREAN)
    assert find_english(" ".join(one.text for one in counted), names) == []


def test_grave_harm_is_asked_about_first_though_other_calls_are_odder():
    deleted = a_harm(kind="deleted", calls=47, actions=("s3:DeleteObject",))
    few, tried = replace(deleted, calls=3), replace(deleted, calls=3, tried=True)
    alert = an_alert(**ANA)
    first = texts(replace(alert, harms=(deleted,)))[0]
    assert first.startswith("Did you call s3:DeleteObject and iam:CreateAccessKey between")
    for harm in (few, tried):
        assert texts(replace(alert, harms=(harm,)))[0].startswith("Did you call iam:CreateAccessKey between")
