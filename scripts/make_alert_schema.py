"""Write the JSON Schema of an alert: `python scripts/make_alert_schema.py`.

It is made of the types in `pipeline.stores.alert`, for whoever reads `alerts.jsonl` or `--json` with a program of their
own. A line of `alerts.jsonl` is one such document.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from pipeline.stores.alert import Alert

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "alert.schema.json"


def make_schema() -> dict[str, Any]:
    """The schema, of draft 2020-12."""
    schema = msgspec.json.schema(Alert)
    for part in schema["$defs"].values():
        part["description"] = " ".join(part["description"].split())  # a docstring's lines
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write(path: Path) -> None:
    """Write it into a file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(PATH)
