"""Environments for branches: made by a pipeline through CloudFormation, used, and taken away again."""

import gzip
import json
from datetime import date
from pathlib import Path
from random import Random

from pipeline.simulate.population import populate
from pipeline.simulate.previews import plan_preview, play
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Trail
from pipeline.simulate.visitors import Visitor

EPOCH = (date(2025, 1, 6) - date(1970, 1, 1)).days


def records(out: Path):
    """What a preview of four days leaves in a trail of a week."""
    pipeline = next(one for one in populate(1, 230).machines if isinstance(one, Visitor) and one.how == "pipeline")
    preview = plan_preview(pipeline, Random(7), 101, EPOCH + 1, EPOCH + 4)
    trail = Trail(out, begin=EPOCH * DAY, end=(EPOCH + 7) * DAY, span=420, choice=Random(1))
    for day in range(EPOCH, EPOCH + 7):
        play(preview, day, Random(f"preview {day}"), trail, Resources(1), EPOCH)
    trail.deliver(trail.end)
    found = [
        record
        for path in out.rglob("*.json.gz")
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]
    return preview, sorted(found, key=lambda record: record["eventTime"])


def test_an_environment_is_made_used_and_taken_away(tmp_path: Path) -> None:
    preview, found = records(tmp_path)
    names = [machine.identity.name for machine in preview.machines]
    made, gone = ([r for r in found if r["eventName"] == f"{verb}Role"] for verb in ("Create", "Delete"))
    for calls, day in ((made, "2025-01-07"), (gone, "2025-01-10")):
        assert [record["requestParameters"]["roleName"] for record in calls] == names
        assert {record["eventTime"][:10] for record in calls} == {day}
        assert {record["userIdentity"]["invokedBy"] for record in calls} == {"cloudformation.amazonaws.com"}
        issuers = {record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] for record in calls}
        assert issuers == {preview.pipeline.identity.arn}
    used = [r for r in found if any(f"/{name}/" in r["userIdentity"].get("arn", "") for name in names)]
    assert {record["eventTime"][:10] for record in used} == {"2025-01-08", "2025-01-09"}
    assert {record["eventName"] for record in found if record["eventName"].endswith("Stack")} == {
        "CreateStack", "DeleteStack",
    }  # fmt: skip


def test_each_environment_has_roles_of_its_own() -> None:
    pipeline = next(one for one in populate(1, 230).machines if isinstance(one, Visitor) and one.how == "pipeline")
    choice = Random(7)
    ids = [m.identity.id for n in range(3) for m in plan_preview(pipeline, choice, n, EPOCH, EPOCH + 2).machines]
    assert len(set(ids)) == len(ids) == 6
