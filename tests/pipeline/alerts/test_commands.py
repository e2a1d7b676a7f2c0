"""A name in a command is one word of it, whatever it holds, or the command is not there."""

import shlex

import pytest

from pipeline.alerts.commands import LONGEST, MOST_EACH, fill, quote
from tests.pipeline.render.hostile import HOSTILE

TEMPLATE = "aws iam delete-login-profile --user-name {user}"


@pytest.mark.parametrize("name", [*HOSTILE, "$(x)", "`x`", "a'b", 'a"b', "a b", "&& x", "#x", "*", "~", "\\", "{user}"])
def test_a_name_is_one_word_or_none(name: str) -> None:
    quoted = quote(name)
    if quoted is None:
        assert not name.isprintable() or len(name) > LONGEST
        assert fill(TEMPLATE, {"user": [name]}) == []
    else:
        assert shlex.split(quoted) == [name]
        [command] = fill(TEMPLATE, {"user": [name]})
        assert shlex.split(command)[3:] in (["--user-name", name], [f"--user-name={name}"])


@pytest.mark.parametrize("name", ["file:///etc/passwd", "FILEB://x", "https://x.example/y", "http://x", "", "x" * 600])
def test_what_the_cli_would_read_as_something_else_is_in_no_command(name: str) -> None:
    assert quote(name) is None


@pytest.mark.parametrize("name", ["-x", "--profile", "-2+3", "-a b"])
def test_a_name_that_begins_like_an_option_is_tied_to_its_own(name: str) -> None:
    [command] = fill(TEMPLATE, {"user": [name]})
    assert shlex.split(command)[-1] == f"--user-name={name}"


def test_one_command_a_value_and_no_more_than_are_read() -> None:
    assert fill("aws x --a {a}", {"a": [str(number) for number in range(9)]}) == [
        f"aws x --a {number}" for number in range(MOST_EACH)
    ]


def test_of_two_places_one_may_have_many_values_and_not_both() -> None:
    assert fill("aws x {a} {b}", {"a": ["1"], "b": ["2", "3"]}) == ["aws x 1 2", "aws x 1 3"]
    assert fill("aws x {a} {b}", {"a": ["1", "4"], "b": ["2", "3"]}) == []
    assert fill("aws x {a} {b}", {"a": ["1"]}) == []


@pytest.mark.parametrize(
    ("region", "end"),
    [
        ("eu-west-1", " --region eu-west-1"),
        ("us-gov-east-1", " --region us-gov-east-1"),
        ("", ""),
        ("x; reboot", ""),
        ("aws-global", ""),
    ],
)
def test_a_region_is_given_where_it_is_one(region: str, end: str) -> None:
    assert fill("aws x", {}, region) == [f"aws x{end}"]
