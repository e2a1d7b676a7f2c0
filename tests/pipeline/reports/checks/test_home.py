"""What was learned and decided is said."""

from pipeline.reports.checks.home import check_alerts, check_judged, check_learning
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.unjudged import put_unjudged
from tests.pipeline.reports.checks.hours import MONDAY, Diagnose, an_hour


def test_a_home_that_has_learned_nothing_or_long_ago_is_told(found_by: Diagnose, settings: Settings) -> None:
    assert [f.do for f in found_by(check_learning, an_hour())] == ["Run `oddtrail train`, then `oddtrail score`."]
    (settings.home / "models/2026-03-02-0123456789abcdef").mkdir(parents=True)
    assert [f.level for f in found_by(check_learning, an_hour(24))] == ["ok"]
    assert [f.level for f in found_by(check_learning, an_hour(24 * 20))] == ["note"]


def test_a_line_of_alerts_that_a_crash_tore_is_told(found_by: Diagnose, store: Store) -> None:
    assert found_by(check_alerts, an_hour()) == []
    store.alerts.path.write_bytes(b'{"alert_id": "a1", "revis')
    [finding] = found_by(check_alerts, an_hour())
    assert finding.found.startswith("1 line of alerts.jsonl")


def test_events_that_nobody_judged_are_told(found_by: Diagnose, store: Store) -> None:
    assert found_by(check_judged, an_hour()) == []
    put_unjudged(store.state, MONDAY.date(), "delivered", 104)
    [finding] = found_by(check_judged, an_hour())
    assert (finding.level, finding.found.startswith("104 events were learned and never judged")) == ("warning", True)
