"""What a renderable looks like on a screen without colours."""

import io

from rich.console import RenderableType

from pipeline.render.console import console


def printed(renderable: RenderableType, width: int = 200) -> str:
    """Its text, as a pipe gets it."""
    out = io.StringIO()
    screen = console(out)
    screen.width = width
    screen.print(renderable)
    return out.getvalue()
