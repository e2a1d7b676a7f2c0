"""A home for the browser: two weeks of a few principals from several countries, alerts, a receipt."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.stores.alert import Alert
from pipeline.stores.compared import Comparison, KeptAlert, KeptNative, KeptRow, put_comparison
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.receipts import AccountDay, Gap, Receipt, ReceiptsJsonl
from pipeline.stores.parquet.hour_scores import SCHEMA
from tests.builders import a_count, a_reason
from tests.pipeline.cli.homes import ACCOUNT, NINE, a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.browser.addresses import DEPLOY

DAYS: Final = 14
ADDRESSES: Final = ("21.8.0.7", "21.0.3.9", "21.16.1.1", "21.36.9.9", "198.51.100.7")
"""Of Germany, the United States, Korea and Singapore in the demo's geo databases, and of nowhere."""
LONG: Final = "arn:aws:iam::111122223333:policy/" + "a-name-without-any-place-to-break" * 4
"""What no line of a phone has room for."""


def a_browsed_home(folder: Path) -> Path:
    """The home; every page has something to show."""
    (folder / "home").mkdir()
    (folder / "home" / "geoip").symlink_to(str(files("pipeline") / "data" / "demo_geo"))
    home = a_home(folder, _records())
    ReceiptsJsonl(home / "receipts.jsonl").add(a_receipt())
    _put_scores(home)
    put_comparison(home, a_comparison())
    return with_alerts(home, *_alerts())


def _put_scores(home: Path) -> None:
    """Activity, and an hour that models of vectors called strange."""
    measure = {"measure": "calls", "typical": 2.0, "actual": 40.0, "share": 1.0}
    row = {
        "principal": DEPLOY, "principal_name": "deploy", "principal_kind": "workload", "day": NINE.date(), "hour": NINE,
        "scored_at": NINE + timedelta(minutes=75), "model": "population", "raw_score": 9.0, "record_score": 90.0,
        "measures": [measure],
    }  # fmt: skip
    now = NINE + timedelta(hours=16)
    with open_store(home) as store, connect(1, 1 << 30) as connection:
        refresh_activity(store, connection, timezone="UTC", lateness_minutes=15, now=now)
        store.hour_scores.put(NINE.date(), pa.Table.from_pylist([row], schema=SCHEMA))


def a_comparison() -> Comparison:
    """A day that both found, and one that a native job alone found."""
    ours = KeptAlert(an_alert().alert_id, 91.0, "critical", an_alert().title)
    theirs = KeptNative("suspicious_calls", 80.0, NINE, NINE + timedelta(minutes=15))
    both = KeptRow(NINE.date(), DEPLOY, "deploy", "both", [ours], ["iam:CreateAccessKey"], [theirs])
    alone = KeptRow(NINE.date(), None, f"resource={LONG}", "native", native=[theirs])
    counts = {"both": 1, "ours": 0, "native": 1}
    return Comparison(NINE, NINE - timedelta(days=7), "http://localhost:9200", counts, [both, alone])


def _records() -> list[dict[str, Any]]:
    start = NINE - timedelta(days=DAYS)
    usual = [
        a_record(start + timedelta(days=day, hours=hour), sourceIPAddress=ADDRESSES[0] if hour % 3 else ADDRESSES[1])
        for day in range(DAYS)
        for hour in range(day % 5, 9)
    ]
    from_elsewhere = [
        a_record(NINE + timedelta(minutes=minute), "ListBuckets", "s3", sourceIPAddress=address)
        for minute, address in enumerate(ADDRESSES)
    ]
    request = {"userName": "backup", "policyArn": LONG}
    made = a_record(NINE + timedelta(minutes=5), "CreateAccessKey", "iam", requestParameters=request)
    denied = a_record(NINE + timedelta(minutes=6), "GetSecretValue", "secretsmanager", errorCode="AccessDenied")
    return [*usual, *from_elsewhere, made, denied]


def _alerts() -> list[Alert]:
    reasons = [a_reason(), a_reason(value=LONG, text=f"first {LONG}: never in 213 active hours", nats=3.0), a_count()]
    scores = {"incident": 91.4, "forest": 55.0, "population": 56.0}
    held = {"raised": False, "held_because": "budget", "record_score": 30.0, "severity": "minor"}
    return [
        an_alert(reasons=reasons, scores=scores),
        an_alert(alert_id="aaaa", title="deploy called s3:ListBuckets, from a new network", severity="high"),
        an_alert(alert_id="bbbb", title=f"deploy touched {LONG}", **held),
        an_alert(alert_id="cccc", title="deploy called kms:CreateGrant", severity="medium", day="2026-03-01"),
    ]


def a_receipt(account: str = ACCOUNT, model_id: str = "20513-0123456789abcdef") -> Receipt:
    """A receipt of a day with a silence."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Receipt(
        deployment="eu", day=date(2026, 3, 1), start=noon - timedelta(hours=12), end=noon + timedelta(hours=12),
        written_at=noon + timedelta(hours=14), model_id=model_id, events=30, late=1, principals=1,
        accounts=[AccountDay(account=account, events=30, late=1, missing_hours=3)],
        gaps=[Gap(account=account, start=noon, end=noon + timedelta(hours=3), expected=12.0)],
        set_aside=0, dead_letters=0, alerts_raised=1, alerts_held=0,
        never_judged=0,
    )  # fmt: skip
