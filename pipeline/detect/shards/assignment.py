"""Whose each shard is: this machine's, or that of another one, by its name. It changes only when somebody says so."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from pipeline.errors import SettingsError
from pipeline.settings import Settings
from pipeline.stores.protocols import StateStore
from pipeline.text.plural import plural

HERE: Final = "here"
"""Owner of the shards that the watch starts itself, as processes of its machine."""
MOST_SHARDS: Final = 64
_ASSIGNED: Final = "shards/assigned"
"""Setting of a home's state: the owners, in the order of shards."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)


class Assignment(NamedTuple):
    """The owners of all shards, in their order.

    Examples
    --------
    >>> Assignment(("here", "node-b", "node-b")).of_owner("node-b")
    [1, 2]
    """

    owners: tuple[str, ...]

    def of_owner(self, name: str) -> list[int]:
        """The shards of one machine."""
        return [shard for shard, owner in enumerate(self.owners) if owner == name]


def read_assignment(state: StateStore, settings: Settings) -> Assignment:
    """What was assigned in a home; where nothing was, all shards that settings ask for are this machine's."""
    assigned: Sequence[str] = state.setting(_ASSIGNED, ())
    return Assignment(tuple(assigned) or (HERE,) * settings.shards)


def assign(state: StateStore, owners: Sequence[str]) -> Assignment:
    """Say whose each shard is; without any, that nothing is assigned. A watch that runs takes it at its next beginning.

    Raises
    ------
    SettingsError
        A name is no name, or there are too many.
    """
    for name in owners:
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name[:80]!r} is no name of a machine: give up to 63 of a-z, 0-9, '.', '_' and '-'")
    if len(owners) > MOST_SHARDS:
        raise SettingsError(f"{plural(len(owners), 'shard')} are too many: give {MOST_SHARDS} at most")
    state.put_setting(_ASSIGNED, list(owners))
    return Assignment(tuple(owners))
