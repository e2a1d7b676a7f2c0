"""Every title that is written can be told in Korean: no word of ours is left, and every name is."""

from itertools import product

import pytest

from features.activity.hourly import MEASURES
from models.detectors.blame import Blamed, name_model, word_blamed
from models.facts import FACTS
from pipeline.alerts.document import tell_delay, tell_hour
from pipeline.alerts.title import write_title
from pipeline.alerts.title_words import tell_title
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.alerts.test_title import counted, shown
from tests.pipeline.render.hostile import HOSTILE

TOKENS = [
    "principal:*", "cidr:0.0.0.0/0", "cidr:192.0.2.0/24", "account:777788889999", "policy:AdministratorAccess",
    "public_access_block:x", "public:bucket", "function_url:x", "identity_provider:idp.example.net", "org:o-1",
]  # fmt: skip
NAMES = ["ann", "AdministratorAccess", "idp.example.net", "AS64500", "pay-7", "org", "KP", "curl", "ap-east-1", "ECOD"]
CALLS = [
    [],
    [shown("write", "iam:CreateUser")],
    [shown("write", "iam:CreateUser"), shown("read", "iam:ListUsers")],
    [shown("write", "iam:TagUser", "denied"), shown("denied", "iam:TagRole", "denied"), shown("read", "s3:GetObject")],
    [shown("write", "kms:DisableKey", "validation")],
]
OPENINGS = [
    [],
    *([shown("exposure", token, *errors, resource=resource)] for token, errors, resource in product(
        TOKENS,
        [(), ("denied",), ("validation",)],
        ["", "bucket:pay-7", "security_group:pay-7", "identity_provider:idp.example.net"],
    )),
]  # fmt: skip
PLACES = [
    [],
    *(
        [shown(dimension, value, typical=typical)]
        for dimension, value in (
            ("country", "KP"), ("agent", "curl"), ("region", "ap-east-1"), ("account", "1"), ("asn", "64500"),
            ("prefix", "192.0.2.0/24"),
        )
        for typical in (0.0, 0.01)
    ),
]  # fmt: skip
ENDS = ["", tell_delay(850), tell_delay(4324), ", over 7 days", ", over 7 days; delivered 14 hours late"]


@pytest.mark.parametrize("calls", CALLS, ids=len)
def test_calls_openings_and_places_are_told(calls):
    for opening, place in product(OPENINGS, PLACES):
        title = write_title("ann", [*calls, *opening, *place])
        said = tell_title(title, "ann", KOREAN)
        assert find_english(said, NAMES) == [], (title, said)
        assert all(name in said for name in NAMES if name in title), (title, said)
        assert tell_title(title, "ann", ENGLISH) == title


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("end", ENDS)
def test_facts_and_ends_are_told(fact, end):
    title = write_title("ann", [shown("write", "iam:CreateUser"), shown("fact", fact)]) + end
    assert find_english(tell_title(f"{title} (raised by the isolation forest model)", "ann", KOREAN), ["ann"]) == []
    assert find_english(tell_title(title, "ann", KOREAN), ["ann"]) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_counts_are_told_after_calls_too(measure):
    for actual, typical, feature in product((1, 30), (0.0, 0.02, 3.41), ("own_past", "population")):
        count = counted(measure, actual, typical, feature)
        for reasons in ([count], [count, shown("write", "iam:CreateUser"), shown("country", "KP")]):
            title = write_title("ann", reasons)
            assert find_english(tell_title(title, "ann", KOREAN), NAMES) == [], title


@pytest.mark.parametrize("model", ["forest", "population", "pyod:ECOD"])
def test_an_hour_that_only_a_model_found_odd_is_told(model):
    for blamed in (Blamed("regions", 1.0, 9.0, 0.8), Blamed("hour_of_week", 0.0001, 147.0, 0.1)):
        title = f"{tell_hour('ann', word_blamed(blamed))} (raised by the {name_model(model)} model)"
        assert find_english(tell_title(title, "ann", KOREAN), NAMES) == [], title


@pytest.mark.parametrize(
    "name", [*HOSTILE, "ann called s3:GetObject, denied", "x (raised by the x model)", "{noun}", ""]
)
def test_a_name_that_speaks_our_words_stays_as_it_is(name):
    said = tell_title(f"{name} called iam:CreateUser", name, KOREAN)
    assert said == f"{name}: iam:CreateUser 호출"
    for resource in (f"bucket:{name}", f"user:a to everybody, {name}"):
        title = write_title("ann", [shown("exposure", "principal:*", resource=resource)])
        assert tell_title(title, "ann", KOREAN)


def test_a_title_that_is_none_of_ours_stays():
    assert tell_title("something else", "ann", KOREAN) == "something else"
    assert tell_title("ann did what nobody has words for", "ann", KOREAN) == "ann: did what nobody has words for"
