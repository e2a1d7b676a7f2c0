"""How pages are written: every value is escaped for HTML, made inert and cut, whatever template shows it.

No template has to remember it: what an expression gives goes through `shown`, and then through Jinja's own escaping.
What a template names and nobody gave is an error, not an empty place.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from pipeline.page.links import link
from pipeline.text.inert import inert
from pipeline.text.plural import plural

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


def make_environment(*, link: Callable[..., str] = link, alone: bool = False) -> Environment:
    """The environment of all templates.

    Parameters
    ----------
    link
        Makes addresses within the page.
    alone
        Without what stands around each page and what needs a server: for a document that holds all it shows.

    >>> make_environment().from_string("<p>{{ name }}</p>").render(name="<script>")
    '<p>&lt;script&gt;</p>'
    """
    environment = Environment(
        loader=ChoiceLoader([DictLoader(ALONE if alone else {}), FileSystemLoader(FOLDER)]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"link": link, "plural": plural, "alone": alone}
    environment.filters |= {"whole": Whole, "number": "{:,}".format}
    return environment
