"""Event ids: CloudTrail's are UUIDs, and nobody else may choose one that is something else."""

import re
from collections.abc import Sequence
from typing import Final

is_uuid: Final = re.compile("-".join(f"[0-9a-fA-F]{{{digits}}}" for digits in (8, 4, 4, 4, 12)), re.ASCII).fullmatch
_LENGTH: Final = 36
_DASHES: Final = (8, 13, 18, 23)


def are_uuids(texts: Sequence[str | None]) -> bool:
    """Whether all texts are UUIDs, without looking at one after the other.

    >>> one = "3f1c1b8e-0000-4000-8000-00000000000a"
    >>> are_uuids([one, one]), are_uuids([one, None]), are_uuids([one, one.replace("a", "g")])
    (True, False, False)
    """
    try:
        whole = "".join(texts)  # type: ignore[arg-type]  # a None raises
        if set(map(len, texts)) - {_LENGTH}:  # type: ignore[arg-type]
            return False
        dashed = all(whole[place::_LENGTH] == "-" * len(texts) for place in _DASHES)
        digits = whole.replace("-", "")
        return dashed and len(digits) == 32 * len(texts) == 2 * len(bytes.fromhex(digits))
    except (TypeError, ValueError):
        return False
