"""A home's day: ingest, train, score; again and again, with the same result."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.detect.trainer import FIRST_SCORED_DAYS, train
from pipeline.detect.worker import score
from pipeline.errors import ModelError, NoHistoryError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.worlds import START, a_company, a_theft, a_trail

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 22
THEFT_DAY = 19


def settings(home):
    return Settings(home=home, threads=1, memory=2**30, budget=2.0)


@pytest.fixture(scope="module")
def trail(tmp_path_factory):
    return a_trail(tmp_path_factory.mktemp("trail"), a_company(days=DAYS, people=5, roles=3) + a_theft(THEFT_DAY))


@pytest.fixture
def home(tmp_path, trail):
    with open_store(tmp_path / "home") as store:
        ingest([trail], store.events, now=NOW)
    return tmp_path / "home"


def raised(home):
    return {a["principal_name"] for a in AlertsJsonl(home / "alerts.jsonl").latest(raised=True)}


def test_train_and_score_find_the_theft_of_the_last_week(home):
    with open_store(home) as store:
        trained = train(store, settings(home), NOW)
        assert trained.days == DAYS - 1 - FIRST_SCORED_DAYS
        assert trained.day < trained.newest_day
        scored = score(store, settings(home), NOW)
    assert scored.revisions > 0
    assert "person3" in raised(home)


def test_scoring_again_writes_nothing(home):
    with open_store(home) as store:
        train(store, settings(home), NOW)
        score(store, settings(home), NOW)
        before = (home / "alerts.jsonl").read_bytes()
        again = score(store, settings(home), NOW)
    assert again.revisions == 0
    assert (home / "alerts.jsonl").read_bytes() == before


def test_scoring_in_steps_decides_as_scoring_at_once(home, trail, tmp_path):
    with open_store(home) as store:
        train(store, settings(home), NOW)
        score(store, settings(home), NOW)
    other = tmp_path / "stepwise"
    with open_store(other) as store:
        ingest([trail], store.events, now=NOW)
        train(store, settings(other), NOW)
        for hours in range(15 * 24, DAYS * 24 + 1, 31):
            score(store, settings(other), START + timedelta(hours=hours))
        score(store, settings(other), NOW)
    assert AlertsJsonl(other / "alerts.jsonl").revisions() == AlertsJsonl(home / "alerts.jsonl").revisions()


def test_a_training_twice_is_one_bundle_and_rewrites_no_activity(home):
    with open_store(home) as store:
        first, second, third = (train(store, settings(home), NOW) for _ in range(3))
        assert (first.account_days, second.account_days) == (DAYS, 0)
        assert third.model_id == second.model_id != first.model_id
    assert len(Bundles(home).every()) == 2


def test_late_files_rewrite_their_account_day_only(home, tmp_path):
    with open_store(home) as store:
        train(store, settings(home), NOW)
        late = a_trail(tmp_path / "late", a_theft(5))
        ingest([late], store.events, now=NOW)
        assert train(store, settings(home), NOW).account_days == 1


def damage(home):
    for info in Bundles(home).every():
        path = info.path / "pairs.parquet"
        path.write_bytes(path.read_bytes()[:-4] + b"evil")


def test_a_model_lost_before_its_week_was_scored_is_fitted_for_that_week_again(home):
    with open_store(home) as store:
        first = train(store, settings(home), NOW)
        damage(home)
        again = train(store, settings(home), NOW)
        assert (again.model_id, again.day) == (first.model_id, first.day)
        score(store, settings(home), NOW)
    assert "person3" in raised(home)


def test_models_lost_after_scoring_are_fitted_from_where_it_stands(home):
    middle = START + timedelta(days=17, hours=5)
    with open_store(home) as store:
        train(store, settings(home), NOW)
        score(store, settings(home), middle)
        train(store, settings(home), NOW)
        damage(home)
        assert train(store, settings(home), NOW).day == str(middle.date())
        score(store, settings(home), NOW)
    assert "person3" in raised(home)


def test_scoring_without_a_model_says_to_train(home):
    with open_store(home) as store, pytest.raises(ModelError, match="oddtrail train"):
        score(store, settings(home), NOW)


def test_training_on_too_little_says_how_much_is_needed(tmp_path):
    with open_store(tmp_path / "home") as store:
        ingest([a_trail(tmp_path / "short", a_company(days=4, people=2, roles=1))], store.events, now=NOW)
        with pytest.raises(NoHistoryError, match="at least 8 are needed"):
            train(store, settings(tmp_path / "home"), NOW)


def test_a_model_that_was_changed_on_disk_is_not_opened(home):
    with open_store(home) as store:
        train(store, settings(home), NOW)
        damage(home)
        with pytest.raises(ModelError, match=r"pairs\.parquet is missing or changed"):
            score(store, settings(home), NOW)
