"""No number stands before a plural that is not its own: in sentences of the code, and in what is told of one thing."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.words.catalogue import find_words, read_catalogue
from pipeline.words.language import DEFAULT
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts

ROOT = Path(__file__).parents[3]
ROOMS = (
    "alerts", "cli", "demo", "detect", "drill", "feedback", "notify", "page", "render", "reports", "watch", "publish",
)  # fmt: skip
_PLURAL = re.compile(r"^ (?:[a-z-]+ ){0,2}?([a-z]{2,}s)\b")
_NO_PLURAL = {
    *("is", "as", "was", "has", "this", "its", "less", "does", "pass", "us", "address", "means", "reaches", "says"),
    *("knows", "serves", "plus", "holds", "bytes", "begins", "starts", "reads", "needs", "takes", "stays", "shows"),
    *("answers", "counts", "misses", "lies", "matches", "yours", "names"),
}
_NEVER_ONE = re.compile(
    r"^(plural\(|more$|len\((fits|keys|found|matches|group|tables|asked\.note)\)|found\[1\]$|_number\("
    r"|[A-Z_]+(\.days)?$|LEAST_CHARACTERS|note\.|fared\.(total|evidence)$|nats$|rank$|hours / 24|months$|days$"
    r"|self\._span|(truth|demo)\.|len\(truth\.campaigns\)$|share$|others$|wait$|principal$|report\.open_alerts$"
    r"|', '\.join|len\((known|stuck|names)\)$)"
)
"""What is more than one wherever it is told, has decimals, is a constant or of the demo, or is no number."""


def find_unbent(source: str) -> Iterator[str]:
    """Numbers in f-strings of a module that stand before a plural, whatever they are."""
    for node in ast.walk(ast.parse(source)):
        for value, text in zip(node.values, node.values[1:], strict=False) if isinstance(node, ast.JoinedStr) else ():
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                found, what = _PLURAL.match(str(text.value)), ast.unparse(value.value)
                if found and found[1] not in _NO_PLURAL and not _NEVER_ONE.search(what):
                    yield f"{{{what}}}{found[0]}"


def find_wrong(text: str) -> list[str]:
    """Where a text says 1 of many.

    >>> find_wrong("1 denied calls in an hour"), find_wrong("1 call, 21 calls, 1.1 alerts a day, of 1 was")
    (['1 denied calls'], [])
    """
    found = re.finditer(r"(?<![\d.,:/-])1 (?:[a-z-]+ ){0,2}?([a-z]{2,}s)\b", text)
    return [one[0] for one in found if one[1] not in _NO_PLURAL]


@pytest.mark.parametrize("room", ROOMS)
def test_no_number_in_code_stands_before_a_plural(room: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {one}"
        for path in (ROOT / "pipeline" / room).rglob("*.py")
        for one in find_unbent(path.read_text(encoding="utf-8"))
    }
    assert not found, "use pipeline.text.plural, or words.say_many"


def test_no_message_of_the_catalogue_does() -> None:
    """Of messages with a number at `{n}`, `{days}` or `{count}` each has both forms."""
    place = re.compile(r"(\{(n|count|days)\}|%\((n|count|days)\)s) (?:[a-z-]+ ){0,2}?([a-z]{2,}s)\b")
    single = [message.id for message in read_catalogue("ko") if isinstance(message.id, str)]
    found = [text for text in single if (match := place.search(text)) and match[4] not in _NO_PLURAL]
    never = ("' ids start with", "the note has {n} characters", "days old", "no tick for {n} s", "for {n} h nobody",
             "as strange are {days}", "machines, {days} days", "learned {days} days", "only the first {n}")  # fmt: skip
    assert [text for text in found if not any(one in text for one in never)] == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one of each: an event, an alert of one call by one principal, and a mark of it."""
    reason = {
        "feature": "own_past", "dimension": "denied", "value": "denied", "typical": 0.0, "actual": 1.0, "nats": 3.0,
        "text": "1 denied call in an hour, where 0 is typical",
    }  # fmt: skip
    alert = an_alert(reasons=[reason], members=["role/1/other"], accounts=["111122223333", "444455556666"])
    home = with_alerts(a_home(tmp_path_factory.mktemp("one"), [a_record()]), alert)
    run("alerts", "mark", "3f9a", "malicious", "--days", "1", "--home", home)
    return home


@pytest.mark.parametrize(
    "command",
    [
        "alerts list", "alerts show 3f9a", "alerts show 3f9a --markdown --numbers", "alerts marks --all", "doctor",
        "alerts mark 3f9a malicious --days 1 --dry-run", "store info", "store verify", "events", "report --text",
        "scores", "notify list", "config", "models list",
    ],
)  # fmt: skip
def test_of_one_thing_nothing_is_told_in_the_plural(home: Path, command: str) -> None:
    told = run(*command.split(), "--home", home)
    assert told.stdout + told.stderr
    assert not find_wrong(told.stdout + told.stderr)


def test_a_page_of_one_thing_says_so(home: Path) -> None:
    path = home / f"one-{date.today()}.html"
    assert run("report", "--home", home, "--out", path).exit_code == 0
    text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    inline = re.sub(r"</?(a|b|code|em|span|strong|td class=.t.)\b[^>]*>", "", text)
    assert not find_wrong(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", inline)))
    assert find_words(DEFAULT).say_many(1, "{n} call", "{n} calls") == "1 call"
