"""Progress on a terminal; silence anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Moved = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


@contextmanager
def bytes_bar(console: Console | None) -> Iterator[Moved]:
    """A bar over bytes, of which 0 in all is not known; None shows nothing."""
    if console is None:
        yield lambda done, total: None
        return
    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


@contextmanager
def stages_bar(console: Console | None) -> Iterator[Callable[[str, int, int], None]]:
    """A bar that names the stage it is in; None shows nothing."""
    if console is None:
        yield lambda stage, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda stage, done, total: progress.update(task, description=stage, completed=done, total=total)


@contextmanager
def spinner(console: Console | None) -> Iterator[Callable[[str], None]]:
    """Says what is being done, in one line that moves; None shows nothing."""
    if console is None:
        yield lambda doing: None
        return
    with console.status("") as status:
        yield lambda doing: status.update(doing)
