"""The whole way: trails of four accounts come in, a watch finds the attacks, and a search of the alerts shows them.

Through the function into an index, through the stock function's index, and from the bucket itself: what is decided is
what the embedded path decides of the same deliveries.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lambda_ingest import handler as function
from pipeline.connection import connect
from pipeline.detect.trainer import train
from pipeline.detect.worker import catch_up, score
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.ingest.run import ingest
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.settings import Settings
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.stores.home import Store, open_store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.deliveries import delivered
from tests.pipeline.delivery.doors import s3_event, sqs_event
from tests.servers.engine import PASSWORD, Server

pytestmark = pytest.mark.sweep

DAYS, TRAINED = 11, 9
START = datetime(2026, 3, 2, tzinfo=UTC)
SPLIT = START + timedelta(days=TRAINED, minutes=20)
EACH = timedelta(minutes=397)
DEPLOYMENT = "whole-way"


class World(NamedTuple):
    """Trails, a home that was trained on their first days, and what the embedded path decides of the others."""

    home: Path
    later: list[Path]
    end: datetime
    attacked: set[str]
    """Principals of the planted attacks."""
    wanted: list[dict[str, Any]]


def settings_of(home: Path) -> Settings:
    return Settings(home=home, deployment=DEPLOYMENT, threads=1, memory=2**30, budget=4.0)


def told(store: Store) -> list[dict[str, Any]]:
    return [alert.as_dict() for alert in store.alerts.revisions()]


def steps(later: list[Path], end: datetime) -> Iterator[tuple[datetime, list[Path]]]:
    now, waiting = SPLIT + EACH, list(later)
    while now <= end + EACH:
        landing = [path for path in waiting if delivered(path) <= now]
        waiting = waiting[len(landing) :]
        yield now, landing
        now += EACH


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("whole_way")
    truth = simulate(
        folder / "trail", seed=3, days=DAYS, principals=80, start=START.date(),
        campaigns=CampaignPlan(2, 1, 0, (START + timedelta(days=TRAINED)).date()),
    )  # fmt: skip
    files = sorted((folder / "trail").rglob("*.json.gz"), key=lambda path: (delivered(path), path.name))
    later = [path for path in files if delivered(path) >= SPLIT]
    with open_store(folder / "home") as store:
        ingest([path for path in files if delivered(path) < SPLIT], store.events, now=SPLIT)
        train(store, settings_of(store.home), SPLIT)
    end = delivered(later[-1]) + timedelta(minutes=30)
    with open_store(shutil.copytree(folder / "home", folder / "embedded")) as store:
        ingest(later, store.events, now=end)
        score(store, settings_of(store.home), end)
        wanted = told(store)
    attacked = {campaign.principal_key for campaign in truth.campaigns}
    return World(folder / "home", later, end, attacked, wanted)


@pytest.fixture
def store(world: World, tmp_path: Path) -> Iterator[Store]:
    with open_store(shutil.copytree(world.home, tmp_path / "home")) as store:
        yield store


def key_of(path: Path) -> str:
    """Where CloudTrail puts a file."""
    return path.as_posix()[path.as_posix().index("AWSLogs/") :]


class Context:
    """Of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def check(server: Server, store: Store, world: World, wanted: list[dict[str, Any]]) -> None:
    """The alerts are those of the embedded path, in the home and in the index, and a search finds the thieves."""
    for mine, other in zip(told(store), wanted, strict=True):
        assert {name: value for name, value in mine.items() if other[name] != value} == {}, mine["alert_id"]
    server.ask("POST", "/oddtrail-alerts/_refresh")
    search = {
        "size": 500,
        "query": {"bool": {"filter": [{"term": {"oddtrail.deployment": DEPLOYMENT}}, {"term": {"raised": True}}]}},
    }
    hits = [hit["_source"] for hit in server.ask("POST", "/oddtrail-alerts/_search", search)["hits"]["hits"]]
    last = {alert["alert_id"]: alert for alert in wanted}
    assert {hit["alert_id"]: hit["revision"] for hit in hits} == {
        name: alert["revision"] for name, alert in last.items() if alert["raised"]
    }
    found = {hit["principal_key"] for hit in hits}
    assert len(found & world.attacked) >= len(world.attacked) - 1


def clean(server: Server) -> None:
    """Nothing of another test's."""
    search = {"size": 1_000, "query": {"match_all": {}}, "_source": False}
    hits = server.ask("POST", "/oddtrail-alerts*/_search?ignore_unavailable=true", search)["hits"]["hits"]
    for hit in hits:
        server.ask("DELETE", f"/{hit['_index']}/_doc/{hit['_id']}")


def watch_of(store: Store, server: Server, source: str, prefix: str) -> Watch:
    target = Target(parse_url(server.url), Setting(deployment=DEPLOYMENT, events=prefix))
    return Watch(store, settings_of(store.home), Plan((source,), (target,)))


def source_of(server: Server, pattern: str) -> str:
    base, _, query = server.url.partition("?")
    return f"{base}/{pattern}?{query}".rstrip("?")


def test_through_the_function_and_its_index(store, world, opensearch, prefix, aws, monkeypatch):
    bucket = aws.bucket("trail")
    set_up(Engine(parse_url(opensearch.url)), Naming(prefix))
    clean(opensearch)
    for name, value in {
        "URL": opensearch.url, "PREFIX": prefix, "RETENTION": "30000", "DEAD_LETTERS": "s3://nowhere/dead/",
        "BUCKETS": f"{bucket}/AWSLogs/",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"ODDTRAIL_{name}", value)
    monkeypatch.setenv("ENGINE_PASSWORD_OF_TESTS", PASSWORD)
    function._door.cache_clear()
    watch = watch_of(store, opensearch, source_of(opensearch, f"{prefix}-*"), prefix)
    trained = 0
    for now, landing in steps(world.later, world.end):
        for path in landing:
            aws.client("s3").upload_file(str(path), bucket, key_of(path))
        for start in range(0, len(landing), 20):
            events = [s3_event(key_of(path), bucket=bucket) for path in landing[start : start + 20]]
            assert not function.handler(sqs_event(*events), Context()).get("batchItemFailures")
        opensearch.ask("POST", f"/{prefix}-*/_refresh")  # else they come into sight half a minute later
        ticked = watch.tick(now)
        assert ticked.problems == []
        trained += bool(ticked.trained)
    watch.close()
    function._door.cache_clear()
    assert trained
    check(opensearch, store, world, world.wanted)


def test_from_the_bucket_itself(store, world, opensearch, prefix, aws):
    bucket = aws.bucket("trail")
    set_up(Engine(parse_url(opensearch.url)), Naming(prefix))
    clean(opensearch)
    watch = watch_of(store, opensearch, f"s3://{bucket}/AWSLogs/", prefix)
    for now, landing in steps(world.later, world.end):
        for path in landing:
            aws.client("s3").upload_file(str(path), bucket, key_of(path))
        assert watch.tick(now).problems == []
    watch.close()
    check(opensearch, store, world, world.wanted)


def test_from_the_index_that_the_stock_function_fills(store, world, opensearch, prefix, aws, tmp_path):
    """Its documents do not say when CloudTrail delivered: five minutes after each call stand for that, as with files
    whose names say nothing."""
    set_up(Engine(parse_url(opensearch.url)), Naming(prefix))
    clean(opensearch)
    watch = watch_of(store, opensearch, source_of(opensearch, "cwl-*"), "cwl")
    opensearch.ask("DELETE", "/cwl-2026.03.11,cwl-2026.03.12,cwl-2026.03.13?ignore_unavailable=true")
    with open_store(shutil.copytree(world.home, tmp_path / "embedded")) as other, connect(1, 2**30) as connection:
        scoring = None
        for number, (now, landing) in enumerate(steps(world.later, world.end)):
            records = [
                record for path in landing for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
            ]
            plain = tmp_path / f"{number}.json"
            plain.write_text("\n".join(map(json.dumps, records)))
            if records:
                put(opensearch, records)
                ingest([plain], other.events, now=now)
            if scoring is None:
                scoring, _ = catch_up(other, settings_of(other.home), now, connection)
            else:
                scoring.go_on(now)
            assert watch.tick(now).problems == []
        watch.close()
        check(opensearch, store, world, told(other))


def put(server: Server, records: list[dict[str, Any]]) -> None:
    """Index records as the stock function of CloudWatch Logs does."""
    lines = []
    for record in records:
        day = record["eventTime"][:10].replace("-", ".")
        lines.append({"index": {"_index": f"cwl-{day}", "_id": record["eventID"]}})
        lines.append({
            "@id": record["eventID"], "@timestamp": record["eventTime"], "@message": json.dumps(record),
            "@owner": record["recipientAccountId"], "@log_group": "trail", "@log_stream": "stream",
        })  # fmt: skip
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    assert not server.ask("POST", "/_bulk?refresh=true", body)["errors"]
