"""A title names the gravest harm, once, within its length, whatever names in it say."""

import time
from itertools import product

import pytest

from models.facts import FACTS
from pipeline.alerts.title import write_title
from pipeline.alerts.title_words import tell_title
from pipeline.stores.alert import AlertHarm
from pipeline.stores.harm import GRAVE, KINDS, NONE, weigh_harm
from pipeline.stores.harm_title import DRILL, LONGEST, lead_with_harm, name_resource, word_harm
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.alerts.test_title import counted, shown
from tests.pipeline.render.hostile import HOSTILE

ACTIONS = {"kms:DisableKey": "destroyed", "s3:DeleteObject": "deleted", "iam:CreateUser": "persistence"}


def a_harm(kind: str, calls: int = 1, *actions: str, tried: bool = False, **named: tuple[str, ...]) -> AlertHarm:
    return AlertHarm(kind=kind, tried=tried, calls=calls, actions=actions, **named)


LIFECYCLE = a_harm("destroyed", 3, "s3:PutBucketLifecycle")
DELETED = a_harm("deleted", 47, "s3:DeleteObject")
READ = a_harm("data", 30, "s3:GetObject")


def test_what_was_done_is_not_left_out_for_what_is_odder() -> None:
    """What the demo finds: buckets emptied, by somebody whose oddest call was denied."""
    title = (
        "dina tried s3:PutBucketVersioning, denied, called s3:GetBucketMetricsConfiguration and 1 more unusual call, "
        "touched 69 distinct buckets in an hour, typical less than 0.1, from a new country (UA)"
    )
    led = (
        "dina destroyed or disabled data, backups or keys (3 × s3:PutBucketLifecycle), deleted or stopped things "
        "(47 × s3:DeleteObject), tried s3:PutBucketVersioning, denied, from a new country (UA)"
    )
    assert lead_with_harm(title, "dina", [LIFECYCLE, DELETED, READ]) == led
    assert tell_title(led, "dina", KOREAN) == (
        "dina: 데이터, 백업 또는 키 파괴·비활성화(3 × s3:PutBucketLifecycle), 삭제 또는 중지(47 × s3:DeleteObject), "
        "s3:PutBucketVersioning 시도(거부됨), 새로운 국가(UA)에서 접속"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tried", [False, True])
def test_every_kind_is_named_and_named_once_and_told_in_korean(kind: str, tried: bool) -> None:
    for calls, actions in ((1, ("x:A",)), (9, ("x:A",)), (1_200, ("x:A", "x:B")), (0, ())):
        harm = a_harm(kind, calls, *actions, tried=tried)
        for title in ("ann called x:C and 2 more unusual calls, with a new tool (curl)", "ann had an unusual day"):
            led = lead_with_harm(title, "ann", [harm])
            if kind == "root" or weigh_harm(harm) == NONE:  # its name says it; no harm
                assert led == title
                continue
            assert led.startswith(f"ann {word_harm(harm)}")
            assert (KINDS[kind].tried if tried else KINDS[kind].done) in led
            assert lead_with_harm(led, "ann", [harm]) == led
            assert "unusual day" not in led
            said = tell_title(led, "ann", KOREAN)
            assert find_english(said, ["ann", "x:A", "x:C", "curl"]) == [], said
            assert all(action in said for action in actions[:1])
            assert tell_title(led, "ann", ENGLISH) == led


def test_of_openings_what_was_opened_to_whom_is_said() -> None:
    grant = a_harm(
        "admin", 1, "iam:AttachRolePolicy", resources=("role:ops",), exposures=("policy:AdministratorAccess",)
    )
    public = a_harm("exposed", 2, "s3:PutBucketPolicy", resources=("bucket:pay",), exposures=("principal:*",))
    led = lead_with_harm("ann called iam:GetRole", "ann", [public, grant])
    assert led == "ann opened bucket pay to everybody, granted AdministratorAccess to role ops, called iam:GetRole"
    assert lead_with_harm(led, "ann", [public, grant]) == led
    assert find_english(tell_title(led, "ann", KOREAN), ["ann", "pay", "AdministratorAccess", "ops"]) == []


@pytest.mark.parametrize(
    ("title", "harm"),
    [
        (
            "ann called kms:DisableKey and 1 more unusual call",
            a_harm("destroyed", 1, "kms:EnableKey", "kms:DisableKey"),
        ),
        ("ann tried kms:DisableKey, denied", a_harm("destroyed", 1, "kms:DisableKey", tried=True)),
        ("ann tried kms:DisableKey and 2 more calls, denied", a_harm("destroyed", 1, "kms:DisableKey", tried=True)),
        ("ann opened bucket pay to everybody", a_harm("exposed", 1, "s3:PutBucketPolicy")),
        ("ann made bucket pay public", a_harm("exposed", 1, "s3:PutBucketAcl")),
        ("ann tried to open bucket pay to everybody, denied", a_harm("exposed", 1, "s3:PutBucketAcl", tried=True)),
        ("ann granted AdministratorAccess", a_harm("admin", 1, "iam:AttachUserPolicy")),
        ("ann tried to grant AdministratorAccess, denied", a_harm("admin", 1, "iam:AttachUserPolicy", tried=True)),
        ("root of 111122223333 was used", a_harm("root", 3)),
    ],
)
def test_a_title_that_names_its_harm_stays(title: str, harm: AlertHarm) -> None:
    name = title.rpartition(" was")[0] if title.startswith("root") else "ann"
    assert lead_with_harm(title, name, [harm]) == title


@pytest.mark.parametrize(("fact", "kind"), [
    ("logging_off", "logging_off"), ("credential_given", "persistence"), ("off_host", "off_host"),
    ("login_no_mfa", "no_mfa"), ("port_opened", "exposed"),
])  # fmt: skip
def test_a_fact_names_its_harm(fact: str, kind: str) -> None:
    title = write_title("ann", [shown("read", "s3:GetObject"), shown("fact", fact)])
    assert FACTS[fact].deed in title
    assert lead_with_harm(title, "ann", [a_harm(kind, 2, "x:A")]) == title


def test_what_only_looks_or_was_tried_in_vain_is_not_put_before() -> None:
    title = "ann called s3:GetBucketAcl"
    assert lead_with_harm(title, "ann", []) == title
    assert lead_with_harm(title, "ann", [a_harm("secrets", 9, "ssm:GetParameter", tried=True)]) == title
    assert lead_with_harm(title, "ann", [a_harm("sold", 9, "x:A")]) == title


def test_grave_harm_is_named_before_what_is_serious_and_an_attempt_after_a_deed() -> None:
    serious, tried = a_harm("secrets", 9, "ssm:GetParameter"), a_harm("destroyed", 1, "kms:DisableKey", tried=True)
    title = "ann called s3:GetBucketAcl"
    assert lead_with_harm(title, "ann", [serious, LIFECYCLE]).startswith(f"ann {word_harm(LIFECYCLE)}, called")
    assert lead_with_harm(title, "ann", [serious, tried]).startswith(f"ann {word_harm(serious)}, called")
    assert lead_with_harm("ann tried kms:DisableKey, denied", "ann", [serious, tried]).startswith(
        f"ann {word_harm(serious)}, tried"
    )


def test_a_grave_call_stays_first_and_what_is_left_out_follows_it() -> None:
    off = a_harm("logging_off", 1, "cloudtrail:DeleteTrail")
    title = "ann called cloudtrail:DeleteTrail and 4 more unusual calls, from a new network"
    led = lead_with_harm(title, "ann", [off, DELETED])
    assert (
        led == f"ann called cloudtrail:DeleteTrail and 4 more unusual calls, {word_harm(DELETED)}, from a new network"
    )
    assert lead_with_harm(led, "ann", [off, DELETED]) == led
    assert find_english(tell_title(led, "ann", KOREAN), ["ann"]) == []


def test_two_grave_ones_of_one_call_are_named_by_one() -> None:
    opened = a_harm("exposed", 1, "iam:UpdateAssumeRolePolicy", resources=("role:a",), exposures=("account:1",))
    way_in = a_harm("persistence", 1, "iam:UpdateAssumeRolePolicy")
    title = "ann called iam:ListRoles, opened role a to account 1"
    assert lead_with_harm(title, "ann", [opened, way_in]) == title


def test_of_many_grave_harms_two_are_put_before_and_the_title_keeps_its_length() -> None:
    grave = [a_harm(kind, 9, f"x:{kind}") for kind in KINDS if weigh_harm(a_harm(kind)) == GRAVE]
    long = [
        shown("write", "x:" + "A" * 500), shown("read", "x:B"), shown("write", "x:" + "C" * 500, "denied"),
        counted("buckets", 1_069, 0.0), shown("country", "KP"),
    ]  # fmt: skip
    led = lead_with_harm(write_title("ann", long) + "; delivered 3 days late", "ann", grave)
    assert led.startswith(f"ann {word_harm(grave[0])}, {word_harm(grave[1])}, ")
    assert word_harm(grave[2]) not in led
    assert led.endswith("from a new country (KP); delivered 3 days late")
    assert len(led) < LONGEST + 100
    assert max(len(word_harm(a_harm(kind, 10**9, "x:" + "A" * 600))) for kind in KINDS) < 160
    assert len(name_resource("secret:" + "x" * 5000)) < 100


def test_calls_that_did_harm_stay_however_long_the_title() -> None:
    title = f"ann called kms:DisableKey and 2 more unusual calls, tried {'x:' + 'A' * 300}, denied"
    led = lead_with_harm(title, "ann", [LIFECYCLE, a_harm("persistence", 1, "iam:CreateUser")])
    assert "iam:CreateUser" in led
    assert "called kms:DisableKey" not in led  # no harm of this alert
    kept = lead_with_harm(title, "ann", [a_harm("logging_off", 1, "x:Stop"), a_harm("destroyed", 1, "kms:DisableKey")])
    assert "called kms:DisableKey and 2 more unusual calls" in kept
    assert "AAA" not in kept


def test_a_drill_keeps_its_mark() -> None:
    led = lead_with_harm(f"{DRILL}ann called s3:GetBucketAcl", "ann", [DELETED])
    assert led == f"{DRILL}ann {word_harm(DELETED)}, called s3:GetBucketAcl"
    assert tell_title(led, "ann", KOREAN).startswith("[훈련] ann: 삭제")
    assert lead_with_harm(f"{DRILL}x called s3:GetBucketAcl", f"{DRILL}x", [DELETED]).startswith(f"{DRILL}x deleted")


@pytest.mark.parametrize("name", [*HOSTILE, "ann called kms:DisableKey", "x, called kms:DisableKey, opened"])
def test_no_name_hides_harm(name: str) -> None:
    harm = a_harm("destroyed", 1, "kms:DisableKey")
    assert lead_with_harm(f"{name} called x:A", name, [harm]) == f"{name} {word_harm(harm)}, called x:A"
    hostile = a_harm("exposed", 1, f"x:{name}", resources=(f"bucket:{name}",), exposures=(f"account:{name}",))
    assert lead_with_harm("ann called x:A", "ann", [hostile]).startswith("ann opened ")


def test_a_title_of_another_name_stays() -> None:
    assert lead_with_harm("somebody did something", "ann", [DELETED]) == "somebody did something"


def test_whatever_a_title_holds_it_takes_no_time() -> None:
    began = time.process_time()
    for part, many in product(("made ", "tried x:A", "called x:A and 1", "touched 1,1", ", ", "opened , "), (2_000,)):
        lead_with_harm(f"ann {part * many}", "ann", [LIFECYCLE, DELETED])
    assert time.process_time() - began < 5
