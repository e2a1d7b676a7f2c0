"""The id that Elastic's machine learning gives a record: its job, its window, its detector, and a hash of its values.

As `AnomalyRecord.getId` and `MachineLearningField.valuesToId` make it: MurmurHash3, 128 bits, x64 (Austin Appleby,
public domain), seed 0, its two halves as one signed big-endian number, then the length of the values in UTF-16.
"""

import struct
from typing import Final

_WORD: Final = (1 << 64) - 1
_FIRST, _SECOND = 0x87C37B91114253D5, 0x4CF5AD432745937F


def record_id(job: str, timestamp: int, bucket_span: int, detector: int, *values: str) -> str:
    """The id of a record.

    Parameters
    ----------
    timestamp
        Start of the window, milliseconds since 1970.
    bucket_span
        Seconds of the window.
    values
        Of the by, the over and the partition field, as far as there are any.

    Examples
    --------
    >>> record_id("job", 1000, 300, 0)
    'job_record_1000_300_0_0_0'
    """
    return f"{job}_record_{timestamp}_{bucket_span}_{detector}_{values_id(*values)}"


def values_id(*values: str) -> str:
    """The part of an id that stands for values.

    >>> values_id("")
    '0_0'
    """
    text = "".join(values)
    first, second = hash128(text.encode("utf-8", "replace"))
    number = int.from_bytes(struct.pack(">QQ", first, second), "big", signed=True)
    return f"{number}_{len(text.encode('utf-16-le', 'surrogatepass')) // 2}"


def hash128(data: bytes) -> tuple[int, int]:
    """MurmurHash3 x64, 128 bits, seed 0: its two halves.

    >>> [f"{half:016x}" for half in hash128(b"foo")]
    ['e271865701f54561', '7eaf87e42bba7d87']
    """
    one = two = 0
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        low, high = struct.unpack_from("<QQ", data, at)
        one ^= _mix_first(low)
        one = ((_rotate(one, 27) + two) * 5 + 0x52DCE729) & _WORD
        two ^= _mix_second(high)
        two = ((_rotate(two, 31) + one) * 5 + 0x38495AB5) & _WORD
    rest = data[whole:]
    two ^= _mix_second(int.from_bytes(rest[8:], "little"))
    one ^= _mix_first(int.from_bytes(rest[:8], "little"))
    one, two = one ^ len(data), two ^ len(data)
    one = (one + two) & _WORD
    two = (two + one) & _WORD
    one, two = _finish(one), _finish(two)
    one = (one + two) & _WORD
    return one, (two + one) & _WORD


def _mix_first(word: int) -> int:
    return _rotate(word * _FIRST & _WORD, 31) * _SECOND & _WORD


def _mix_second(word: int) -> int:
    return _rotate(word * _SECOND & _WORD, 33) * _FIRST & _WORD


def _rotate(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & _WORD


def _finish(word: int) -> int:
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & _WORD
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & _WORD
    return word ^ word >> 33
