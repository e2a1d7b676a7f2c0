"""From files to alerts by way of Spark: the same model, and the same alerts, as of one home that has everything."""

from datetime import timedelta
from pathlib import Path

from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.shared.rounds import score_apart, train_apart
from pipeline.stores.bundles.pair import KeyFile
from pipeline.stores.home import open_store
from tests.pipeline.spark.both import by_spark, listing
from tests.worlds import START, a_company, a_theft, a_trail, as_person, as_role

DAYS, THEFT_DAY, ACCOUNTS = 17, 14, 3
NOW = START + timedelta(days=DAYS + 1)
NEWEST = 9
"""The day from which on the home that scores holds events: one before the first that it judges."""


def some_accounts(folder: Path) -> Path:
    """A company's files, a day each: people in one account, each role in one of its own, and a theft."""
    rows = a_company(days=DAYS, people=2, roles=ACCOUNTS) + a_theft(THEFT_DAY, victim=as_person("person1"))
    for row in rows:
        if row["kind"] == "workload":
            account = f"2222222222{row['principal_name'][7]}0"
            row |= {key: as_role(row["principal_name"], account)[key] for key in ("account", "identity_arn")}
    return a_trail(folder, rows)


def test_alerts_are_those_of_one_home(spark, tmp_path):
    trail = some_accounts(tmp_path / "trail")
    by_spark(spark, tmp_path / "shared", [trail], NOW)
    shared = {"models_at": str(tmp_path / "shared"), "activity_at": str(tmp_path / "shared")}
    given = {"threads": 1, "memory": 2**30, "budget": 2.0, "detectors": ("surprise",)}
    key = KeyFile(tmp_path / "signing.pem")
    public = key.make()
    newest = [path for path in sorted(trail.iterdir()) if path.name >= f"{START + timedelta(days=NEWEST):%Y%m%d}"]
    with (
        open_store(tmp_path / "one") as one,
        open_store(tmp_path / "trainer") as trainer,
        open_store(tmp_path / "worker") as worker,
    ):
        ingest([trail], one.events, now=NOW)
        alone = Settings(home=one.home, **given)
        model = train(one, alone, NOW)
        trained = train_apart(trainer, Settings(home=trainer.home, signing_key=str(key.path), **shared, **given), NOW)
        assert trained.model_id == model.model_id
        ingest(newest, worker.events, now=NOW)
        apart = Settings(home=worker.home, trusted_keys=(public.text,), **shared, **given)
        told, same = score_apart(worker, apart, NOW), score(one, alone, NOW)
        assert (told.model_id, told.revisions) == (same.model_id, same.revisions)
        alerts = [alert.as_dict() for alert in worker.alerts.revisions()]
        assert alerts == [alert.as_dict() for alert in one.alerts.revisions()]
        assert "person1" in {alert.principal_name for alert in worker.alerts.latest(raised=True)}
        # the home's own activity is shared now, and the history of the backfill stays beside it
        assert len(listing(tmp_path / "shared").tables) == len(one.activity.days())
