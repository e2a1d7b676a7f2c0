"""A bucket's logs into another bucket: whoever decodes and counts reaches both by itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.shared.activity import pull_activity
from pipeline.shared.place import open_place
from pipeline.spark.work import WORK
from pipeline.stores.home import open_store
from tests.pipeline.ingest.records import write_bucket
from tests.pipeline.spark.both import by_home, by_spark, differences, in_place
from tests.servers.aws import Aws, environment_of
from tests.servers.aws import aws as aws
from tests.servers.aws import moto_url as moto_url

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.mark.sweep
def test_from_a_bucket_into_a_bucket(spark, aws: Aws, tmp_path: Path, monkeypatch):
    write_bucket(tmp_path / "trail", files=6, each=20)
    trail, shared = aws.bucket("trail"), aws.bucket("shared")
    for path in sorted((tmp_path / "trail").rglob("*.gz")):
        aws.client("s3").upload_file(str(path), trail, path.relative_to(tmp_path / "trail").as_posix())
    for name, value in environment_of(aws.url).items():
        monkeypatch.setitem(spark.sparkContext.environment, name, value)
    out = f"s3://{shared}/prod"
    report = by_spark(spark, out, [f"s3://{trail}/AWSLogs/"], NOW)
    assert (report.calls, report.totals.files) == (120, 6)
    home, _ = by_home(tmp_path / "home", [tmp_path / "trail"], NOW)
    assert differences(home, in_place(out)) == []
    assert list(open_place(out).names(WORK)) == []
    with open_store(tmp_path / "trainer") as store:
        settings = Settings(home=store.home, activity_at=out)
        assert len(pull_activity(open_place(out), store, settings, NOW).tables) == len(store.activity.days()) == 3
    assert by_spark(spark, out, [f"s3://{trail}/AWSLogs/"], NOW).decoded == 0
