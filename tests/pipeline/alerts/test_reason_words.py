"""Every reason that is written can be told in Korean: no word of ours is left, and every name is."""

from itertools import product

import pytest

from features.activity.dimensions import DIMENSIONS
from features.activity.hourly import MEASURES
from models import explain
from models.detectors.blame import Blamed, word_blamed
from models.explain import Reason, told_with
from models.facts import FACTS
from models.openings import name_opening
from pipeline.alerts.nouns import KINDS
from pipeline.alerts.reason_words import tell_measured, tell_reason
from pipeline.stores.alert import AlertReason
from pipeline.words.words import ENGLISH
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.alerts.test_title_words import TOKENS

OWN = [(0, 0), (0, 1), (1, 1), (0, 202), (17, 213)]
CIRCLES = [
    "none of 9 peers, nobody in the deployment",
    "not its one peer, 3 elsewhere in the deployment",
    "no peers to compare with, 1 elsewhere in the deployment",
    *(explain._word_peers(did, peers) for did, peers in ((1, 1), (1, 7), (7, 7), (1200, 3400))),
]
ERRORS = [[""], ["", "denied"], ["denied"], ["denied"] * 2, ["validation"] * 1200, []]


def said(
    dimension: str, value: str, head: str, own: tuple[int, int], circle: str, errors: list[str]
) -> tuple[str, str]:
    """A reason's sentence, and the same in Korean."""
    text = ": ".join([head, ", ".join(filter(None, [explain._word_own(*own), circle]))])
    feature = explain.find_detector(DIMENSIONS[dimension.partition(":")[0]].family)
    reason = Reason(feature, dimension, value, 0.0, 1.0, 2.0, text, 1)
    text = told_with(reason, errors)
    kept = AlertReason(feature=feature, dimension=dimension, value=value, typical=0.0, actual=1.0, nats=2.0, text=text)
    assert tell_reason(kept, ENGLISH) == text
    return text, tell_reason(kept, KOREAN)


@pytest.mark.parametrize(
    "name", [*(name for name in DIMENSIONS if name not in ("exposure", "fact", "resource")), "resource:bucket"]
)
@pytest.mark.parametrize("value", ["ZQX", "64500", "a: b, never in 5 active hours; now 1 call", "{what}", "x\u202ey"])
def test_values_are_told_with_their_past_and_their_circle(name, value):
    entry = explain.find_dimension(name)
    for seen, own, circle, errors in product(("first", "rare"), OWN, CIRCLES, ERRORS):
        head = f"{seen} {entry.noun} {entry.wording.format(value)}"
        text, korean = said(name, value, head, own, circle, errors)
        assert find_english(korean, [value]) == [], (text, korean)
        assert value in korean


@pytest.mark.parametrize("token", TOKENS)
def test_openings_are_told(token):
    text, korean = said("exposure", token, f"first {name_opening(token)}", (0, 9), CIRCLES[0], [""])
    assert find_english(korean, [token.partition(":")[2], "org"]) == [], (text, korean)


@pytest.mark.parametrize("fact", FACTS)
def test_facts_are_told(fact):
    text, korean = said("fact", fact, FACTS[fact].phrase, (0, 9), "", ["", ""])
    assert find_english(korean) == [], (text, korean)
    of_one = f"{FACTS[fact].phrase} (cloudtrail)"
    text, korean = said("fact", f"{fact}:cloudtrail", of_one, (0, 9), "", ["", ""])
    assert find_english(korean, ["cloudtrail"]) == [], (text, korean)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("feature", ["own_past", "population"])
def test_counts_are_told_from_their_fields(measure, feature):
    for actual, typical in product((1.0, 25.0, 1200.0), (0.0, 0.01, 1.38)):
        kept = AlertReason(
            feature=feature, dimension=measure, value=measure, typical=typical, actual=actual, nats=1.0, text="x"
        )
        assert find_english(tell_reason(kept, KOREAN)) == []


def test_what_models_of_vectors_found_is_told():
    for measure in (*MEASURES, "regions", "levels", "resources", "networks"):
        for actual in (1.0, 1200.0):
            assert find_english(tell_measured(word_blamed(Blamed(measure, 0.01, actual, 0.5)), KOREAN)) == []
    for hour in range(168):
        assert find_english(tell_measured(word_blamed(Blamed("hour_of_week", 0.0, float(hour), 0.5)), KOREAN)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_resource_has_a_korean_noun(kind):
    text, korean = said(f"resource:{kind.replace(' ', '_')}", "ZQX", f"first {kind} ZQX", (0, 9), CIRCLES[0], [""])
    assert find_english(korean, ["ZQX"]) == [], text


def test_a_reason_of_another_version_stays_as_it_is():
    for dimension in ("read", "gone", "fact", "calls"):
        kept = AlertReason(
            feature="surprise", dimension=dimension, value="x", typical=0.0, actual=1.0, nats=1.0, text="never before"
        )
        assert tell_reason(kept, KOREAN) == "never before"
