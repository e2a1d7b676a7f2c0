"""The same harmless text for rich, which reads markup, links and emoji codes from anything else."""

from typing import Any

from rich.text import Text

from pipeline.text.inert import LONGEST, inert


def inert_text(value: Any, style: str = "", longest: int = LONGEST) -> Text:
    """A value as `Text`, of which no markup, no links and no emoji codes are read.

    >>> inert_text("[red]x[/red] :skull:").plain
    '[red]x[/red] :skull:'
    """
    return Text(inert(value, longest), style=style)
