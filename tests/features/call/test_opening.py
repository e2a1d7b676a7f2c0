"""Fields of calls that can open something."""

from features.call.opening import KINDS, OPENINGS, Field, find_opening, read_rows


def test_a_row_tells_of_several_services_and_calls() -> None:
    rows = dict(read_rows("a b\n    PutX PutY who:q.r,s on:t=u|v>public:x\n        tie:w=aws:k\nc\n    Z always:>t\n"))
    fields = (
        Field("who", "q.r"), Field("who", "s"), Field("on", "t", frozenset({"u", "v"}), "public:x"),
        Field("tie", "w", frozenset({"aws:k"})),
    )  # fmt: skip
    assert rows == {(service, call): fields for service in "ab" for call in ("putx", "puty")} | {
        ("c", "z"): (Field("always", "", frozenset(), "t"),)
    }


def test_a_field_is_the_end_of_a_path() -> None:
    field = Field("who", "add.userid")
    assert [field.is_at(path) for path in ("add.userid", "x.add.userid", "xadd.userid", "remove.userid", "userid")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_calls_are_found_by_event_sources_and_in_any_case() -> None:
    assert find_opening("amazonmq:CreateBroker") == find_opening("mq:createbroker") != None  # noqa: E711
    assert find_opening("mq:DescribeBroker") is None


def test_every_kind_is_explained_and_used() -> None:
    assert {field.kind for fields in OPENINGS.values() for field in fields} == KINDS.keys()
