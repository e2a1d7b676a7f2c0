"""One message a state of an alert: raised, graver, taken back; never for more of the same."""

import msgspec
import pytest

from pipeline.notify.change import Told, find_change, know
from pipeline.stores.alert import AlertHarm
from pipeline.stores.gravity import reaches
from tests.builders import an_alert


def harm(kind, tried=False):
    return {"kind": kind, "tried": tried, "calls": 1}


def an(revision=1, severity="medium", harms=(), **named):
    made = tuple(msgspec.convert(each, AlertHarm) for each in harms)
    return msgspec.structs.replace(an_alert(revision=revision, severity=severity, **named), harms=made)


def play(*revisions, least="low"):
    """States that revisions come to, one after the other."""
    told, states = None, []
    for alert in revisions:
        change = find_change(alert, told, least)
        states.append(change.state if change else "")
        if change:
            told = know(alert, told)
    return states


def test_the_first_revision_that_is_raised_is_told_whatever_its_number():
    held = {"raised": False, "held_because": "budget"}
    assert play(an(1, **held), an(2, **held), an(3)) == ["", "", "raised"]


def test_more_of_the_same_is_not_told():
    assert play(*(an(revision, record_score=90.0 + revision / 10) for revision in range(1, 9))) == ["raised", *[""] * 7]


def test_a_higher_severity_is_told_once_and_a_lower_one_never():
    severities = ["medium", "high", "high", "medium", "high", "critical"]
    told = play(*(an(number, severity) for number, severity in enumerate(severities, 1)))
    assert told == ["raised", "updated", "", "", "", "updated"]


def test_a_new_kind_of_harm_is_told_and_so_is_one_that_was_only_tried_before():
    revisions = [
        an(1, harms=[harm("rights", tried=True)]), an(2, harms=[harm("rights", tried=True), harm("data")]),
        an(3, harms=[harm("rights"), harm("data")]),
        an(4, harms=[harm("rights", tried=True), harm("data", tried=True)]),
    ]  # fmt: skip
    assert play(*revisions) == ["raised", "updated", "updated", ""]
    assert find_change(revisions[2], know(revisions[1])).sentences == ("New since then: changed rights.",)


def test_an_old_revision_says_nothing():
    assert find_change(an(2, "critical"), Told(3, "medium")) is None


def test_a_drill_that_is_over_closes_and_says_so_and_only_once():
    over = {"raised": False, "held_because": "drill", "drill": "d1"}
    assert play(an(1, drill="d1"), an(2, **over), an(3, **over)) == ["raised", "closed", ""]
    assert find_change(an(2, **over), Told(1, "medium")).sentences == ("The drill is over: nobody did this.",)


def test_below_what_is_asked_for_nothing_is_told_until_it_is_reached():
    assert play(an(1, "low"), an(2, "medium"), an(3, "high"), an(4, "low"), least="high") == ["", "", "raised", ""]


def test_what_was_told_is_never_forgotten_by_a_later_revision_that_shows_less():
    told = know(an(2, "low", harms=[harm("data", tried=True)]), Told(1, "high", done=("data",)))
    assert (told.severity, told.done, told.tried) == ("high", ("data",), ())


@pytest.mark.parametrize("severity", ["major", "minor", "warning"])
def test_severities_of_version_1_have_a_rank(severity):
    assert reaches(severity, "low")
