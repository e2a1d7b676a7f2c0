"""Make the function's package: a zip with our own modules that it imports, what they need, and geo databases.

The same sources, lock and databases make the same bytes: files in order, one time, one mode, nothing compiled.
"""

import ast
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.errors import OddtrailError

ROOT: Final = Path(__file__).parents[2]
ENTRY: Final = "lambda_ingest.handler"
HANDLER: Final = "lambda_ingest.handler.handler"
"""What Lambda is told to call."""
ARCHITECTURES: Final[Mapping[str, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's names, and those of wheels."""
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
PYTHON: Final = "3.13"
"""Of Lambda, where none is named."""
_MANYLINUX: Final = {"3.11": ("_2_17", "2014")}
"""What wheels may ask of the C library: Python 3.11 runs on Amazon Linux 2, later ones on Amazon Linux 2023."""
_LATER: Final = ("_2_34", "_2_28", "_2_17", "2014")
_ROOMS: Final = ("features", "models", "pipeline", "lambda_ingest")
_DATA: Final = ("pipeline/data/attack_priors.json", "pipeline/data/iam_actions.json")
_LEFT_OUT: Final = (".pyi", ".pyc", ".c", ".h")
_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can say."""
_MODE: Final = 0o100644 << 16
LARGEST: Final = 250 << 20
"""Bytes unzipped that Lambda takes."""


class PackageError(OddtrailError):
    """The package cannot be made."""


@dataclass(frozen=True)
class Package:
    """What was made."""

    path: Path
    files: int
    size: int
    """Bytes of the zip."""
    unzipped: int
    """Bytes of what is in it."""
    databases: list[str]
    """Geo databases in it."""


def make_package(out: Path, arch: str = "arm64", python: str = PYTHON, geoip: Path | None = None) -> Package:
    """Make the package.

    Parameters
    ----------
    out
        The zip; what is there is replaced once the new one is whole.
    arch
        Of `ARCHITECTURES`.
    python
        Of the function, as in `3.13`.
    geoip
        Folder of geo databases, or one of them; None for none.

    Raises
    ------
    PackageError
        Says what is missing.
    """
    with tempfile.TemporaryDirectory(prefix="oddtrail-package-") as folder:
        content = libraries(download(Path(folder), files("pipeline") / "data" / "lambda.lock", arch, python))
    content |= _own()
    databases = _databases(geoip)
    content |= databases
    unzipped = sum(map(len, content.values()))
    if unzipped > LARGEST:
        raise PackageError(
            f"the package would be {unzipped >> 20} MB unzipped, and Lambda takes {LARGEST >> 20}: choose smaller geo "
            "databases, as GeoLite2-Country or DB-IP's country"
        )
    write_zip(out, content)
    return Package(out, len(content), out.stat().st_size, unzipped, sorted(databases))


def own_modules(entry: str = ENTRY) -> list[str]:
    """Files of ours that a module imports, directly or not, with the packages they are in.

    >>> "pipeline/search/bulk.py" in own_modules(), "pipeline/stores/alert.py" in own_modules()
    (True, False)
    """
    found: set[Path] = set()
    left = [entry]
    while left:
        path = _file_of(left.pop())
        if path is None or path in found:
            continue
        found.add(path)
        found |= {parent / "__init__.py" for parent in path.parents if ROOT in parent.parents}
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                left += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                left += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def _file_of(module: str) -> Path | None:
    """File of a module of ours; None of others, and of names in modules."""
    parts = module.split(".")
    if parts[0] not in _ROOMS:
        return None
    path = ROOT.joinpath(*parts)
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _own() -> dict[str, bytes]:
    return {name: (ROOT / name).read_bytes() for name in (*own_modules(), *_DATA)}


def download(folder: Path, lock: Traversable, arch: str, python: str) -> list[Path]:
    """Wheels of a lock for a machine of AWS's, through pip.

    Raises
    ------
    PackageError
        Pip could not fetch them.
    """
    machine = ARCHITECTURES[arch]
    platforms = [f"manylinux{version}_{machine}" for version in _MANYLINUX.get(python, _LATER)]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--implementation", "cp", "--python-version", python, "--abi", f"cp{python.replace('.', '')}", "--abi", "abi3",
        "--abi", "none", *(word for name in platforms for word in ("--platform", name)), "--dest", str(folder),
        "--requirement", str(lock),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PackageError(f"pip cannot be run ({error.strerror}): install it for this Python") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise PackageError(
            f"pip could not fetch what is needed ({said[-1][:300] if said else 'it said nothing'}): check the "
            "connection to your package index"
        )
    return sorted(folder.glob("*.whl"))


def libraries(wheels: Iterable[Path]) -> dict[str, bytes]:
    """What wheels install, but for what no function reads."""
    content: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                if not info.is_dir() and _is_needed(info.filename):
                    content[info.filename] = archive.read(info)
    return content


def _is_needed(name: str) -> bool:
    path = PurePosixPath(name)
    top = path.parts[0]
    if ".data" in top or path.name == "RECORD" or "tests" in path.parts or "__pycache__" in path.parts:
        return False
    return path.suffix not in _LEFT_OUT


def _databases(geoip: Path | None) -> dict[str, bytes]:
    """Geo databases that can be read, below `geoip/`, with what their licences ask to be shown."""
    if geoip is None:
        return {}
    from pipeline.enrich.geo import SOURCES_FILE, Geo

    geoip = geoip.expanduser()
    names = {file.name for file in Geo.open(geoip).files()} | {SOURCES_FILE}
    paths = [geoip] if geoip.is_file() else [path for path in sorted(geoip.rglob("*")) if path.name in names]
    return {f"geoip/{path.name}": path.read_bytes() for path in paths}


def write_zip(out: Path, content: Mapping[str, bytes]) -> None:
    """Write a zip, the same bytes each time; what is there is replaced once the new one is whole.

    Raises
    ------
    PackageError
        It cannot be written.
    """
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name in sorted(content):
                info = zipfile.ZipInfo(name, _TIME)
                info.external_attr, info.create_system = _MODE, 3
                archive.writestr(info, content[name], zipfile.ZIP_DEFLATED, 9)
        unfinished.replace(out)
    except OSError as error:
        raise PackageError(f"'{out}' cannot be written ({error.strerror}): make room, or name another file") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
