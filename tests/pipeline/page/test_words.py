"""No template says a word of ours that is no message of the catalogue."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes
from starlette.types import ASGIApp

from pipeline.page.app import PAGES
from pipeline.page.home import Home
from pipeline.page.language import Chosen
from pipeline.page.links import link
from pipeline.page.templating import FOLDER, make_environment
from pipeline.settings import Settings
from pipeline.words.catalogue import find_words
from tests.pipeline.page.asking import ask

_WORD = re.compile(r"[A-Za-z]{2,}")
_NAMES = {"oddtrail"}
_SAID = {"alt", "title", "aria-label", "placeholder", "value", "content"}
"""Attributes that are read out."""
_SAYING = {"_", "gettext", "ngettext"}


class Bare(HTMLParser):
    """Gathers the words of a template that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet += tag == "code"
        if tag != "meta":
            self._keep(" ".join(value or "" for name, value in attrs if name in _SAID))

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self._keep(data)

    def _keep(self, text: str) -> None:
        self.words += [word for word in _WORD.findall(text) if word not in _NAMES]


def find_bare(source: str) -> list[str]:
    """Words of ours in a template that are no messages: text, attributes that are read out, texts in expressions."""
    tree = make_environment().parse(source)
    said = {id(node) for call in tree.find_all(nodes.Call) if _says(call) for node in call.find_all(nodes.Const)}
    parser = Bare()
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            parser.feed(node.data if isinstance(node, nodes.TemplateData) else "\0")
    parser.close()
    texts = [node.value for node in tree.find_all(nodes.Const) if id(node) not in said and isinstance(node.value, str)]
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "plural":
            parser.words.append("plural")
    return parser.words + [text for text in texts if re.search(r"[A-Za-z]{2,} [a-z]|^[A-Z][a-z]+", text)]


def _says(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in _SAYING


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_every_word_of_a_template_is_a_message(name: str) -> None:
    assert not find_bare((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ('<p title="Hello">{{ _("Hello") }}</p>', ["Hello"]),
        ('<svg aria-label="Evidence"></svg>', ["Evidence"]),
        ('{{ "Today, " if x else "" }}', ["Today, "]),
        ('{{ plural(3, "call") }}', ["plural"]),
        ('<td class="{{ "opens" if x }}"><code>aws s3</code>{% trans %}Hello{% endtrans %}</td>', []),
    ],
)
def test_a_bare_word_is_found(source: str, bare: list[str]) -> None:
    assert find_bare(source) == bare


HOSTILE = "<script>\x1b[31m\u202e%(name)s%s{{7*7}}"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_stands_in_a_message_is_escaped_and_inert(language: str) -> None:
    environment = make_environment(Chosen(language, False))  # type: ignore[arg-type]
    for source in (
        "{% trans name=name %}a {{ name }} b{% endtrans %}",
        "{{ _('Search', name=name) }}{{ name }}",
        "{{ _(name) }}",
        "{% trans n=3, name=name %}one {{ name }}{% pluralize n %}{{ n }} {{ name }}{% endtrans %}",
    ):
        page = environment.from_string(source).render(name=HOSTILE)
        assert page.isprintable()
        assert "<" not in page
        assert "&lt;script&gt;\\x1b[31m\\u202e%(name)s%s{{7*7}}" in page


def test_a_number_in_a_message_has_its_thousands_apart() -> None:
    source = "{% trans n=n %}{{ n }} call{% pluralize %}{{ n }} calls{% endtrans %}"
    assert [make_environment().from_string(source).render(n=n) for n in (1, 12000)] == ["1 call", "12,000 calls"]


def find_english(page: str) -> set[str]:
    """Messages that a page says in English though there is Korean for them: texts, and attributes that are read out."""
    korean = find_words("ko")
    english = {one for one in korean.known if " " in one and "%(" not in one and korean.find(one) != one}
    page = re.sub(r"<(code|pre|option)\b.*?</\1>", "", page, flags=re.DOTALL)
    parts = re.findall(r">([^<]+)<|(?:aria-label|title|data-line)=\"([^\"]+)\"", page)
    said = " ".join(unescape(one or other) for one, other in parts)
    return {one for one in english if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", " ".join(said.split()))}


def test_no_page_of_a_scored_home_says_a_message_in_english(scored: Path, scored_app: ASGIApp) -> None:
    with Home(Settings(home=scored)).open() as store:
        [one, *_] = store.alerts.latest(raised=True)
    asked = {
        "/alert": {"id": one.alert_id},
        "/events": {"id": one.alert_id},
        "/principal": {"id": one.principal_key},
        "/unlike": {"id": one.principal_key},
        "/search": {"q": one.principal_name},
    }
    for path in PAGES.keys() - {"/event"}:
        found = ask(scored_app, link(path, **asked.get(path, {}), lang="ko"))
        assert found.status == 200, path
        assert find_english(found.text) == set(), path
        assert find_english(ask(scored_app, link(path, **asked.get(path, {}), lang="en")).text), f"{path} says nothing"
