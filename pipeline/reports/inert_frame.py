"""Frames whose texts are fit to be shown."""

from typing import Final

import pandas as pd

from pipeline.text.inert import inert

LONGEST: Final = 100
"""Characters of a value."""


def inert_frame(frame: pd.DataFrame, longest: int = LONGEST) -> pd.DataFrame:
    r"""The frame with every text in it printable and bounded; other values stay as they are.

    >>> inert_frame(pd.DataFrame({"name": ["c\x07i"], "calls": [3]})).to_numpy().tolist()
    [['c\\x07i', 3]]
    """
    for name in frame.columns:
        if pd.api.types.is_string_dtype(frame[name]) or frame[name].dtype == object:
            shown = [inert(value, longest) if isinstance(value, str) else value for value in frame[name]]
            frame[name] = pd.Series(shown, index=frame.index, dtype=frame[name].dtype)
    return frame
