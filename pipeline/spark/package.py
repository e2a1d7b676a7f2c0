"""Make what a cluster needs to run a backfill: our code and its libraries in one archive, and the script to submit.

The same sources, lock and databases make the same bytes. Libraries are wheels of the lock for the cluster's machines,
fetched through pip.
"""

import gzip
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from pipeline.delivery.package import ARCHITECTURES, ROOT, PackageError, download, libraries, write_zip

KINDS: Final = ("emr", "glue")
PYTHON: Final = "3.11"
"""Of EMR 7 and of Glue 5."""
ENTRY: Final = "backfill.py"
"""Name of the script to submit."""
GEO: Final = "geoip"
"""Folder of geo databases in an archive."""
_ROOMS: Final = ("features", "models", "pipeline")
_LEFT_OUT: Final = (".pyc", ".lock")
_SUBMIT: Final = "pipeline/cli/spark_submit.py"
_WHEEL: Final = "oddtrail-0-py3-none-any.whl"


@dataclass(frozen=True)
class Package:
    """What was made."""

    archive: Path
    entry: Path
    size: int
    """Bytes of the archive."""


def make_package(out: Path, kind: str = "emr", arch: str = "x86_64", geoip: Path | None = None) -> Package:
    """Make the archive, and beside it the script.

    Parameters
    ----------
    out
        The archive: a `.tar.gz` for EMR, which is unpacked beside the job; a `.zip` of wheels for Glue.
    kind
        Of `KINDS`.
    arch
        `x86_64` or `arm64`, as the cluster's machines.
    geoip
        Folder of geo databases to put in; for EMR.

    Raises
    ------
    PackageError
        Says what is missing.
    """
    if arch not in ARCHITECTURES:
        raise PackageError(f"'{arch}' is no architecture: give {' or '.join(ARCHITECTURES)}")
    if kind == "glue" and geoip is not None:
        raise PackageError("an archive for Glue holds wheels only: give the job the databases by --extra-files")
    entry = out.with_name(ENTRY)
    with tempfile.TemporaryDirectory(prefix="oddtrail-package-") as folder:
        wheels = download(Path(folder), files("pipeline") / "data" / "spark.lock", arch, PYTHON)
        if kind == "glue":
            write_zip(out, {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels} | _own_wheel())
        else:
            content = {name: data for name, data in libraries(wheels).items() if not name.startswith(_ROOMS)}
            _write_tar(out, content | own_files() | _databases(geoip))
    shutil.copyfile(ROOT / _SUBMIT, entry)
    return Package(out, entry, out.stat().st_size)


def own_files() -> dict[str, bytes]:
    """Our own files by their names: all that a backfill may load, with the data beside it."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for room in _ROOMS
        for path in sorted((ROOT / room).rglob("*"))
        if path.is_file() and path.suffix not in _LEFT_OUT and "__pycache__" not in path.parts
    }


def _own_wheel() -> dict[str, bytes]:
    """Our own files as a wheel, which is what Glue installs."""
    about = "oddtrail-0.dist-info"
    told = {
        f"{about}/METADATA": b"Metadata-Version: 2.1\nName: oddtrail\nVersion: 0\n",
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: oddtrail\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content = own_files() | told
    record = "".join(f"{name},,\n" for name in [*content, f"{about}/RECORD"])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*content.items(), (f"{about}/RECORD", record.encode())]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return {f"wheels/{_WHEEL}": made.getvalue()}


def _databases(geoip: Path | None) -> dict[str, bytes]:
    if geoip is None:
        return {}
    from pipeline.enrich.geo import Geo
    from pipeline.spark.making import geo_files

    Geo.open(geoip.expanduser())  # says what cannot be read
    return {f"{GEO}/{path.name}": path.read_bytes() for path in geo_files(geoip.expanduser())}


def _write_tar(out: Path, content: Mapping[str, bytes]) -> None:
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            unfinished.open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for name in sorted(content):
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content[name]), 0o644
                archive.addfile(info, io.BytesIO(content[name]))
        unfinished.replace(out)
    except OSError as error:
        raise PackageError(f"'{out}' cannot be written ({error.strerror}): make room, or name another file") from error
    finally:
        unfinished.unlink(missing_ok=True)
