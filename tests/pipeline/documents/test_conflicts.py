"""Whether two patterns can mean the same index."""

import pytest

from pipeline.documents.conflicts import overlap


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("cloudtrail-*.*.*", "cloudtrail-*", True),
        ("cloudtrail-*.*.*", "*", True),
        ("cloudtrail-*.*.*", "*-2026.*", True),
        ("cloudtrail-*.*.*", "cloudtrail-eu-*.*.*", True),
        ("cloudtrail-*.*.*", "cloudtrail-2026.03.02", True),
        ("cloudtrail-*.*.*", "cloudtrail-quarantine", False),
        ("cloudtrail-*.*.*", "cloudwatch-*", False),
        ("cloudtrail-*.*.*", "logs-*-*", False),
        ("oddtrail-alerts", "oddtrail-*", True),
        ("oddtrail-alerts", "oddtrail-alerts-*", False),
        ("", "*", True),
        ("a*b*c", "abc*abc", True),
        ("*" * 20 + "a", "*" * 20 + "b", False),
    ],
)
def test_patterns_overlap(one, other, both):
    assert overlap(one, other) is both
    assert overlap(other, one) is both
