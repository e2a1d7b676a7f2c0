"""What a commit worked out already, so that a run that was stopped goes on where it was."""

from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_kept(path: Path, commit: str, type_: type[T]) -> T | None:
    """Return what this very commit kept there; none where it did not, or where it has changes of its own.

    Parameters
    ----------
    path
        File that `keep` wrote.
    commit
        Id of the commit, with `+` at its end when the tree holds changes.
    type_
        What was kept.
    """
    if commit.endswith("+") or not path.is_file():
        return None
    known, value = msgspec.json.decode(path.read_bytes(), type=tuple[str, type_])  # type: ignore[valid-type]
    return value if known == commit else None


def keep(path: Path, commit: str, value: object) -> None:
    """Keep a value of a commit; a file is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.new")
    made.write_bytes(msgspec.json.encode((commit, value)))
    made.replace(path)
