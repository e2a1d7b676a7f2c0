"""One alert as frames, of a home in which a session was stolen."""

import shutil
from datetime import date, timedelta

import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports import alert_case as cases
from pipeline.reports.normal_days import nearest_days
from pipeline.stores.home import open_store
from tests.builders import a_reason, an_alert
from tests.pipeline.reports.test_source import a_home
from tests.worlds import START


@pytest.fixture(scope="module")
def case(scored):
    return cases.open_case(home=scored)


def test_without_an_id_it_is_the_strongest_that_was_raised(case, scored):
    with open_store(scored) as store:
        [best, *_] = store.alerts.latest(raised=True)
    assert case.alert == best
    assert case.alert.principal_key == "idc/person1"
    assert cases.open_case(best.alert_id[:10], scored).alert == best


def test_the_story_is_told_in_order_with_odd_and_denied_calls_marked(case):
    story = cases.tell_story(case)
    assert story.loc[0, "opens"]
    assert story.loc[0, "text"].startswith("Engineer in 111111111111")
    sessions = story["opens"].cumsum()
    assert story.loc[story["calls"] > 0].groupby(sessions)["time"].is_monotonic_increasing.all()
    assert story["odd"].any()
    assert not story.loc[story["opens"], "odd"].any()
    assert story["calls"].sum() <= len(case.found.rows)


def test_the_evidence_adds_up(case):
    evidence = cases.show_evidence(case)
    assert evidence["nats"].sum() == pytest.approx(case.alert.evidence, abs=0.05)
    assert evidence["share"].sum() == pytest.approx(1.0)
    assert evidence["nats"].iloc[: len(case.alert.reasons)].is_monotonic_decreasing


def test_the_nearest_normal_days_are_the_principals_own_and_have_no_alert(case):
    days = nearest_days(case.calls, case.settings.timezone, case.alert.day, case.alerted)
    assert days["day"].dt.date.tolist()[0] == case.alert.day
    assert len(days) == 6
    assert not {*days["day"].dt.date.tolist()[1:]} & {*case.alerted}
    assert days["apart"].iloc[1:].is_monotonic_increasing


def test_events_and_records_are_those_behind_it(case):
    events = cases.show_events(case)
    assert set(case.alert.event_ids) <= set(events["event_id"])
    assert events["event_time"].is_monotonic_increasing
    assert len(cases.show_events(case, most=2)) == 2
    raw = cases.show_raw(case, most=3)
    assert len(raw) == 3
    assert all(text.isprintable() and "eventName" in text for text in raw["record"])


def test_it_says_what_it_is_what_to_ask_and_what_to_do(case):
    told = cases.summarize(case).set_index("what")["value"]
    assert told["title"] == case.alert.title
    assert "person1" in told["who"]
    assert cases.show_questions(case)["question"].str.startswith("Did you call").any()
    assert cases.show_steps(case)["step"].str.contains("person1").any()
    assert "store.events.view" in cases.write_query(case)


def test_where_the_events_are_gone_the_story_is_what_the_alert_kept(scored, tmp_path):
    home = shutil.copytree(scored, tmp_path / "home")
    with open_store(home) as store:
        store.events.prune(date(2026, 6, 1), START + timedelta(days=100))
    case = cases.open_case(home=home)
    assert case.found is None
    assert cases.tell_story(case)["text"].tolist() == [line.text for line in case.alert.story]
    assert cases.show_events(case).empty
    assert cases.show_raw(case).empty
    assert not cases.write_query(case)


def test_a_hostile_alert_is_shown_inert(tmp_path, scored):
    home = shutil.copytree(scored, tmp_path / "home")
    name = "<b>$x$</b>\x1b[31m\u202e"
    with open_store(home) as store:
        store.alerts.append([
            an_alert("e" * 32, principal_name=name, principal=name, principal_key=name, title=name, record_score=99.9,
                     reasons=[a_reason(text=name, value=name, hour="2026-03-02T09:00:00Z")])
        ])  # fmt: skip
    case = cases.open_case("e" * 32, home)
    shows = (
        cases.summarize, cases.tell_story, cases.show_evidence, cases.show_measures, cases.show_events, cases.show_raw,
        cases.show_questions, cases.show_steps, cases.show_related,
    )  # fmt: skip
    shown = [text for show in shows for text in show(case).to_numpy().ravel() if isinstance(text, str)]
    assert any("\\x1b" in text for text in shown)
    assert all(text.isprintable() for text in shown)
    assert cases.show_evidence(case)["nats"].sum() == pytest.approx(case.alert.evidence)


def test_revisions_of_others_count_once_and_related_alerts_are_told(tmp_path):
    home = a_home(tmp_path / "home")
    session = {
        "access_key": "AKIAONE", "session_name": "", "identity": "arn", "account": "1", "started": None, "mfa": None,
        "agents": [], "addresses": [], "calls": 1, "issued_keys": [],
    }  # fmt: skip
    with open_store(home) as store:
        store.alerts.append([
            an_alert("a1", sessions=[session]), an_alert("b1", sessions=[session], title="before"),
            an_alert("b1", revision=2, sessions=[session], title="after"), an_alert("c1"),
        ])  # fmt: skip
    related = cases.show_related(cases.open_case("a1", home))
    assert related[["alert_id", "title", "links"]].to_numpy().tolist() == [["b1", "after", "key AKIAONE"]]


def test_alerts_may_come_from_whoever_has_an_index_of_them(scored):
    asked = []

    def alerts(first, last):
        asked.append((first, last))
        return [an_alert("b1", day=case.alert.day, principal_key=case.alert.principal_key)]

    case = cases.open_case(home=scored)
    with open_store(scored) as store:
        found = cases.take_case(store, case.settings, case.alert, 28, alerts)
    assert asked == [(case.alert.day - timedelta(days=28), case.alert.day + timedelta(days=28))]
    assert found.alerted == {case.alert.day}


def test_an_id_of_none_or_of_several_says_what_to_give(scored, tmp_path):
    with pytest.raises(StoreError, match=r"no alert's id starts with 'zz'.*oddtrail alerts list"):
        cases.open_case("zz", scored)
    home = shutil.copytree(scored, tmp_path / "home")
    with open_store(home) as store:
        store.alerts.append([an_alert("ee1"), an_alert("ee2"), an_alert("ee3"), an_alert("ee")])
    with pytest.raises(StoreError, match="more than one alert's id starts with 'e'"):
        cases.open_case("e", home)
    assert cases.open_case("ee", home).alert.alert_id == "ee"


def test_a_home_with_nothing_in_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        cases.open_case(home=tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match="holds no alert that was raised: `oddtrail train`"):
        cases.open_case(home=a_home(tmp_path / "empty"))
