"""What a worker is given: too little memory, crafted models, odd events, a burst (rows 40, 43 to 47 and 52)."""

import gzip
import json
import math
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pipeline.detect.promotion import change
from pipeline.detect.served import find_served
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import NoHistoryError
from pipeline.ingest.run import ingest
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.pipeline.detect.conftest import (  # noqa: F401
    DAYS,
    NOW,
    ingested,
    refreshed,
    settings_of,
    store,
    trail,
    trained,
)
from tests.pipeline.ingest.records import a_name, write
from tests.worlds import START, _record, a_trail, an_event, as_person, as_role, numbered


def told(home: Store) -> list[dict[str, Any]]:
    return [alert.as_dict() for alert in home.alerts.revisions()]


@pytest.fixture(scope="module")
def wanted(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:  # noqa: F811
    """What is decided where nothing is odd."""
    with open_store(shutil.copytree(trained, tmp_path_factory.mktemp("wanted") / "home")) as home:
        score(home, settings_of(home.home), NOW)
        return told(home)


# -- memory ------------------------------------------------------------------------------------------------------------

WITHIN = """
import resource, sys
bound = int(sys.argv.pop(1))
import duckdb, pyarrow.parquet, scipy.stats, sklearn.ensemble, pipeline.shared.rounds, pipeline.cli.app
[size] = [line for line in open("/proc/self/status") if line.startswith("VmSize")]
resource.setrlimit(resource.RLIMIT_AS, ((int(size.split()[1]) << 10) + bound,) * 2)
from pipeline.cli.app import main
main()
"""
"""Where so many bytes can be had beside the libraries."""


@pytest.mark.parametrize("memory", ["256MiB", "1GiB"])
@pytest.mark.sweep
def test_a_gigabyte_is_enough_and_decides_alike(
    tmp_path: Path, refreshed: Path, wanted: list[dict[str, Any]], memory: str  # noqa: F811
) -> None:  # fmt: skip
    home = shutil.copytree(refreshed, tmp_path / "home")
    for command in ("train", "score"):
        line = [sys.executable, "-c", WITHIN, str(1 << 30), command, "--home", str(home), "--memory", memory]
        # Threads of the libraries reserve 64 MiB of addresses each, of which they use next to nothing.
        threads = {"ODDTRAIL_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        environment = {**os.environ, **threads, "ODDTRAIL_BUDGET": "2"}
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, env=environment)
        assert done.returncode == 0, done.stderr
    with open_store(home) as opened:
        assert told(opened) == wanted


# -- models ------------------------------------------------------------------------------------------------------------

WITHOUT_PICKLE = """
import sys
def hear(event, given):
    if event == "pickle.find_class":
        raise SystemExit(f"unpickled {given}")
sys.addaudithook(hear)
from pipeline.cli.app import main
main()
"""


class Payload:
    """Makes a folder as it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.mark),)


def skopsed(mark: Path) -> bytes:
    """What versions of skops ran as they loaded it: a node that names a function of ours to call."""
    content = BytesIO()
    arguments = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [str(mark)]}
    method = {
        "__class__": "mkdir", "__module__": "os", "__loader__": "OperatorFuncNode", "attrs": arguments, "__id__": 1,
    }  # fmt: skip
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("schema.json", json.dumps({**method, "protocol": 2, "_skops_version": "0.10.0"}))
    return content.getvalue()


@pytest.mark.parametrize("name", ["model.pkl", "model.skops", "pairs.parquet", "meta.json", "manifest.json", "link"])
def test_nothing_among_the_models_is_ever_unpickled(tmp_path: Path, trained: Path, name: str) -> None:  # noqa: F811
    home, mark = shutil.copytree(trained, tmp_path / "home"), tmp_path / "mark"
    [info] = Bundles(home).every()
    crafted = skopsed(mark) if name.endswith(".skops") else pickle.dumps(Payload(mark))
    if name == "link":
        (tmp_path / "elsewhere").write_bytes(crafted)
        (info.path / "model.joblib").symlink_to(tmp_path / "elsewhere")
    else:
        (info.path / name).write_bytes(crafted)
    command = [sys.executable, "-c", WITHOUT_PICKLE, "score", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert "Traceback" not in done.stderr
    assert info.path.name in done.stderr
    assert not mark.exists()


def test_a_run_is_pinned_to_the_model_it_began_with(
    store: Store, wanted: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    """As the first alerts are written, it is taken out of service and its folder removed."""
    bundles = Bundles(store.home)
    [info] = find_served(store, bundles)
    append, calls = AlertsJsonl.append, list[int]()

    def swap(self: AlertsJsonl, alerts: Any) -> int:
        if not calls:
            change(store, bundles, lambda found: found.set_aside(info.path.name, "by hand"))
            shutil.rmtree(info.path)
        calls.append(1)
        return append(self, alerts)

    monkeypatch.setattr(AlertsJsonl, "append", swap)
    assert score(store, settings_of(store.home), NOW).model_id == info.model_id
    assert len(calls) > 1
    assert told(store) == wanted


@pytest.mark.parametrize("rows", [0, 1])
def test_too_little_to_learn_from_leaves_the_model_in_service(
    store: Store, wanted: list[dict[str, Any]], rows: int, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    served = [info.model_id for info in find_served(store, Bundles(store.home))]
    store.events.prune(date(2100, 1, 1), NOW)
    with store.manifest.transaction():
        every = [segment.path for segment in store.manifest.every("activity/*")]
        store.manifest.swap(out=every, into=[], now=NOW)
    if rows:
        one = an_event(**as_role("service0-prod-role"), action="s3:GetObject", event_time=START)
        ingest([a_trail(tmp_path / "one", numbered([one], "only"))], store.events, now=NOW)
    with pytest.raises(NoHistoryError, match="ingest"):
        train(store, settings_of(store.home), NOW)
    assert [info.model_id for info in find_served(store, Bundles(store.home))] == served


# -- events ------------------------------------------------------------------------------------------------------------


def unseen() -> list[dict[str, Any]]:
    """Records each of which has something that nobody has seen, and one in which everything is so."""
    time = START + timedelta(days=DAYS - 1, hours=10)
    usual = _record(an_event(**as_person("person0"), action="ec2:DescribeInstances", event_time=time))
    odd: dict[str, Any] = {
        "awsRegion": "xx-nowhere-9", "eventName": "FrobnicateEverything", "eventSource": "brandnew.amazonaws.com",
        "eventCategory": "Data", "eventType": "AwsFutureCall", "sourceIPAddress": "2001:db8::1",
        "userAgent": "\u202e" + "x" * 2_000, "recipientAccountId": "999999999999", "errorCode": "Client.NeverHeardOf",
        "eventVersion": "9.99", "vpcEndpointId": "vpce-1", "requestParameters": {"frob": [{"deep": [[1e300]]}]},
        "userIdentity": {"type": "Martian", "principalId": "X1", "arn": "arn:aws-mars:iam::999999999999:being/zork"},
    }  # fmt: skip
    return [usual | {name: value} for name, value in odd.items()] + [usual | odd]


def test_what_nobody_has_seen_is_judged_with_a_score_that_is_one(store: Store, tmp_path: Path) -> None:  # noqa: F811
    records = [record | {"eventID": f"00000000-0000-4000-8000-{number:012}"} for number, record in enumerate(unseen())]
    day = START + timedelta(days=DAYS - 1)
    write(tmp_path / "in" / a_name(f"{day:%Y%m%d}T1005Z"), json.dumps({"Records": records}).encode())
    report = ingest([tmp_path / "in"], store.events, now=NOW)
    assert (report.stored, report.set_aside) == (len(records), 0)
    score(store, settings_of(store.home), NOW)
    of_day = [alert for alert in store.alerts.revisions() if alert.day == day.date()]
    assert any("999999999999" in alert.accounts for alert in of_day), "who is all new is told"
    for alert in store.alerts.revisions():
        assert 0 <= alert.record_score <= 100
        assert math.isfinite(alert.evidence)
        assert all(math.isfinite(reason.nats) and math.isfinite(reason.typical) for reason in alert.reasons)


def test_a_burst_is_taken_in_within_a_tick_and_hides_nothing(
    store: Store, wanted: list[dict[str, Any]], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """For ten minutes a role calls fifty times as often; what others are told of, and when, stays as it was."""
    start = START + timedelta(days=14, hours=15)
    role = as_role("service0-prod-role")
    for minute in range(10):
        rows = [
            an_event(**role, action="s3:GetObject", event_time=start + timedelta(minutes=minute, seconds=n / 10))
            for n in range(300)
        ]
        records = [_record(row) for row in numbered(rows, f"burst{minute}")]
        content = gzip.compress(json.dumps({"Records": records}).encode())
        at = (start + timedelta(minutes=minute + 5)).astimezone(UTC)
        write(tmp_path / "in" / a_name(f"{at:%Y%m%dT%H%MZ}", mark=f"{minute:016}"), content, pack=False)
    assert ingest([tmp_path / "in"], store.events, now=NOW).stored == 3_000
    score(store, settings_of(store.home), NOW)
    others = [alert for alert in told(store) if "service0" not in alert["principal_name"]]
    before = [alert for alert in wanted if "service0" not in alert["principal_name"]]
    assert [(alert["alert_id"], alert["detected_at"]) for alert in others] == [
        (alert["alert_id"], alert["detected_at"]) for alert in before
    ]
    assert any(alert["raised"] for alert in others)
