import json

from hypothesis import given
from hypothesis import strategies as st

from features.record.brackets import cut_depth, find_end, find_members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES, min_size=1), st.binary(max_size=20))
def test_an_object_ends_where_it_ends_whatever_follows(value: dict[str, object], rest: bytes) -> None:
    data = json.dumps(value).encode()
    assert find_end(data + rest, 0) == len(data)


@given(st.dictionaries(st.text(), VALUES))
def test_members_are_those_of_the_decoder(value: dict[str, object]) -> None:
    data = json.dumps(value).encode()
    found = {
        json.loads(b'"' + member.key + b'"'): json.loads(data[member.start : member.stop])
        for member in find_members(data)
    }
    assert found == value


@given(VALUES)
def test_what_is_not_deep_stays_as_it_is(value: object) -> None:
    data = json.dumps(value).encode()
    assert cut_depth(data, 100) == data
    json.loads(cut_depth(data, 1))


@given(st.binary())
def test_any_bytes_are_scanned(data: bytes) -> None:
    assert -1 <= find_end(data, 0) <= len(data)
    assert all(0 < member.start <= member.stop <= len(data) for member in find_members(data))
    assert len(cut_depth(data, 3)) <= len(data) + 4 * data.count(b"[") + 4 * data.count(b"{")
