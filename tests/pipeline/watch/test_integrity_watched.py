"""A watch holds what it took in against digests, tick by tick."""

import json
from datetime import timedelta

from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.digests import HOUR, Trail
from tests.pipeline.watch.held import NOW


def a_watch(store: Store, trail: Trail) -> Watch:
    return Watch(store, Settings(home=store.home, threads=1), Plan((str(trail.folder),), trains=False))


def test_a_watch_tells_it_once_and_counts_it(store, trail):
    trail.logs[4].unlink()
    watch = a_watch(store, trail)
    assert watch.tick(NOW).integrity == [], "a copy may be under way"
    ticked = watch.tick(NOW + HOUR)
    [finding] = ticked.integrity
    assert ticked.as_dict()["integrity"] == [finding.as_dict()]
    assert json.dumps(ticked.as_dict())
    assert ticked.report(NOW).integrity == 1
    assert watch.tick(NOW + timedelta(minutes=61)).integrity == []
    watch.close()


def test_a_watch_that_could_not_read_a_source_knows_of_nothing_missing(store, trail, tmp_path):
    trail.logs[4].unlink()
    watch = Watch(
        store, Settings(home=store.home, threads=1), Plan((str(trail.folder), str(tmp_path / "no")), trains=False)
    )
    assert watch.tick(NOW).integrity == watch.tick(NOW + HOUR).integrity == []
    (tmp_path / "no").mkdir()
    assert len(watch.tick(NOW + timedelta(minutes=61)).integrity) == 1
    watch.close()


def test_digests_are_read_when_all_days_are_and_hold_what_the_ticks_between_took_in(store, trail):
    watch = a_watch(store, trail)
    assert watch.tick(NOW).integrity == []
    trail.deliver(1)
    gone = trail.logs[-1]
    gone.unlink()
    assert watch.tick(NOW + timedelta(minutes=30)).integrity == []
    assert watch.tick(NOW + timedelta(minutes=61)).integrity == []
    [finding] = watch.tick(NOW + timedelta(minutes=122)).integrity
    assert finding.objects == [gone.name.removesuffix(".gz")]
    watch.close()
