"""How pages are written: every value is escaped for HTML, made inert and cut, whatever template shows it.

No template has to remember it: what an expression gives goes through `shown`, and then through Jinja's own escaping.
What a template names and nobody gave is an error, not an empty place. Words of ours are messages of the catalogue
(`{% trans %}`, `_()`); what stands at their places is made harmless like any other value.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.page.frames import minute, short
from pipeline.page.language import ASKED, Chosen
from pipeline.page.links import link
from pipeline.page.tellers import make_tellers
from pipeline.text.inert import inert
from pipeline.words.catalogue import find_words
from pipeline.words.language import DEFAULT
from pipeline.words.words import Words

FOLDER: Final = Path(__file__).parent / "templates"
LONGEST: Final = 600
"""Characters of a value that are shown."""
LONGEST_WHOLE: Final = 300_000
"""Of one that is to be copied: a command, a query, a raw record."""


class Whole(str):
    """Text that is shown whole, because half of it would be of no use."""

    __slots__ = ()


def shown(value: Any) -> Any:
    r"""A value as it goes into a page: text inert and bounded, anything else as it is.

    >>> shown("a\x1b[31m"), shown(7), len(shown("x" * 5000)), len(shown(Whole("x" * 5000)))
    ('a\\x1b[31m', 7, 600, 5000)
    """
    if isinstance(value, str) and not hasattr(value, "__html__"):  # what has been escaped is of ours
        return inert(value, LONGEST_WHOLE if isinstance(value, Whole) else LONGEST)
    return value


ALONE: Final = {"base.html": "{% block content %}{% endblock %}"}
"""What stands around a page that is part of a document."""


@cache
def make_environment(chosen: Chosen = Chosen(DEFAULT, False)) -> Environment:  # noqa: B008
    """The environment of all templates in a language; made once.

    >>> make_environment().from_string("<p>{{ name }}</p>").render(name="<script>")
    '<p>&lt;script&gt;</p>'
    >>> korean = make_environment(Chosen("ko", True))
    >>> korean.from_string("{{ _('Search') }} {{ link('/search') }}").render()
    '검색 /search?lang=ko'
    """
    linked = partial(link, **{ASKED: chosen.language}) if chosen.asked else link
    return _make(chosen, linked, FileSystemLoader(FOLDER), alone=False)


def make_environment_alone(chosen: Chosen, link: Callable[..., str]) -> Environment:
    """The same for a document that holds all it shows: without what stands around each page, or needs a server.

    Parameters
    ----------
    link
        Makes addresses within the document; an empty one where there is nothing to lead to.
    """
    return _make(chosen, link, ChoiceLoader([DictLoader(ALONE), FileSystemLoader(FOLDER)]), alone=True)


def _make(chosen: Chosen, link: Callable[..., str], loader: BaseLoader, *, alone: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    words = find_words(chosen.language)
    find, find_many = _make_finders(words)
    environment.globals |= {"_": find, "gettext": find, "ngettext": find_many}
    environment.globals |= {"link": link, "language": chosen.language, "alone": alone}
    environment.globals |= make_tellers(words)
    environment.filters |= {"whole": Whole, "number": "{:,}".format, "short": short, "minute": minute}
    return environment


def _make_finders(words: Words) -> tuple[Callable[..., Markup], Callable[..., Markup]]:
    """`gettext` and `ngettext` of templates: a message as HTML, with values at its places escaped and inert.

    What is no message of the catalogue may be data that a template handed over by mistake, and is escaped itself.
    """

    def fill(message: str, found: str, values: dict[str, Any]) -> Markup:
        if message in words.known:
            return Markup(found) % {name: _put(value) for name, value in values.items()}
        text = escape(shown(found))
        return text % {name: _put(value) for name, value in values.items()} if values else text

    def find(message: str, /, **values: Any) -> Markup:
        return fill(message, words.find(message), values)

    def find_many(one: str, many: str, number: int, /, **values: Any) -> Markup:
        return fill(one, words.find_many(number, one, many), {"num": number, **values})

    return find, find_many


def _put(value: Any) -> Any:
    """A value as it goes into a message: a whole number with its thousands apart."""
    return f"{value:,}" if type(value) is int else shown(value)
