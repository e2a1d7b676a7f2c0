"""What people declared is known from its time on, to trainer and worker alike."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from features.times.day import day_number, service_start
from features.times.instant import moment_of
from models.declared import Usual
from models.manifest import MANIFEST
from pipeline.detect.declared import Declared
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.entry import Entry
from tests.pipeline.detect.conftest import settings_of
from tests.worlds import START, a_company, a_theft, a_trail, as_person, numbered

DAYS, THEFT = 14, 9
VICTIM = as_person("person1")
KEY = VICTIM["principal"]


def day(number: int):
    return (START + timedelta(days=number)).date()


def an_entry(entry_id: str, at: float, **named: Any) -> Entry:
    return Entry(**{"id": entry_id, "at": START + timedelta(days=at), "by": "ana", "kind": "usual"} | named)


def usual(entry_id: str, at: float, value: str = "iam:CreateUser", **named: Any) -> Entry:
    return an_entry(entry_id, at, principal=KEY, dimension="write", value=value, **named)


class Told:
    def __init__(self, *entries: Entry) -> None:
        self._entries = entries

    def every(self) -> list[Entry]:
        return [*self._entries]


def at(number: int) -> int:
    return day_number(day(number))


def known(*entries: Entry, trains: int | None = None) -> Declared:
    return Declared(Told(*entries), "UTC", 15, None if trains is None else at(trains))


def days_of(declared: Declared) -> list[int]:
    """Days on which something is usual."""
    return [number for number in range(12) if declared.usual(at(number))]


def test_it_counts_on_days_that_begin_after_it_was_said_until_it_expires_or_is_undone():
    assert days_of(known(usual("1", at=4.5))) == [5, 6, 7, 8, 9, 10, 11]
    assert days_of(known(usual("1", at=4.005))) == [4, 5, 6, 7, 8, 9, 10, 11], "the day begins with its model, at 0:15"
    assert days_of(known(usual("1", at=4.5, since=day(7), until=day(9)))) == [7, 8]
    undone = an_entry("2", at=8.5, kind="undone", undoes="1")
    assert days_of(known(usual("1", at=4.5), undone)) == [5, 6, 7, 8]
    assert known(usual("1", at=4.5)).usual(at(5)) == (Usual("principal", KEY, "write", "iam:CreateUser"),)


def test_a_day_is_kept_out_of_what_is_trained_later_and_of_what_is_learnt_at_its_end():
    kept = an_entry("1", at=6.5, kind="kept_out", principal=KEY, day=day(6))
    assert known(kept).kept_out(at(6)) == frozenset()
    assert known(kept).kept_out(at(7)) == {(KEY, at(6))}
    assert known(kept, trains=9).kept_out(at(2)) == {(KEY, at(6))}, "all days are learnt by what is known at last"
    assert known(kept, trains=6).kept_out(at(7)) == frozenset()
    undone = an_entry("2", at=8.5, kind="undone", undoes="1")
    assert known(kept, undone, trains=9).kept_out(at(7)) == frozenset()


def test_only_what_shaped_a_model_is_in_its_name():
    kept = an_entry("k", at=7.5, kind="kept_out", principal=KEY, day=day(5))
    nothing = known().digest(at(7))
    assert known(usual("1", at=7.5)).digest(at(7)) == nothing, "said after it began"
    assert known(usual("1", at=6.5)).digest(at(7)) != nothing
    assert known(kept, trains=7).digest(at(7)) == nothing
    assert known(kept, trains=8).digest(at(7)) != nothing, "a training from scratch leaves it out now"
    assert known(kept, trains=8).digest(at(5)) == known(trains=8).digest(at(5)), "before that day"


# -- models ------------------------------------------------------------------------------------------------------


def files_of(home: Path, rows: list[dict[str, Any]], entries: tuple[Entry, ...], *, nights: list[int], **options: Any):
    """Files of the model of the last night."""
    with open_store(home) as store:
        for entry in entries:
            store.declared.add(entry)
        before = START
        for night in nights:
            until = START + timedelta(days=night, hours=23, minutes=55)
            landing = [row for row in rows if before <= row["event_time"] < until]
            ingest([a_trail(home.parent / f"{home.name}{night}", landing)], store.events, now=until)
            report = train(store, settings_of(home), until, **options)
            before = until
    [path] = [info.path for info in Bundles(home).every() if info.model_id == report.model_id]
    return report, {file.name: file.read_bytes() for file in path.iterdir()}


BESIDE = {MANIFEST, "first_places.parquet", "first_principals.parquet"}
"""What says of what a model was made, and who and where its days had shown."""


@pytest.fixture(scope="module")
def company():
    return a_company(days=DAYS, people=3, roles=1)


def test_a_day_that_is_kept_out_changes_nothing_in_the_model(tmp_path: Path, company) -> None:
    theft = a_theft(THEFT, victim=VICTIM)
    kept = an_entry("1", at=THEFT + 1.5, kind="kept_out", principal=KEY, day=day(THEFT))
    report, ours = files_of(tmp_path / "ours", numbered(company + theft), (kept,), nights=[12])
    innocent = [row for row in company if (row["principal"], row["event_time"].date()) != (KEY, day(THEFT))]
    other, theirs = files_of(tmp_path / "theirs", numbered(innocent), (), nights=[12])
    _, learnt = files_of(tmp_path / "learnt", numbered(company + theft), (), nights=[12])
    assert report.model_id == other.model_id
    assert {name for name in ours if ours[name] != theirs[name]} <= BESIDE
    assert {name for name in ours if ours[name] != learnt[name]} - BESIDE, "it would have been learnt"


def test_stepping_from_night_to_night_comes_to_what_scratch_comes_to(tmp_path: Path, company) -> None:
    """Also where an entry is about a day that a model had learnt: then it does not hold any more."""
    entries = (
        usual("1", at=9.5),
        an_entry("2", at=11.5, kind="kept_out", principal=KEY, day=day(10)),
        an_entry("3", at=12.5, kind="undone", undoes="1"),
    )
    rows = numbered(company + a_theft(10, victim=VICTIM) + a_theft(12, victim=VICTIM, hour=15))
    stepped, ours = files_of(tmp_path / "ours", rows, entries, nights=[9, 11, 12, 13])
    scratch, theirs = files_of(tmp_path / "theirs", rows, entries, nights=[13], from_scratch=True)
    assert stepped.model_id == scratch.model_id
    same = {name: json.loads(theirs[name])["signed"] if name == MANIFEST else theirs[name] for name in theirs}
    assert {name: json.loads(ours[name])["signed"] if name == MANIFEST else ours[name] for name in ours} == same
    assert stepped.stepped_from is not None

    with open_store(tmp_path / "ours") as store:
        store.declared.add(an_entry("4", at=12.6, kind="kept_out", principal="idc/person2", day=day(8)))
        now = START + timedelta(days=13, hours=23, minutes=56)
        report = train(store, settings_of(tmp_path / "ours"), now)
    assert report.stepped_from is None
    assert "other days are kept out" in report.why


# -- alerts ------------------------------------------------------------------------------------------------------


def alerts_of(home: Path, rows: list[dict[str, Any]], *entries: Entry):
    """Alerts of the theft's day, of a home that was trained the night before."""
    with open_store(home) as store:
        for entry in entries:
            store.declared.add(entry)
        for until in (day(12), day(13)):
            begins = moment_of(service_start(day_number(until), ZoneInfo("UTC"), 15))
            landing = [row for row in rows if row["event_time"].date() < until]
            ingest([a_trail(home.parent / f"{home.name}{until}", landing)], store.events, now=begins)
            if until == day(12):
                train(store, settings_of(home), begins)
        score(store, settings_of(home), begins)
        return {alert.principal_key: alert for alert in store.alerts.latest() if alert.day == day(12)}


@pytest.mark.sweep
def test_a_declared_value_weighs_less_and_the_attack_is_still_found(tmp_path: Path, company) -> None:
    rows = numbered([row for row in company if row["event_time"].date() < day(13)] + a_theft(12, victim=VICTIM))
    plain = alerts_of(tmp_path / "plain", rows)[KEY]
    told = alerts_of(tmp_path / "told", rows, usual("1", at=10.5))[KEY]
    expired = alerts_of(tmp_path / "expired", rows, usual("1", at=10.5, until=day(12)))[KEY]
    assert {reason.value for reason in plain.reasons} > {"iam:CreateUser", "iam:CreateAccessKey"}
    nats = {reason.value: reason.nats for reason in told.reasons}
    assert nats.get("iam:CreateUser", 0.0) < {r.value: r.nats for r in plain.reasons}["iam:CreateUser"] / 2
    assert told.evidence < plain.evidence
    assert told.raised, "of what else the thief did"
    assert expired.evidence == plain.evidence
