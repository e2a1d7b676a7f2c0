"""Backfill a company's month of many accounts on this machine's Spark, and hold its alerts to those of one home.

Two go on from the backfill: a home that trains on it and holds the newest days, and a trainer beside such a home.

    python -m benchmarks.spark_backfill                    # 20 accounts, 30 days
    python -m benchmarks.spark_backfill --accounts 4 --days 20

Prints seconds and memory of each path, and whether models and alerts are the same.
"""

import argparse
import gzip
import json
import random
import resource
import shutil
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pipeline.detect.trainer import FIRST_SCORED_DAYS, train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.shared.rounds import score_apart, train_apart
from pipeline.spark.backfill import backfill
from pipeline.spark.plan import Plan
from pipeline.spark.session import spark_session
from pipeline.stores.bundles.pair import KeyFile
from pipeline.stores.home import open_store

START: Final = date(2026, 3, 2)
_READS: Final = ("ec2:DescribeInstances", "logs:GetLogEvents", "ecs:DescribeServices", "rds:DescribeDBInstances")
_STEPS: Final = ("sts:GetCallerIdentity", "iam:ListUsers", "iam:CreateUser", "iam:CreateAccessKey")


def write_trail(
    folder: Path,
    accounts: int,
    days: int,
    roles: int,
    calls: int,
    seed: int = 1,
    *,
    hours: Collection[int] = range(24),
    seldom: Collection[int] = (),
) -> int:
    """Write a trail as a bucket would hold it, with a theft on the last day but two; return its records.

    Parameters
    ----------
    roles
        In each account.
    calls
        Of a role in an hour, at most; the first account has ten times as many.
    hours
        Of a day, in which there are calls; the theft is at 14.
    seldom
        Numbers of accounts that call every other Monday only.
    """
    chance = random.Random(seed)
    written = 0
    for number in range(accounts):
        account = f"{100_000_000_000 + number * 1_111:012d}"
        for day in range(0, days, 14 if number in seldom else 1):
            for hour in hours:
                at = datetime(START.year, START.month, START.day, hour, tzinfo=UTC) + timedelta(days=day)
                records = list(_hour(account, at, roles, calls * (10 if number == 0 else 1), chance))
                if number == accounts - 1 and day == days - 3 and hour == 14:
                    records += list(_theft(account, at))
                _write(folder, account, at, records, chance)
                written += len(records)
    return written


def _hour(account: str, at: datetime, roles: int, calls: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for role in range(roles):
        for _ in range(chance.randint(1, calls)):
            time_ = at + timedelta(seconds=chance.randrange(3600))
            yield _record(account, f"app{role}", "203.0.113.7", chance.choice(_READS), time_, chance.getrandbits(122))


def _theft(account: str, at: datetime) -> Iterator[dict[str, Any]]:
    for step, action in enumerate(_STEPS):
        yield _record(account, "app0", "192.0.2.66", action, at + timedelta(minutes=2 * step), step)


def _record(account: str, role: str, address: str, action: str, at: datetime, number: int) -> dict[str, Any]:
    service, _, name = action.partition(":")
    arn = f"arn:aws:iam::{account}:role/{role}"
    key = f"AROA{role.upper()}{account}"
    issuer = {"type": "Role", "principalId": key, "arn": arn, "accountId": account, "userName": role}
    return {
        "eventVersion": "1.11", "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "eventSource": f"{service}.amazonaws.com",
        "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": address, "userAgent": "Boto3/1.34.0",
        "eventID": str(uuid.UUID(int=number + (hash_of(account) << 64), version=4)), "eventType": "AwsApiCall",
        "recipientAccountId": account, "eventCategory": "Management", "readOnly": not name.startswith("Create"),
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"{key}:i-0123456789abcdef0", "accountId": account,
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/i-0123456789abcdef0",
            "accessKeyId": "ASIAEXAMPLE000000001",
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"creationDate": f"{at:%Y-%m-%dT00:00:00Z}"}},
        },
    }  # fmt: skip


def list_newest(trail: Path, days: int) -> list[Path]:
    """The files of a trail of so many days that a home has to hold: of the last week, and of two days before."""
    begins = f"{START + timedelta(days=days - FIRST_SCORED_DAYS - 2):%Y%m%d}"
    return [path for path in sorted(trail.rglob("*.gz")) if path.name.split("_")[3] >= begins]


def hash_of(account: str) -> int:
    """A number of an account, so that ids of two accounts differ.

    >>> hash_of("100000000000") < 1 << 32
    True
    """
    return int(account) % (1 << 31)


def _write(folder: Path, account: str, at: datetime, records: list[dict[str, Any]], chance: random.Random) -> None:
    minute = at + timedelta(hours=1, minutes=5)
    name = f"{account}_CloudTrail_eu-west-1_{minute:%Y%m%dT%H%M}Z_{chance.getrandbits(64):016x}.json.gz"
    path = folder / "AWSLogs" / account / "CloudTrail" / "eu-west-1" / f"{minute:%Y/%m/%d}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), 6, mtime=0))


def main() -> None:
    """Run it, and print what came of it as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("accounts", 20), ("days", 30), ("roles", 4), ("calls", 3)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--master", default="local[*]")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="oddtrail-spark-") as folder:
        trail = Path(folder) / "trail"
        records = write_trail(trail, given.accounts, given.days, given.roles, given.calls)
        started = time.monotonic()
        with spark_session(given.master) as spark:
            ready = round(time.monotonic() - started, 1)
            told = compare(spark, trail, given.days, Path(folder))
    told = {"accounts": given.accounts, "days": given.days, "records": records, "spark_start_seconds": ready, **told}
    print(json.dumps(told, indent=2))


def compare(spark: Any, trail: Path, days: int, folder: Path) -> dict[str, Any]:
    """All paths over a trail, with what they make below a folder; what came of them."""
    out = folder / "shared"
    now = datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=days + 1)
    started = time.monotonic()
    report = backfill(spark, Plan([str(trail)], str(out), "UTC", 15, now))
    told: dict[str, Any] = {"spark_seconds": round(time.monotonic() - started, 1), "account_days": report.account_days}
    apart = Path(shutil.copytree(out, folder / "apart"))  # each home says in its place how far it has scored
    started = time.monotonic()
    with open_store(folder / "one") as one:
        alone = Settings(home=one.home, threads=1, memory=2**30)
        ingest([trail], one.events, now=now)
        told["ingest_seconds"] = round(time.monotonic() - started, 1)
        model = train(one, alone, now)
        score(one, alone, now)
        alerts = [alert.as_dict() for alert in one.alerts.revisions()]
        raised = len(list(one.alerts.latest(raised=True)))
    key = KeyFile(folder / "signing.pem")
    public = key.make()
    shared = {"models_at": str(apart), "activity_at": str(apart), "threads": 1, "memory": 2**30}
    newest = list_newest(trail, days)
    with open_store(folder / "both") as both:
        scored = Settings(home=both.home, activity_at=str(out), threads=1, memory=2**30)
        ingest(newest, both.events, now=now)
        here = train_apart(both, scored, now)
        score_apart(both, scored, now)
        of_both = [alert.as_dict() for alert in both.alerts.revisions()]
    with open_store(folder / "trainer") as trainer, open_store(folder / "worker") as worker:
        trained = train_apart(trainer, Settings(home=trainer.home, signing_key=str(key.path), **shared), now)
        ingest(newest, worker.events, now=now)
        score_apart(worker, Settings(home=worker.home, trusted_keys=(public.text,), **shared), now)
        again = [alert.as_dict() for alert in worker.alerts.revisions()]
    return told | {
        "calls": report.calls,
        "same_model": trained.model_id == here.model_id == model.model_id,
        "same_alerts": again == of_both == alerts,
        "revisions": len(alerts),
        "raised": raised,
        "driver_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "machines_peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
    }


if __name__ == "__main__":
    main()
