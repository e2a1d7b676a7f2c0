"""Notes of models: each once, and one that cannot be read hides no other."""

import os
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.jsonl.models import ModelNote, ModelsJsonl


def a_note(model_id: str = "20516-3f9a") -> ModelNote:
    return ModelNote(
        model_id=model_id, day=date(2026, 3, 4), made_of="20513-00ff", learnt_days=21, judged_days=14, principals=5,
        values=900, priors="1", seed=0, detectors=["forest"], nats={"75": 7.5},
    )  # fmt: skip


@pytest.fixture
def models(tmp_path: Path) -> ModelsJsonl:
    return ModelsJsonl(tmp_path / "models.jsonl")


def test_a_note_is_read_back_and_written_once(models: ModelsJsonl) -> None:
    for note in (a_note(), a_note(), a_note("20517-00")):
        models.add(note)
    assert models.every() == [a_note(), a_note("20517-00")]
    assert a_note().as_dict()["day"] == "2026-03-04"


@pytest.mark.parametrize("torn", [b'{"model_id": "x', b"[" * 50_000, b"\xff\n", b"7\n"])
def test_a_line_that_cannot_be_read_hides_no_other(models: ModelsJsonl, torn: bytes) -> None:
    models.add(a_note())
    with models.path.open("ab") as file:
        file.write(torn)
    models.add(a_note("20517-00"))
    assert models.every() == [a_note(), a_note("20517-00")]


def test_what_is_no_file_is_not_waited_for(models: ModelsJsonl) -> None:
    os.mkfifo(models.path)
    with pytest.raises(StoreError, match="is a pipe and not a plain file"):
        models.every()
