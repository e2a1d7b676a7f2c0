"""Entries of the lock that a package needs, with their versions and hashes."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = ROOT / "requirements-dev.lock"


def pick_entries(lock: str, needed: Collection[str], python: Mapping[str, str]) -> str:
    """The entries that are needed, of the text of a lock, without the condition under which they are.

    Parameters
    ----------
    python
        What the package will run on, as conditions name it (`python_version`, `sys_platform`).

    Raises
    ------
    ValueError
        The lock lacks one.

    Examples
    --------
    >>> pick_entries("a==1 ; python_version >= '3.11'\\nb==2", ["a"], {"python_version": "3.12"})
    'a==1\\n'
    """
    lines = dict[str, str]()
    for entry in re.split(r"\n(?=\S)", lock):
        if entry.startswith("#"):
            continue
        text = entry.replace("\\\n", " ")
        requirement = Requirement(text.partition("--hash")[0].strip())
        fits = requirement.marker is None or requirement.marker.evaluate(dict(python))
        if fits and requirement.name in needed:
            hashes = re.findall(r"--hash=\S+", text)
            lines[requirement.name] = " \\\n    ".join([f"{requirement.name}{requirement.specifier}", *hashes])
    if missing := sorted(set(needed) - lines.keys()):
        raise ValueError(f"the lock has no {', '.join(missing)}")
    return "\n".join(lines[name] for name in sorted(lines)) + "\n"
