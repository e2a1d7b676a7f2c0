"""Names of what rows and activity are made with: where it is another, they are made again."""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from features.call.verified import VerifiedNames
from pipeline.enrich.networks import Networks
from pipeline.spark.sql_texts import read_sql
from pipeline.spark.work import digest_of

_CODE: Final = ("features", "pipeline.ingest", "pipeline.enrich", "pipeline.spark")
_DATA: Final = ("iam_actions.json", "attack_priors.json")
_STATEMENTS: Final = ("counted", "corrected", "joint", "touched", "filled", "principals", "places", "sessions")


def name_decoding(geo: Path | None, networks: Networks, verified: VerifiedNames) -> str:
    """Names code, catalogues, geo databases and own networks."""
    databases = [f"{file.name} {_hash_file(file)}" for file in geo_files(geo)]
    return digest_of(_hash_code(), *databases, repr(networks), repr(verified))


def name_counting(timezone: str, lateness_minutes: int) -> str:
    """Names the statements and the deployment's day."""
    return digest_of(timezone, str(lateness_minutes), *map(read_sql, _STATEMENTS))


def geo_files(folder: Path | None) -> list[Path]:
    """The files that travel: databases, and what says whose they are."""
    if folder is None:
        return []
    if folder.is_file():
        return [folder]
    wanted = (".mmdb", ".csv")
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in wanted)


@cache
def _hash_code() -> str:
    digest = hashlib.sha256()
    for package in _CODE:
        found = find_spec(package)
        assert found is not None
        for folder in map(Path, found.submodule_search_locations or ()):
            for file in sorted(folder.rglob("*.py")):
                digest.update(f"{package} {file.relative_to(folder)}\n".encode() + file.read_bytes())
    data = find_spec("pipeline")
    assert data is not None
    for folder in map(Path, data.submodule_search_locations or ()):
        for name in _DATA:
            digest.update((folder / "data" / name).read_bytes())
    return digest.hexdigest()


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
