"""A watch holds what it took in against digests, tick by tick."""

import json
import shutil
from datetime import timedelta

from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.digests import HOUR, Trail
from tests.pipeline.watch.held import NOW, rewrite


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


def test_while_a_source_is_away_what_may_lie_there_waits_and_all_else_is_judged(store, trail, tmp_path):
    """Another account lies in the one that is away; what was changed is told whatever is away."""
    more, other = Trail(trail.folder, account="999988887777").deliver(4), tmp_path / "other"
    shutil.copytree(trail.folder / "AWSLogs" / more.account, other / "AWSLogs" / more.account)
    sources = (str(trail.folder), str(other))
    watch = Watch(store, Settings(home=store.home, threads=1), Plan(sources, trains=False))
    watch.tick(NOW)
    other.rename(tmp_path / "away")
    assert watch.tick(NOW + HOUR).integrity == []
    trail.deliver(1)
    trail.logs[-1].unlink()
    more.deliver(2)
    more.logs[-1].unlink()
    rewrite(more.logs[12], lambda content: content + b" ")
    first = watch.tick(NOW + 2 * HOUR)
    ticked = watch.tick(NOW + 3 * HOUR + timedelta(minutes=1))
    found = [*first.integrity, *ticked.integrity]
    assert sorted((finding.account, "never came" in finding.text) for finding in found) == [
        ("111122223333", True),
        ("999988887777", False),
    ]
    assert str(other) in ticked.integrity_waits
    assert ticked.report(NOW).integrity_waits == ticked.integrity_waits
    watch.close()
    again = Watch(store, Settings(home=store.home, threads=1), Plan(sources, trains=False))
    assert again.tick(NOW + 4 * HOUR).integrity == [], "whose it was is remembered"
    (tmp_path / "away").rename(other)
    [missing] = again.tick(NOW + 5 * HOUR).integrity
    assert (missing.account, "never came" in missing.text) == ("999988887777", True)
    assert again.tick(NOW + 6 * HOUR).integrity_waits == ""
    again.close()


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


def test_who_holds_archives_may_hold_any_account(store, trail, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(trail.logs[0], other / "all.json.gz")
    watch = Watch(store, Settings(home=store.home, threads=1), Plan((str(trail.folder), str(other)), trains=False))
    watch.tick(NOW)
    other.rename(tmp_path / "away")
    trail.deliver(1)
    trail.logs[-1].unlink()
    assert watch.tick(NOW + HOUR).integrity == watch.tick(NOW + 2 * HOUR).integrity == []
    assert str(other) in watch.tick(NOW + 3 * HOUR).integrity_waits
    watch.close()
