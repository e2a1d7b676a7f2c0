"""Severity comes before strength in lists, whatever the score; of one severity the strongest comes first."""

from itertools import pairwise, product

from pipeline.stores.gravity import LEVELS, sort_alerts, weigh
from tests.builders import an_alert


def test_no_score_lifts_an_alert_above_a_graver_one() -> None:
    weights = [weigh(level, score) for level, score in product(LEVELS, (0.0, 50.0, 99.99, 100.0))]
    assert all(less < more for less, more in pairwise(weights))


def test_alerts_of_one_severity_and_score_stand_by_their_ids() -> None:
    alerts = [
        an_alert("c", record_score=98, severity="medium"),
        an_alert("b", record_score=91, severity="critical"),
        an_alert("a", record_score=91, severity="critical"),
        an_alert("d", record_score=96, severity="critical"),
        an_alert("e", record_score=99, severity="minor"),
    ]
    assert [alert.alert_id for alert in sort_alerts(alerts)] == ["d", "a", "b", "c", "e"]
