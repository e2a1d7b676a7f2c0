"""Whether the model in service can be made again, and is as it was signed."""

import shutil

from pipeline.reports.model_health import open_health
from pipeline.reports.reproduce import check_champion


def test_the_champion_is_held_against_its_signature(home):
    found = open_health(home)
    facts = check_champion(found).set_index("fact")["value"]
    [info] = found.bundles.every()
    assert facts["model_id"] == info.model_id
    assert facts["signature"] == "holds"
    assert facts["timezone"] == "UTC"
    assert facts["detectors"]
    assert len(facts["making"]) == 64
    tokens = info.path / "tokens.parquet"
    tokens.write_bytes(tokens.read_bytes() + b" ")
    spoilt = check_champion(found).set_index("fact")["value"]
    assert "tokens.parquet is missing or changed" in spoilt["signature"]


def test_without_its_key_the_signature_does_not_hold_and_the_rest_is_told(home):
    (home / "models.key").unlink()
    facts = check_champion(open_health(home)).set_index("fact")["value"]
    assert facts["signature"] != "holds"
    assert "making" not in facts
    assert facts["duckdb"][0].isdigit()


def test_without_a_model_there_is_nothing_to_check(home):
    shutil.rmtree(home / "models")
    assert check_champion(open_health(home)).empty
