"""`oddtrail features` is the catalogue."""

from features.activity.catalogue import CATALOGUE
from tests.pipeline.cli.commands import answer, run


def test_every_feature_is_printed_with_unit_and_meaning() -> None:
    assert [entry["name"] for entry in answer("features")["features"]] == [feature.name for feature in CATALOGUE]
    shown = run("features", COLUMNS="200").stdout
    for feature in CATALOGUE:
        assert feature.name in shown
        assert feature.meaning in shown
