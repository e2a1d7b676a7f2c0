"""Starting the shards that a deployment counts with: processes of this machine, and lines to those of others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pipeline.detect.shards.assignment import HERE, read_assignment
from pipeline.detect.shards.folder import FolderLine, begin_run
from pipeline.detect.shards.line import Line
from pipeline.detect.shards.processes import start_shard
from pipeline.detect.shards.together import Shards
from pipeline.settings import Settings
from pipeline.stores.protocols import StateStore


@contextmanager
def start_shards(
    state: StateStore, settings: Settings, waiting: Callable[[], None] = lambda: None
) -> Iterator[Shards | None]:
    """The shards of a home, for the block; None where this process counts everybody by itself.

    Parameters
    ----------
    waiting
        Called about once a second while they work; what it raises ends the waiting.
    """
    assignment = read_assignment(state, settings)
    of, here = len(assignment.owners), assignment.of_owner(HERE)
    if assignment.owners == (HERE,):
        yield None
        return
    threads, memory = max(settings.threads // max(len(here), 1), 1), settings.memory // (len(here) + 1)
    with ExitStack() as held:
        run = "" if len(here) == of else held.enter_context(begin_run(settings.home, assignment.owners))
        lines = list[Line]()
        for shard, owner in enumerate(assignment.owners):
            if owner == HERE:
                process = start_shard(settings.home, shard=shard, of=of, threads=threads, memory=memory)
                lines.append(held.enter_context(process))
            else:
                lines.append(FolderLine(settings.home, run, shard, f"shard {shard + 1} of {of}, which is {owner}'s,"))
        yield Shards(lines, waiting)
