"""What a command or a message says is a message of the catalogue, as every word of a template is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HELP = {"app", "command", "session", "trouble", "when"}
"""Of the command line: what is said in help, and errors, which `error_words.py` tells again."""
TOLD = (
    *sorted(f"pipeline/cli/{path.name}" for path in (ROOT / "pipeline/cli").glob("*.py") if path.stem not in HELP),
    *(f"pipeline/notify/{name}.py" for name in ("change", "choose", "notice", "word")),
    *(f"pipeline/notify/{name}.py" for name in ("slack", "teams", "ses", "sns", "pagerduty", "stdout")),
    *(
        f"pipeline/render/{name}.py"
        for name in ("alert", "alert_markdown", "alert_why", "backfill", "backtest", "demo")
    ),
    *(f"pipeline/render/{name}.py" for name in ("demo", "events", "index", "ingest", "marks", "verified")),
    "pipeline/drill/follow.py",
    "pipeline/feedback/take_over.py",
    "pipeline/page/report_text.py",
    "pipeline/reports/doctor.py",
    *(f"pipeline/reports/checks/{name}.py" for name in ("home", "records", "storage", "trail")),
)
"""Files of which every sentence is told in the reader's language."""
_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]+\b")
_SAYING = {
    *("words.say", "words.say_many", "words.find", "self.words.say", "to_say", "to_say_many", "told", "told_many"),
    "session.line",
}
_ASIDE = re.compile(
    r"Error\b|^typer\.|^re\.|^TypeVar|^Waits$|^Step$|^cast$|notes\.append$|add_typer$|\.execute$|\.rows$|^Annotated|^Mark"
    r"|_key$|^urlencode|^attempt$"
)
"""What is called or raised with text that is no answer: errors have their own catalogue, options their own help."""

_NO_ANSWER = re.compile(
    r"^(Subject|Message(-ID)?|Auto-Submitted|String|Full|Action\.OpenUrl|References|From|To|Destination|Content|Raw|Data"
    r"|bold red|oddtrail alerts show |mail to |standard output, |marks that wait|said otherwise in the index"
    r"|somebody without a name|standard output cannot be written \(| ?(no )?marks?'s? ids? starts?.*| marks' ids start"
    r"|oddtrail ingest PATH|empty file|records = indexed .*|set aside: "
    r"|ToAddresses|FromEmailAddress|<.*|.*><.*)$"
)
"""Names of protocols, styles, commands, markup; and what is kept, or told to whoever runs it, in English."""


def find_bare(source: str) -> list[str]:
    """Sentences of a module that are no messages of the catalogue."""
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if _is_aside(node):
            skipped |= {id(inner) for inner in ast.walk(node)}
    return [text for text in _texts(tree, skipped) if _SENTENCE.search(text) and not _NO_ANSWER.search(text)]


def _is_aside(node: ast.AST) -> bool:
    """What holds no answer: docstrings, options and their help, errors, commands, and what is a message."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Subscript | ast.Raise | ast.arg | ast.JoinedStr):
        named = isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("Annotated", "Literal", "Final")
        return named or isinstance(node, ast.Raise | ast.arg)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        return name in _SAYING or name in ("group", "command") or bool(_ASIDE.search(name))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        return target.endswith(("EXAMPLES", "_HEADERS"))
    return False


def _texts(tree: ast.AST, skipped: set[int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


@pytest.mark.parametrize("name", TOLD)
def test_every_sentence_of_an_answer_is_a_message(name: str) -> None:
    assert not find_bare((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ('print_whole(console, "Nothing was saved.")', ["Nothing was saved."]),
        ('console.print(f"Mark {id} counts no more")', ["Mark", "counts no more"]),
        ('facts = [("Who", notice.who)]', ["Who"]),
        ('print_whole(console, words.say("Nothing was saved."))', []),
        ('raise MarkError("nobody says who marks it")', []),
        ('"""A docstring of some words."""', []),
    ],
)
def test_a_bare_sentence_is_found(source: str, bare: list[str]) -> None:
    assert [text.strip() for text in find_bare(source)] == [text.strip() for text in bare]
