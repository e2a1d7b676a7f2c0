"""Frames whose texts are fit to be shown."""

import pandas as pd

from pipeline.reports.inert_frame import inert_frame


def test_texts_are_printable_and_bounded_and_other_values_stay():
    frame = pd.DataFrame(
        {"name": ["a\x1b[31m", None, "x" * 500], "calls": [1, 2, 3], "mixed": [True, "b\u202e", 1.5]},
        index=[7, 8, 9],
    )
    shown = inert_frame(frame, longest=10)
    assert shown["name"].tolist()[0] == "a\\x1b[31m"
    assert pd.isna(shown["name"].tolist()[1])
    assert shown["name"].tolist()[2] == "x" * 9 + "…"
    assert shown["calls"].tolist() == [1, 2, 3]
    assert shown["mixed"].tolist() == [True, "b\\u202e", 1.5]
    assert shown.index.tolist() == [7, 8, 9]
