"""A drill is found, told as one, changes nothing of what is real, and is taken away again."""

import gzip
import json
import shutil
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from pipeline.connection import connect
from pipeline.detect.backtest import Backtest, run_backtest
from pipeline.detect.drilled import read_fared
from pipeline.detect.scoring import CHECKPOINT
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.drill.package import PutError
from pipeline.drill.play import DrillError, Order, clean, find_techniques
from pipeline.drill.put import take_in
from pipeline.drill.render import KEY_MARK, MARK
from pipeline.drill.victim import NoVictimError
from pipeline.ingest.run import ingest
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.harm_title import DRILL
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.jsonl.drills import DRILLS_FILE, KEY_FILE, Drill
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.deliveries import SPLIT, delivered
from tests.pipeline.drill.conftest import NOW, Company, at, begin, real, settings_at

LOUD = Order(degree="loud")


def count(store: Store, condition: str = "true") -> int:
    with connect(1, 2**28) as connection:
        store.events.view(connection)
        [(found,)] = connection.execute(f"SELECT count(*) FROM events WHERE {condition}").fetchall()
        return int(found)


def count_covered(store: Store) -> int:
    """Events that the record of coverage is made of."""
    paths = [segment.path for segment in store.manifest.every("events")]
    return sum(one.seen for one in store.events.tally(paths, timedelta(minutes=15)))


def alerts_of(store: Store, drill: Drill):
    return [alert for alert in store.alerts.latest() if alert.drill == drill.id]


def test_each_attack_is_found_and_told_as_a_drill(store, settings):
    before, events, checkpoint = real(store), count(store), store.state.checkpoint(CHECKPOINT)
    covered = count_covered(store)
    drills = begin(store, settings, LOUD, at(1))
    score(store, settings, at(3))
    assert len({drill.principal_key for drill in drills}) == 3
    for drill in drills:
        [alert] = alerts_of(store, drill)
        assert (alert.raised, alert.principal_key, alert.title.startswith(DRILL)) == (True, drill.principal_key, True)
        assert set(alert.event_ids) <= {event.event_id for event in drill.events}
        assert all(event_id.startswith(MARK) for event_id in alert.event_ids)
        assert store.events.get(alert.event_ids)
        fared = read_fared(store, drill.id)
        assert fared is not None
        assert (fared.raised, fared.events, fared.alert_id) == (True, fared.of, alert.alert_id)
    assert real(store) == before
    assert count(store) == events, "nobody who asks for events sees it"
    assert count_covered(store) == covered
    counters = store.state.checkpoint(CHECKPOINT)["counters"]
    assert counters == checkpoint["counters"], "it uses no budget"


def test_it_is_taken_away_with_its_events_and_alerts(store, settings):
    drills = begin(store, settings, LOUD, at(1))
    score(store, settings, at(3))
    held = sum(segment.rows for segment in store.manifest.every("events"))
    assert [drill.id for drill in clean(store, settings, at(5))] == [drill.id for drill in drills]
    gone = sum(len(drill.events) for drill in drills)
    assert sum(segment.rows for segment in store.manifest.every("events")) == held - gone
    for drill in drills:
        [alert] = alerts_of(store, drill)
        assert (alert.raised, alert.held_because) == (False, "drill")
    assert clean(store, settings, at(6)) == []
    assert store.drills.begun() == ()


def test_it_goes_by_itself_when_its_time_is_over(store, settings):
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", keep=timedelta(hours=1)), at(1))
    score(store, settings, at(3))
    assert [alert.raised for alert in alerts_of(store, drill)] == [True]
    score(store, settings, at(62))
    assert [alert.raised for alert in alerts_of(store, drill)] == [False]
    assert store.drills.begun() == ()


def test_nothing_of_it_is_learnt_and_every_day_after_is_judged_alike(store, settings, company, tmp_path):
    """Beside a home that never had a drill: the same alerts, and byte for byte the same model."""
    end = company.world.end + timedelta(hours=26)
    with open_store(shutil.copytree(company.home, tmp_path / "plain")) as plain:
        drills = begin(store, settings, LOUD, at(1))
        for home in (plain, store):
            for until in (at(3), company.world.end, end):
                landing = [path for path in company.later if delivered(path) <= until]
                ingest(landing, home.events, now=until)
                score(home, settings_at(home.home), until)
            train(home, settings_at(home.home), end)
        assert real(store) == real(plain)
        assert any(alerts_of(store, drill) for drill in drills)
        ours, theirs = (
            {file.name: file.read_bytes() for file in Bundles(home.home).every()[-1].path.iterdir()}
            for home in (store, plain)
        )
        assert ours.keys() == theirs.keys()
        signed = json.loads(ours.pop("manifest.json"))["signed"], json.loads(theirs.pop("manifest.json"))["signed"]
        assert signed[0] == signed[1]
        assert ours == theirs


def test_a_real_attack_by_the_same_principal_is_raised_beside_it(store, settings, tmp_path):
    """What a thief does in the same hour, with the drill's own marks in its user agent and access key."""
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud"), at(1))
    raws = store.events.get([event.event_id for event in drill.events])
    records = []
    for number, raw in enumerate(raws.values()):
        record = json.loads(raw) | {"eventID": f"{MARK}-0000-4000-a000-{number:012x}", "userAgent": f"drill {drill.id}"}
        record["userIdentity"]["accessKeyId"] = f"AKIA{KEY_MARK}00000000000"
        records.append(record)
    path = tmp_path / "real.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    ingest([path], store.events, now=at(2))
    score(store, settings, at(15))
    [made_up] = alerts_of(store, drill)
    [alert] = [a for a in store.alerts.latest(raised=True) if not a.drill and a.principal_key == drill.principal_key]
    assert made_up.raised
    assert alert.event_count == len(records)
    assert set(alert.event_ids).isdisjoint(made_up.event_ids)
    assert not alert.title.startswith(DRILL)
    assert alert.related == ()
    clean(store, settings, at(16))
    assert [a.raised for a in store.alerts.latest() if a.alert_id == alert.alert_id] == [True]
    assert count(store, f"event_id IN ({', '.join(repr(record['eventID']) for record in records)})") == len(records)


def test_an_id_of_a_drill_hides_no_other_record(store, settings, tmp_path):
    """Whoever can write log files, and has read a drill's, delivers a call of its own under such an id."""
    logs = tmp_path / "trail"
    logs.mkdir()
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", into=str(logs)), at(1))
    for file in logs.rglob("*.json.gz"):
        document = json.loads(gzip.decompress(file.read_bytes()))
        for record in document["Records"]:
            record["requestParameters"] = {"name": "arn:aws:cloudtrail:us-east-1:1:trail/the-real-one"}
        file.write_bytes(gzip.compress(json.dumps(document).encode()))
    take_in([logs], store, settings, at(2))
    assert count(store, f"starts_with(event_id, '{MARK}')") == len(drill.events), "they are real calls"
    score(store, settings, at(4))
    assert alerts_of(store, drill) == []
    assert [a for a in store.alerts.latest(raised=True) if a.principal_key == drill.principal_key]


@pytest.mark.parametrize("spoil", ["forge", "key"])
def test_a_list_that_the_home_did_not_seal_makes_nothing_a_drill(store, settings, spoil):
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud"), at(1))
    assert count(store, f"starts_with(event_id, '{MARK}')") == 0
    path = store.home / DRILLS_FILE
    if spoil == "forge":
        path.write_bytes(path.read_bytes().replace(b"trail-stopped", b"trail-stoppeD"))
    else:
        (store.home / KEY_FILE).unlink()
    with open_store(store.home) as again:
        assert again.drills.every() == ()
        assert count(again, f"starts_with(event_id, '{MARK}')") == len(drill.events), "judged as any other call"


def test_it_is_put_into_a_folder_and_taken_in_from_there(store, settings, tmp_path):
    logs = tmp_path / "trail" / "AWSLogs"
    logs.mkdir(parents=True)
    (logs / "others.txt").write_text("stays")
    [drill] = begin(store, settings, Order(("secrets-sweep",), "loud", into=str(logs)), at(1))
    files = sorted(logs.rglob("*.json.gz"))
    assert sorted(drill.files) == list(map(str, files))
    assert all(f"_{KEY_MARK}" in file.name for file in files)
    score(store, settings, at(2))
    assert read_fared(store, drill.id) is None
    take_in([logs], store, settings, at(3))
    score(store, settings, at(4))
    assert [alert.raised for alert in alerts_of(store, drill)] == [True]
    clean(store, settings, at(5))
    assert [path.name for path in sorted(logs.rglob("*"))] == ["others.txt"]


def test_a_copy_of_its_files_that_comes_later_is_still_no_real_call(store, settings, tmp_path):
    logs = tmp_path / "trail"
    logs.mkdir()
    begin(store, settings, Order(("secrets-sweep",), "loud", into=str(logs)), at(1))
    copy = shutil.copytree(logs, tmp_path / "copy")
    clean(store, settings, at(5))
    before = real(store)
    take_in([copy], store, settings, at(6))
    score(store, settings, at(8))
    assert count(store, f"starts_with(event_id, '{MARK}')") == 0
    assert real(store) == before


def test_it_says_why_it_cannot_be_played(store, settings, tmp_path):
    with pytest.raises(DrillError, match="--list"):
        find_techniques(["no-such"])
    with pytest.raises(NoVictimError, match="'nobody' is no principal that was active on 5 days"):
        begin(store, settings, Order(principal="nobody"), at(1))
    with pytest.raises(PutError, match="is no folder"):
        begin(store, settings, Order(into=str(tmp_path / "gone")), at(1))
    with pytest.raises(PutError, match="cannot be put into 'sqs:"):
        begin(store, settings, Order(into="sqs://eu-west-1/111122223333/q?bucket=my-trail/AWSLogs/"), at(1))
    with open_store(tmp_path / "new") as empty, pytest.raises(NoVictimError, match="oddtrail train"):
        begin(empty, settings_at(empty.home), LOUD, NOW)
    assert store.drills.begun() == ()


def test_a_principal_is_played_by_its_name(store, settings, company: Company, tmp_path: Path):
    [drill] = begin(store, settings, Order(("trail-stopped",), "stealthy"), at(1))
    [other] = begin(store, settings, Order(("mining",), "stealthy", principal=drill.principal_name), at(1))
    assert other.principal_key == drill.principal_key


@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_a_watch_takes_it_in_judges_it_and_goes_on(store, settings, tmp_path, company, aws, place):
    """Tick by tick, beside what is real: the same alerts as without it."""
    (logs := tmp_path / "trail").mkdir()
    into = str(logs)
    if place == "bucket":
        boto3.client("s3").create_bucket(Bucket="my-trail")
        into = "s3://my-trail/AWSLogs/"
    watch = Watch(store, settings, Plan(sources=(into,), trains=False))
    watch.tick(at(0))
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", into=into), at(1))
    watch.tick(at(2))
    assert [alert.raised for alert in alerts_of(store, drill)] == [True]
    landing = [path for path in company.later if delivered(path) <= at(120)]
    ingest(landing, store.events, now=at(120))
    ticked = watch.tick(at(120))
    assert not ticked.problems
    clean(store, settings, at(121))
    watch.tick(at(122))
    watch.close()
    with open_store(shutil.copytree(company.home, tmp_path / "plain")) as plain:
        ingest(landing, plain.events, now=at(120))
        score(plain, settings_at(plain.home), at(122))
        assert real(store) == real(plain)


def test_a_backtest_of_the_same_files_decides_as_without_them(store, settings, company, tmp_path):
    """The drill's log file lies among the trail's, and the home is the one that played it."""
    trail = shutil.copytree(company.world.home.parent / "trail", tmp_path / "trail")
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", into=str(trail)), at(1))
    plans = [Backtest([trail], SPLIT, tmp_path / name) for name in ("ours", "theirs")]
    run_backtest(plans[0], settings)
    run_backtest(plans[1], settings_at(tmp_path / "another"))
    ours, theirs = (AlertsJsonl(plan.out / "alerts.jsonl").latest(raised=True) for plan in plans)
    ids = {event.event_id for event in drill.events}
    assert not any(ids.intersection(alert.event_ids) for alert in ours)
    assert any(ids.intersection(alert.event_ids) for alert in theirs), "another home takes it for real"
    score(store, settings, at(0))
    real_ids = {alert.alert_id for alert in store.alerts.latest(raised=True)}
    assert real_ids <= {alert.alert_id for alert in ours}
