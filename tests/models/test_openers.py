"""Of a value the smaller evidence counts, of its principal or of the person who opened the session."""

import numpy as np
import pytest

from models.openers import judge_by_openers
from tests.models.test_week import BOB, EVE, evidence, standing

ALL = PLACE, CALL, GRANT = 200, 201, 202
ANN = 9


def a_day():
    return standing(evidence(4, (EVE, PLACE, "place", 6.0), (EVE, CALL, "write", 5.0), (EVE, GRANT, "exposure", 3.0)))


def worth(nats):
    """A judge by token, of the first that it is asked for; nothing is strange that is not named."""

    def judge(rows):
        [principal] = set(rows.principal.tolist())
        known = [token for token in rows.token.tolist() if token in nats]
        return evidence(4, *((principal, token, "", nats[token]) for token in known)).items

    return judge


def by(people):
    """The same, by principal."""

    def judge(rows):
        [principal] = set(rows.principal.tolist())
        return worth(people[principal])(rows)

    return judge


def test_what_is_usual_for_the_opener_is_no_evidence():
    day = a_day()
    judged = judge_by_openers(day, {BOB: ALL}, worth({GRANT: 9.0}))
    assert [entry.token for entry, _ in judged.contributions] == [GRANT]
    assert (judged.families["place"], judged.families["write"], judged.families["exposure"]) == (0.0, 0.0, 3.0)
    assert judged.total == pytest.approx(3.0 + day.prior)
    assert day.total == pytest.approx(6.0 + 7.5 + 3.0 + day.prior)


def test_what_is_new_to_both_stays():
    day = a_day()
    judged = judge_by_openers(day, {BOB: ALL}, worth({CALL: 12.0, GRANT: 12.0}))
    assert judged.total == pytest.approx(day.total - 6.0)


def test_where_the_opener_never_was_these_are_other_hands():
    """Of what the session did from there nothing is explained, whatever the opener does every day."""
    assert judge_by_openers(a_day(), {BOB: ALL}, worth({PLACE: 0.5})) is None


def test_what_other_sessions_showed_is_the_principals_own():
    judged = judge_by_openers(a_day(), {BOB: [PLACE, GRANT]}, worth({}))
    assert [entry.token for entry, _ in judged.contributions] == [CALL]
    assert judge_by_openers(a_day(), {BOB: []}, worth({})) is None


def test_what_sessions_of_several_people_showed_all_of_them_explain():
    day, nobody = a_day(), {}
    judged = judge_by_openers(day, {BOB: [PLACE, CALL], ANN: [CALL, GRANT]}, by({BOB: nobody, ANN: {CALL: 2.0}}))
    assert (judged.families["place"], judged.families["exposure"]) == (0.0, 0.0)
    assert judged.families["write"] == pytest.approx(2.0 * 1.5)
    shown = {BOB: [PLACE, CALL], ANN: [PLACE]}
    assert judge_by_openers(day, shown, by({BOB: nobody, ANN: {PLACE: 0.5}})) is None, "other hands than those of ANN"


def test_rows_are_those_of_the_day():
    seen = []

    def judge(rows):
        seen.append(rows)
        return evidence(4).items

    day = a_day()
    judge_by_openers(day, {BOB: ALL}, judge)
    [rows] = seen
    assert rows.token.tolist() == [PLACE, CALL, GRANT]
    assert np.array_equal(rows.hour, day.contributions[0][0].evidence.items.hour)
    assert (set(rows.principal.tolist()), rows.hours.tolist()) == ({BOB}, [1, 1, 1])
