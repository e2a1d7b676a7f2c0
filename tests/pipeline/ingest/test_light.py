"""Ingestion names no store, and loads nothing heavy: a Lambda will carry all of it."""

import subprocess
import sys
from pathlib import Path

import pipeline.ingest

HEAVY = {"duckdb", "joblib", "numpy", "pandas", "pyarrow", "scipy", "sklearn"}


def test_no_module_of_ingestion_loads_a_heavy_library_or_a_store() -> None:
    names = [path.stem for path in Path(pipeline.ingest.__path__[0]).glob("[a-z]*.py")]
    assert len(names) > 10
    imports = "\n".join(f"import pipeline.ingest.{name}" for name in names)
    script = f"{imports}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    assert [name for name in loaded if name.startswith("pipeline.stores")] == []
