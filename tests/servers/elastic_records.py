"""Elastic's own reader of anomaly records, and its own mapping of their index, out of a server's own files."""

import json
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.engine import Server
from tests.servers.java import find_java
from tests.servers.need import lack

SOURCE = Path(__file__).with_name("ReadRecords.java")
_RESOURCE = "ml/anomalydetection/results_index_mappings.json"


class Read(NamedTuple):
    """A document as Elastic reads it."""

    id: str
    """The id it would give it."""
    record: dict[str, Any]
    """What it writes again."""


def read_records(server: Server, folder: Path, documents: Iterable[dict[str, Any]]) -> list[Read]:
    """Documents as Elastic's `AnomalyRecord` reads them.

    Parameters
    ----------
    folder
        Where the reader is compiled.
    """
    java = find_java(17, 24)
    if not (java / "bin/javac").exists():
        lack(f"{java} has no compiler")
    classes = f"{server.folder}/lib/*:{server.folder}/modules/x-pack-core/*"
    _run([str(java / "bin/javac"), "-cp", classes, "-d", str(folder), str(SOURCE)], "")
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    said = _run([str(java / "bin/java"), "-cp", f"{classes}:{folder}", "ReadRecords"], lines)
    pairs = [line.split("\t", 1) for line in said.splitlines()]
    return [Read(name, json.loads(record)) for name, record in pairs]


def native_mapping(server: Server) -> dict[str, Any]:
    """The mapping of Elastic's own indices of results."""
    [jar] = (server.folder / "modules/x-pack-core").glob("x-pack-template-resources-*.jar")
    with zipfile.ZipFile(jar) as resources:
        text = resources.read(_RESOURCE).decode()
    text = text.replace("${xpack.ml.version}", server.kind.version).replace("${xpack.ml.managed.index.version}", "1")
    mapping: dict[str, Any] = json.loads(text)
    return mapping


def _run(command: list[str], given: str) -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout
