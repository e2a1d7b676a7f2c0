"""Elastic's ids of records, held against values that other implementations of the hash give."""

import pytest

from pipeline.publish.elastic_id import hash128, record_id, values_id


@pytest.mark.parametrize(
    ("data", "halves"),
    [
        (b"", (0, 0)),
        (b"foo", (0xE271865701F54561, 0x7EAF87E42BBA7D87)),
        (b"Hello, world!", (0xF1512DD1D2D665DF, 0x2C326650A8F3C564)),
        (b"The quick brown fox jumps over the lazy dog", (0xE34BBC7BBC071B6C, 0x7A433CA9C49A9347)),
    ],
)
def test_the_hash_is_murmurs(data, halves):
    assert hash128(data) == halves


def test_an_id_is_of_job_window_detector_and_values():
    assert record_id("oddtrail", 5, 60, 2, "a", "b") == f"oddtrail_record_5_60_2_{values_id('ab')}"
    assert values_id("ab") != values_id("ba")


def test_a_length_is_counted_in_utf_16():
    assert values_id("𝄞").endswith("_2")
    assert values_id("é").endswith("_1")
