"""The event schema."""

from typing import get_args

from features.normalise.event import EVENT, ColumnType


def test_each_column_is_named_once_and_has_a_meaning() -> None:
    names = [column.name for column in EVENT]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name.islower() for name in names)
    assert all(column.meaning.endswith((".", "…")) for column in EVENT)


def test_every_type_is_used_and_known() -> None:
    assert {column.type for column in EVENT} == set(get_args(ColumnType))


def test_names_of_the_common_schema_stand_for_one_column() -> None:
    ecs = [column.ecs for column in EVENT if column.ecs is not None and column.ecs != "source.geo.location"]
    assert len(ecs) == len(set(ecs))
    assert [column.name for column in EVENT if column.ecs == "source.geo.location"] == ["latitude", "longitude"]
