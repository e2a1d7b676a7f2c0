"""Tokens by session are the tokens that everybody else reads, each with the sessions that showed it."""

from datetime import timedelta

from features.activity.by_session import by_session_sql
from features.activity.dimensions import DIMENSIONS
from tests.walks import an_activity
from tests.worlds import START, a_company, an_event, as_person, as_role, numbered


def shown(rows, day: int = 0) -> set[tuple[str, str, str, str]]:
    activity = an_activity(rows)
    activity.delivered((START + timedelta(days=day)).date())
    return set(
        activity.connection.execute(
            f"SELECT DISTINCT session, principal, dimension, value FROM ({by_session_sql(DIMENSIONS.values())})"
        ).fetchall()
    )


def test_each_value_is_told_of_the_session_that_showed_it() -> None:
    role = as_role("deploy")
    usual = an_event(**role, action="s3:GetObject", resources=["bucket:ours"], session="ASIA1/x", event_time=START)
    odd = an_event(**role | {"prefix": "192.0.2.0/24", "country": "KP"}, action="iam:CreateUser", write=True,
                   level="write", resources=["user:eve"], exposures=["policy:AdministratorAccess"], session="ASIA2/x",
                   event_time=START, error="denied")  # fmt: skip
    found = shown(numbered([usual, odd]))
    told = {(dimension, value): session for session, _, dimension, value in found}
    assert told["read", "s3:GetObject"] == told["resource:bucket", "ours"] == "ASIA1/x"
    assert {told[one] for one in [("write", "iam:CreateUser"), ("denied", "iam:CreateUser"), ("country", "KP"),
            ("prefix", "192.0.2.0/24"), ("resource:user", "eve"), ("exposure", "policy:AdministratorAccess")]} == {
        "ASIA2/x"
    }  # fmt: skip
    assert {session for session, _, dimension, _ in found if dimension == "agent"} == {"ASIA1/x", "ASIA2/x"}


def test_they_are_the_same_tokens_as_everybodys() -> None:
    rows = [row | {"session": f"ASIA{row['principal']}/x"} for row in a_company(days=1, people=2, roles=2)]
    rows[0]["facts"] = ["root_use", "logging_off"]
    activity = an_activity(rows)
    tokens = activity.delivered(START.date()).tokens.to_pylist()
    assert {(one, dimension, value) for _, one, dimension, value in shown(rows)} == {
        (token["principal"], token["dimension"], token["value"]) for token in tokens
    }


def test_who_has_no_session_is_not_told() -> None:
    assert (
        shown(numbered([an_event(**as_person("ann"), action="ec2:DescribeInstances", session="", event_time=START)]))
        == set()
    )
