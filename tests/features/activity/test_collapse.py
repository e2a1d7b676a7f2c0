import msgspec

from features.activity.collapse import FEWEST_EVENTS, MOST_ACTORS, collapse
from features.call.principal import resolve
from features.call.session_name import classify
from features.record.cloudtrail import Identity
from tests.records import an_assumed_role

ROLE = "role/111111111111/AROABUILD"


def actors(count: int, events: int) -> dict[str, dict[str, int]]:
    return {ROLE: {f"{ROLE}/run-{number}": events for number in range(count)}}


def test_a_role_with_many_fleeting_actors_is_one_principal() -> None:
    assert collapse(actors(MOST_ACTORS + 1, FEWEST_EVENTS - 1)) == {ROLE}


def test_few_actors_or_busy_ones_stay_principals() -> None:
    assert collapse(actors(MOST_ACTORS, FEWEST_EVENTS - 1)) == frozenset()
    assert collapse(actors(MOST_ACTORS + 1, FEWEST_EVENTS)) == frozenset()
    assert collapse({}) == frozenset()


def test_session_names_need_no_collapse_because_they_make_no_principals() -> None:

    sessions = [msgspec.convert(an_assumed_role("build", f"run-{number}"), Identity) for number in range(300)]
    assert len({resolve(session).principal for session in sessions}) == 1
    assert classify("run-7").name == "named"
