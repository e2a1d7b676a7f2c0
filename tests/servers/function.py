"""The function's package, made and unzipped once a session for this machine and this Python."""

import platform
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.datafiles import files
from pipeline.delivery.package import ARCHITECTURES, Package, PackageError, make_package
from tests.servers.need import lack

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True)
class Unzipped:
    """A package, and where its files lie."""

    made: Package
    folder: Path


def this_machine() -> str:
    """Lambda's name of what this machine is."""
    found = [name for name, machine in ARCHITECTURES.items() if machine == platform.machine()]
    if sys.platform != "linux" or not found:
        lack("Lambda runs on Linux on arm64 or x86_64 only")
    return found[0]


@pytest.fixture(scope="session")
def function(tmp_path_factory: pytest.TempPathFactory) -> Unzipped:
    """The package with the demo's geo databases."""
    folder = tmp_path_factory.mktemp("function")
    databases = Path(str(files("pipeline") / "data" / "demo_geo"))
    try:
        made = make_package(folder / "function.zip", this_machine(), PYTHON, databases)
    except PackageError as error:
        lack(str(error))
        raise
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(folder / "task")
    return Unzipped(made, folder / "task")
