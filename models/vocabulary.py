"""Small integers for strings, so that baselines are arrays."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]


class Vocabulary:
    """Codes for values in the order of their first appearance; it only grows.

    Examples
    --------
    >>> words = Vocabulary()
    >>> words.codes(["s3:GetObject", "iam:ListUsers", "s3:GetObject"])
    array([0, 1, 0])
    >>> words.values[1], len(words), words.get("absent")
    ('iam:ListUsers', 2, -1)
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self.values: list[str] = list(values)
        self._codes: dict[str, int] = {value: code for code, value in enumerate(self.values)}

    def __len__(self) -> int:
        return len(self.values)

    def get(self, value: str) -> int:
        """Code of a value, -1 when it was never seen."""
        return self._codes.get(value, -1)

    def codes(self, values: Sequence[str]) -> Codes:
        """Codes of values, shape (n,); unseen values get the next codes."""
        known, new = self._codes, self.values
        out = np.empty(len(values), dtype=np.int64)
        for position, value in enumerate(values):
            code = known.get(value)
            if code is None:
                code = known[value] = len(new)
                new.append(value)
            out[position] = code
        return out
